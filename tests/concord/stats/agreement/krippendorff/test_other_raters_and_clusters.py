"""Alpha that speaks of other raters, and of units that belong together."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from concord.stats import InputError
from concord.stats.agreement import alpha_difference, krippendorff_alpha
from tests.concord.stats.agreement.tables import TWELVE, long_form, units_by_raters


def _left_out(long: tuple[np.ndarray, ...], part: np.ndarray, level: str) -> tuple[float, int]:
    """Return the jackknife's variance of alpha over the parts of the ratings, each left out and counted anew."""
    values = [
        krippendorff_alpha(*(column[part != code] for column in long), level=level, n_resamples=0).value
        for code in np.unique(part)
    ]
    n = len(values)
    return (n - 1) * float(np.var(values)), n


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "interval of many values"])
def test_the_interval_that_speaks_of_other_raters_against_leaving_out_everything_in_turn(level: str) -> None:
    rng = np.random.default_rng(1)
    table = rng.normal(size=(12, 1)) + rng.normal(0, 0.5, size=5) + rng.normal(size=(12, 5))
    if "many" not in level:
        table = np.clip(np.round(table), -1, 2)
    given = rng.random(60) < 0.8
    unit, rater, value = (column[given] for column in units_by_raters(table))
    level = level.split()[0]
    kept = np.bincount(unit)[unit] > 1
    long = unit[kept], rater[kept], value[kept]
    by_units, n = _left_out(long, long[0], level)
    by_raters, n_raters = _left_out(long, long[1], level)
    by_ratings, _ = _left_out(long, np.arange(len(long[0])), level)
    variance = max(by_units + by_raters - by_ratings, by_units)
    df = variance**2 / (by_units**2 / (n - 1) + by_raters**2 / (n_raters - 1))
    found = krippendorff_alpha(*long, level=level, resample="units+raters")
    assert found.standard_error == pytest.approx(np.sqrt(variance), rel=1e-9)
    assert found.value - found.low == pytest.approx(stats.t.ppf(0.975, df) * np.sqrt(variance), rel=1e-9)


@pytest.mark.parametrize("level", ["nominal", "ordinal", "ratio"])
def test_many_categories_speak_of_other_raters_as_few_do(level: str) -> None:
    rng = np.random.default_rng(2)
    table = np.round(
        40 + 12 * (rng.normal(size=(40, 1)) + rng.normal(0, 0.5, size=8) + rng.normal(size=(40, 8)))
    )
    table = np.abs(table) + (np.arange(40)[:, None] if level == "nominal" else 0)
    fine = krippendorff_alpha(*units_by_raters(table), level=level, resample="units+raters")
    alone = krippendorff_alpha(*units_by_raters(table), level=level, n_resamples=200)
    assert fine.low < fine.value < fine.high
    assert fine.standard_error > 0.9 * alone.standard_error


def test_anonymous_ratings_are_raters_of_their_own_both_ways() -> None:
    rng = np.random.default_rng(3)
    unit, _, value = units_by_raters(np.round(rng.normal(size=(25, 1)) + rng.normal(size=(25, 3))))
    own = krippendorff_alpha(unit, np.arange(75), value, level="nominal", resample="units+raters")
    anonymous = krippendorff_alpha(unit, np.full(75, -1), value, level="nominal", resample="units+raters")
    assert (anonymous.low, anonymous.high) == pytest.approx((own.low, own.high))


def test_raters_with_levels_of_their_own_widen_the_interval_that_speaks_of_others() -> None:
    rng = np.random.default_rng(4)
    table = np.clip(
        np.round(rng.normal(size=(300, 1)) + rng.normal(size=4) + 0.3 * rng.normal(size=(300, 4))), -2, 2
    )
    both = krippendorff_alpha(*units_by_raters(table), level="ordinal", resample="units+raters")
    units = krippendorff_alpha(*units_by_raters(table), level="ordinal")
    assert both.high - both.low > 2 * (units.high - units.low)


def test_a_handful_of_units_is_said_to_tell_little_of_other_raters_and_of_differences(
    rng: np.random.Generator,
) -> None:
    ratings = units_by_raters(rng.integers(0, 3, (12, 6)).astype(float))
    few = tuple(column[:30] for column in ratings)  # five units
    for data, said in ((few, True), (ratings, False)):
        alpha = krippendorff_alpha(*data, level="nominal", resample="units+raters")
        assert any("5 units tell little" in note for note in alpha.notes) is said
        gap = alpha_difference(*data, data[1] % 2, level="nominal", n_resamples=200, rng=rng)
        assert [note for note in gap.notes if "tell little" in note] == [
            f"group {group}: 5 units tell little of others: the interval may be too narrow."
            for group in (0, 1)
        ] * said


