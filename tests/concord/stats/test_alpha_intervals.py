"""Alpha's interval where resamples alone say too little: rare answers, no disagreement, numbers with tails."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from concord.stats.agreement import (
    AlphaCounts,
    Kappa,
    alpha_difference,
    conger_kappa,
    fleiss_kappa,
    gwet_ac,
    krippendorff_alpha,
)


def _long(table: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    unit, rater = np.indices(table.shape)
    return unit.ravel(), rater.ravel(), table.ravel()


def _rare(rng: np.random.Generator, n: int) -> np.ndarray:
    truth = (rng.random(n) < 0.05).astype(int)
    return np.where(rng.random((n, 3)) < 0.8, truth[:, None], rng.random((n, 3)) < 0.05).astype(float)


def _by_chance(rng: np.random.Generator, n: int) -> np.ndarray:
    """Raters who do not look: alpha is 0, and hardly any two of them agree on the answer of three in a hundred."""
    return (rng.random((n, 2)) < 0.03).astype(float)


def _numbers(rng: np.random.Generator, n: int) -> np.ndarray:
    return rng.normal(size=n)[:, None] + rng.normal(0, 0.7, size=(n, 3))


def _amounts(rng: np.random.Generator, n: int) -> np.ndarray:
    return rng.gamma(1, 1, size=n)[:, None] + rng.gamma(1, 0.7, size=(n, 3))


@pytest.mark.parametrize(
    ("make", "level", "n"),
    [
        (_rare, "nominal", 60),
        (_rare, "ordinal", 60),
        (_by_chance, "nominal", 385),
        (_amounts, "interval", 20),
    ],
)
def test_the_interval_reaches_the_truth_that_few_units_show(
    make: Callable[..., np.ndarray], level: str, n: int
) -> None:
    truth = krippendorff_alpha(
        *_long(make(np.random.default_rng(1), 100_000)), level=level, n_resamples=0
    ).value
    rng = np.random.default_rng(2)
    hits = []
    for _ in range(300):
        found = krippendorff_alpha(*_long(make(rng, n)), level=level, n_resamples=300, rng=rng)
        if found.defined:
            hits.append(found.low <= truth <= found.high)
    assert len(hits) > 285
    assert np.mean(hits) > 0.91  # .78, .31 and .88 with percentiles of the resamples alone


def _heard(rng: np.random.Generator, n: int) -> np.ndarray:
    """Twenty ratings of each unit, and units that are not alike in how hard they are."""
    truth, easy = rng.choice(3, p=[0.5, 0.3, 0.2], size=n), 0.5 + 0.4 * rng.random(n)
    return np.where(rng.random((n, 20)) < easy[:, None], truth[:, None], rng.integers(0, 3, (n, 20)))


@pytest.mark.parametrize(("n", "least"), [(4, 0.88), (6, 0.92)])
def test_few_units_of_many_ratings_reach_what_many_such_units_show(n: int, least: float) -> None:
    truth = krippendorff_alpha(
        *_long(_heard(np.random.default_rng(1), 20_000)), level="nominal", n_resamples=0
    ).value
    rng = np.random.default_rng(3)
    drawn = [
        krippendorff_alpha(*_long(_heard(rng, n)), level="nominal", n_resamples=200, rng=rng)
        for _ in range(250)
    ]
    assert np.mean([found.low <= truth <= found.high for found in drawn]) > least  # .67 and .82 by BCa alone


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
@pytest.mark.parametrize("steps", [4, 40])
def test_the_interval_of_few_units_holds_that_of_tukeys_jackknife(level: str, steps: int) -> None:
    """Few categories and many, which are counted in other ways."""
    rng = np.random.default_rng(8)
    table = np.clip(rng.integers(0, steps, 9)[:, None] + rng.integers(-2, 3, (9, 4)), 0, steps - 1)

    def alpha_of(rows: np.ndarray) -> float:
        return krippendorff_alpha(*_long(rows), level=level, n_resamples=0).value

    pseudo = [9 * alpha_of(table) - 8 * alpha_of(np.delete(table, i, axis=0)) for i in range(9)]
    half = stats.t.ppf(0.975, 8) * stats.sem(pseudo)
    found = krippendorff_alpha(*_long(table), level=level, rng=rng)
    if level == "interval" and steps > 12:  # numbers have the bootstrap-t instead
        assert "jackknife-t" not in found.method
        return
    assert "jackknife-t" in found.method
    assert found.low <= np.mean(pseudo) - half + 1e-12
    assert found.high >= min(np.mean(pseudo) + half, 1.0) - 1e-12
    fifteen = krippendorff_alpha(*_long(np.vstack([table, table[:6]])), level=level, rng=rng)
    assert "jackknife" not in fifteen.method


def test_three_units_tell_little_of_others_and_it_is_said() -> None:
    found = krippendorff_alpha(*_long(_heard(np.random.default_rng(0), 3)), level="nominal")
    assert "3 units tell little of others" in found.notes[-1]
    six = krippendorff_alpha(*_long(_heard(np.random.default_rng(0), 6)), level="nominal")
    assert not any("tell little" in note for note in six.notes)


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
def test_no_interval_of_few_units_ends_below_what_alpha_can_be(level: str) -> None:
    for seed in range(20):
        rng = np.random.default_rng(seed)
        found = krippendorff_alpha(*_long(rng.integers(0, 3, (4, 3))), level=level, n_resamples=100, rng=rng)
        assert not found.defined or np.isnan(found.low) or -0.5 - 1e-9 <= found.low <= found.high <= 1.0


def test_two_units_of_a_rare_answer_leave_open_that_raters_agree_on_it() -> None:
    table = np.zeros((60, 3))
    table[0], table[1], table[2] = (1, 1, 1), (1, 0, 0), (0, 0, 1)
    found = krippendorff_alpha(*_long(table), level="nominal", rng=np.random.default_rng(0))
    assert found.high > found.value + 0.15
    assert "too few" in found.notes[-1]
    assert "half a unit" in found.method


def _rare_with_gaps(rng: np.random.Generator, n: int) -> np.ndarray:
    """An answer of two in a hundred; five raters, each of whom leaves out three units in ten."""
    truth = rng.random(n) < 0.02
    table = (rng.random((n, 5)) < np.where(truth, 0.8, 0.01)[:, None]).astype(float)
    table[rng.random((n, 5)) < 0.3] = np.nan
    return table


@pytest.mark.parametrize("level", ["nominal", "ordinal"])
def test_rare_answers_are_seen_through_missing_ratings(level: str) -> None:
    truth = krippendorff_alpha(
        *_long(_rare_with_gaps(np.random.default_rng(1), 100_000)), level=level, n_resamples=0
    ).value
    rng = np.random.default_rng(2)
    drawn = [
        krippendorff_alpha(*_long(_rare_with_gaps(rng, 60)), level=level, n_resamples=200, rng=rng)
        for _ in range(200)
    ]
    held = [found.low <= truth <= found.high for found in drawn if np.isfinite(found.low)]
    assert len(held) > 170
    assert np.mean(held) > 0.9  # .6 where units that all agree count as different by how many rated them


@pytest.mark.parametrize("function", [fleiss_kappa, conger_kappa, gwet_ac])
def test_units_that_agree_are_alike_however_many_rated_them(function: Callable[..., Kappa]) -> None:
    table = np.zeros((60, 4))
    table[3] = table[4, 0] = 1
    whole = function(*_long(table), categories=[0, 1])
    table[10:25, 3] = table[25:40, 2] = table[40:55, :2] = np.nan
    found = function(*_long(table), categories=[0, 1])
    assert whole.notes == found.notes
    assert "only 2 of 60 units differ" in found.notes[0]
    assert "half a unit" in found.method
    alpha = krippendorff_alpha(*_long(table), level="nominal", categories=[0, 1])
    assert any("only 2 of 60 units differ" in note for note in alpha.notes)


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
def test_perfect_agreement_has_a_lower_end(level: str) -> None:
    units, raters, values = _long(np.repeat(np.arange(60)[:, None] % 2, 2, axis=1))
    found = krippendorff_alpha(units, raters, values, level=level, rng=np.random.default_rng(0))
    # No disagreement in 60 units is compatible with up to 1 - .025 ** (1 / 60) = 6 % of units that disagree,
    # which lower alpha by about .12; two such units in 60 by .067.
    assert found.high == found.value == 1.0
    assert 0.88 <= found.low <= 0.94
    assert "no unit disagrees" in found.notes[0]
    few = krippendorff_alpha(units[:20], raters[:20], values[:20], level=level, rng=np.random.default_rng(0))
    assert few.low < found.low
    counts = AlphaCounts([0, 1])
    counts.update(units, values, raters=raters)
    assert counts.krippendorff_alpha(level, rng=np.random.default_rng(0)).low == found.low


def test_the_commonest_disagreement_alone_still_has_no_interval() -> None:
    found = krippendorff_alpha([1, 1, 2, 2, 3, 3], [0, 1] * 3, [1, 2] * 3, level="nominal")
    assert np.isnan(found.low)
    assert "disagree alike" in found.notes[0]


def _interval_alpha(table: np.ndarray) -> float:
    m = table.shape[1]
    within = table.var(axis=1, ddof=1).mean()
    return float(1 - 2 * within / (2 * table.var(ddof=1))) if m else float("nan")


def test_the_interval_of_numbers_holds_the_textbook_bootstrap_t() -> None:
    """Against a loop over resamples whose standard errors come from the jackknife, on the scale of log(1 - alpha)."""
    table = _numbers(np.random.default_rng(5), 40)

    def log_and_error(sample: np.ndarray) -> tuple[float, float]:
        n = len(sample)
        left = np.array([np.log(1 - _interval_alpha(np.delete(sample, i, axis=0))) for i in range(n)])
        return float(np.log(1 - _interval_alpha(sample))), float(np.sqrt((n - 1) * left.var()))

    rng = np.random.default_rng(6)
    whole, error = log_and_error(table)
    drawn = np.array([log_and_error(table[rng.integers(40, size=40)]) for _ in range(400)])
    far, near = np.quantile((drawn[:, 0] - whole) / drawn[:, 1], [0.025, 0.975])
    found = krippendorff_alpha(*_long(table), level="interval", n_resamples=5_000, rng=rng)
    assert found.value == pytest.approx(_interval_alpha(table), abs=1e-12)
    assert "bootstrap-t" in found.method
    assert found.low <= 1 - np.exp(whole - far * error) + 0.04
    assert found.high >= 1 - np.exp(whole - near * error) - 0.04
    assert found.high - found.low < 1.4 * (np.exp(whole - far * error) - np.exp(whole - near * error))


def test_long_tails_are_said_aloud_and_only_they() -> None:
    table = _numbers(np.random.default_rng(3), 60)
    plain = krippendorff_alpha(*_long(table), level="interval", rng=np.random.default_rng(0))
    assert not any("long tails" in note for note in plain.notes)
    table[7] = 30.0, 40.0, 35.0
    tailed = krippendorff_alpha(*_long(table), level="interval", rng=np.random.default_rng(0))
    assert any("long tails" in note for note in tailed.notes)


def test_no_interval_of_numbers_ends_below_what_alpha_can_be() -> None:
    for seed in range(30):
        rng = np.random.default_rng(seed)
        found = krippendorff_alpha(
            *_long(rng.normal(size=(6, 3))), level="interval", n_resamples=200, rng=rng
        )
        assert -0.5 - 1e-9 <= found.low <= found.high <= 1.0


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
    unit, rater, value = (column[given] for column in _long(table))
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
    fine = krippendorff_alpha(*_long(table), level=level, resample="units+raters")
    alone = krippendorff_alpha(*_long(table), level=level, n_resamples=200)
    assert fine.low < fine.value < fine.high
    assert fine.standard_error > 0.9 * alone.standard_error


def test_anonymous_ratings_are_raters_of_their_own_both_ways() -> None:
    rng = np.random.default_rng(3)
    unit, _, value = _long(np.round(rng.normal(size=(25, 1)) + rng.normal(size=(25, 3))))
    own = krippendorff_alpha(unit, np.arange(75), value, level="nominal", resample="units+raters")
    anonymous = krippendorff_alpha(unit, np.full(75, -1), value, level="nominal", resample="units+raters")
    assert (anonymous.low, anonymous.high) == pytest.approx((own.low, own.high))


def test_raters_with_levels_of_their_own_widen_the_interval_that_speaks_of_others() -> None:
    rng = np.random.default_rng(4)
    table = np.clip(
        np.round(rng.normal(size=(300, 1)) + rng.normal(size=4) + 0.3 * rng.normal(size=(300, 4))), -2, 2
    )
    both = krippendorff_alpha(*_long(table), level="ordinal", resample="units+raters")
    units = krippendorff_alpha(*_long(table), level="ordinal")
    assert both.high - both.low > 2 * (units.high - units.low)


def test_a_difference_says_where_one_of_its_groups_has_hardly_a_rare_answer() -> None:
    table = np.zeros((60, 4))
    table[:, :2] = np.arange(60)[:, None] % 2  # raters 0 and 1 use both answers
    table[0, 0], table[5, 2:], table[9, 3] = 1, 1, 1
    units, raters, values = _long(table)
    found = alpha_difference(
        units, raters, values, raters // 2, level="nominal", n_resamples=200, rng=np.random.default_rng(0)
    )
    assert [note[:14] for note in found.notes] == ["group 1: only "]


def test_a_handful_of_units_is_said_to_tell_little_of_other_raters_and_of_differences(
    rng: np.random.Generator,
) -> None:
    ratings = _long(rng.integers(0, 3, (12, 6)).astype(float))
    few = tuple(column[:30] for column in ratings)  # five units
    for data, said in ((few, True), (ratings, False)):
        alpha = krippendorff_alpha(*data, level="nominal", resample="units+raters")
        assert any("5 units tell little" in note for note in alpha.notes) is said
        gap = alpha_difference(*data, data[1] % 2, level="nominal", n_resamples=200, rng=rng)
        assert [note for note in gap.notes if "tell little" in note] == [
            f"group {group}: 5 units tell little of others: the interval may be too narrow."
            for group in (0, 1)
        ] * said