def test_two_raters_give_no_interval_that_speaks_of_others() -> None:
    ratings = [1, 1, 2, 2, 3, 3], [0, 1] * 3, [0, 1, 1, 1, 0, 0]
    found = krippendorff_alpha(*ratings, level="nominal", resample="units+raters")
    assert np.isnan(found.low)
    assert "two raters do not tell what others would say" in found.notes[-1]


LEVELS = ("nominal", "ordinal", "interval", "ratio")
NAN = np.nan


def answered_by_example(n_examples: int, seed: int = 4) -> tuple[np.ndarray, ...]:
    """Three raters, four outputs of each example: units, raters, values, examples."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(1, 6, (n_examples, 1, 1)) + rng.integers(0, 2, (n_examples, 4, 1))
    table = np.clip(truth + rng.integers(-1, 2, (n_examples, 4, 3)), 1, 6).reshape(-1, 3)
    table = np.where(rng.random(table.shape) < 0.2, NAN, table.astype(float))
    return (*long_form(table.T), np.arange(table.size) % len(table) // 4)


@pytest.mark.parametrize("level", LEVELS)
def test_the_jackknife_over_clusters_against_leaving_each_out(level: str) -> None:
    units, raters, values, examples = answered_by_example(12)
    found = krippendorff_alpha(units, raters, values, level=level, clusters=examples)
    left = [
        krippendorff_alpha(
            units[kept], raters[kept], values[kept], level=level, categories=range(1, 7), n_resamples=0
        ).value
        for kept in (examples != example for example in range(12))
    ]
    error = np.sqrt(11 / 12 * np.square(np.array(left) - np.mean(left)).sum())
    assert found.standard_error == pytest.approx(error, rel=1e-9)
    half = 2.200985160082949 * error  # Student's t, 11 degrees of freedom
    assert [found.low, found.high] == pytest.approx([found.value - half, min(found.value + half, 1)])
    assert found.value == krippendorff_alpha(units, raters, values, level=level).value
    assert found.method == "jackknife of 12 clusters, t interval"


def test_many_clusters_are_left_out_in_groups_of_about_the_same_error() -> None:
    data = answered_by_example(450)
    grouped = krippendorff_alpha(*data[:3], level="interval", clusters=data[3])
    assert "200 groups of clusters" in grouped.method
    by_unit = krippendorff_alpha(*data[:3], level="interval")
    ratio = (grouped.high - grouped.low) / (by_unit.high - by_unit.low)
    assert 1.1 < ratio < 2.5, "four units of an example are hardly more than one"


def test_clusters_of_one_unit_each_change_nothing() -> None:
    data = long_form(TWELVE)
    plain, alone = (krippendorff_alpha(*data, level="nominal", clusters=c) for c in (None, data[0] * 7))
    assert (plain.low, plain.high, plain.method) == (alone.low, alone.high, alone.method)


def test_one_cluster_tells_nothing_of_others() -> None:
    data = long_form(TWELVE)
    found = krippendorff_alpha(*data, level="nominal", clusters=np.zeros(len(data[0]), dtype=int))
    assert found.defined
    assert np.isnan(found.low)
    assert "one cluster" in found.notes[-1]


def test_a_unit_in_two_clusters_and_clusters_beside_resampled_raters_are_refused() -> None:
    units, raters, values = [1, 1, 2, 2, 3, 3], [0, 1] * 3, [1, 1, 2, 2, 1, 2]
    with pytest.raises(InputError, match="unit 2 lies in 5 and 6"):
        krippendorff_alpha(units, raters, values, level="nominal", clusters=[5, 5, 5, 6, 6, 6])
    with pytest.raises(InputError, match="clusters go with"):
        krippendorff_alpha(units, raters, values, level="nominal", clusters=[1] * 6, resample="units+raters")


def test_two_clusters_have_one_degree_of_freedom() -> None:
    """Student's t of one degree of freedom is 12.7: the interval is wide, and there is one."""
    units, raters, values, examples = answered_by_example(2, seed=1)
    found = krippendorff_alpha(units, raters, values, level="interval", clusters=examples)
    left = [
        krippendorff_alpha(
            *(column[examples != c] for column in (units, raters, values)), level="interval", n_resamples=0
        ).value
        for c in (0, 1)
    ]
    error = abs(left[0] - left[1]) / 2
    assert found.standard_error == pytest.approx(error, rel=1e-9)
    assert found.value - found.low == pytest.approx(12.706204736432095 * error)
    assert found.method == "jackknife of 2 clusters, t interval"
