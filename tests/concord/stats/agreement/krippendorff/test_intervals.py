"""Intervals of alpha over units: few units, rare answers, long tails, and the limit of many."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from concord.stats import agreement
from concord.stats.agreement import AlphaCounts, krippendorff_alpha
from tests.concord.stats.agreement.tables import TWELVE, long_form, units_by_raters

pytestmark = pytest.mark.filterwarnings("error")


def test_few_units_that_differ_are_pointed_out() -> None:
    values = np.zeros((60, 3))
    values[:3] = [[1, 1, 0], [1, 1, 1], [0, 0, 1]]
    unit, rater = (index.ravel() for index in np.indices(values.shape))
    result = agreement.krippendorff_alpha(unit, rater, values.ravel(), level="nominal")
    assert any("3 of 60 units" in note for note in result.notes)


@pytest.mark.parametrize("n_resamples", [0, 1])
@pytest.mark.parametrize("one_unit", [False, True])
def test_an_interval_that_is_not_there_has_a_true_reason(n_resamples: int, one_unit: bool) -> None:
    units, raters = np.repeat(np.arange(12), 2), np.tile([0, 1], 12)
    values = np.random.default_rng(4).integers(0, 3, 24)
    if one_unit:
        units, raters, values = np.zeros(4, dtype=int), np.arange(4), np.array([1, 1, 2, 2])
    which = np.arange(len(units)) // 2 % 2
    if one_unit:
        which = np.array([0, 1, 0, 1])
    starts, ends = values, values + 2
    why = "one unit: no interval." if one_unit else "fewer than two resamples to go by: no interval."
    for found in (
        agreement.krippendorff_alpha(units, raters, values, level="nominal", n_resamples=n_resamples),
        agreement.span_agreement(units, raters, starts, ends, mode="overlap", n_resamples=n_resamples),
        agreement.alpha_difference(units, raters, values, which, level="nominal", n_resamples=n_resamples),
    ):
        assert found.defined
        assert np.isnan([found.low, found.high, found.standard_error]).all()
        assert found.notes[-1] == why
        assert "no interval" in found.method


def test_units_that_all_agree_are_not_said_to_disagree() -> None:
    units, values = np.repeat(np.arange(30), 2), np.repeat(np.linspace(0, 1, 30), 2)
    found = agreement.krippendorff_alpha(units, np.tile([0, 1], 30), values, level="interval")
    assert found.value == 1
    assert found.notes[-1] == "no unit disagrees: resampling shows no variation, so no interval."


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
        *units_by_raters(make(np.random.default_rng(1), 100_000)), level=level, n_resamples=0
    ).value
    rng = np.random.default_rng(2)
    hits = []
    for _ in range(300):
        found = krippendorff_alpha(*units_by_raters(make(rng, n)), level=level, n_resamples=300, rng=rng)
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
        *units_by_raters(_heard(np.random.default_rng(1), 20_000)), level="nominal", n_resamples=0
    ).value
    rng = np.random.default_rng(3)
    drawn = [
        krippendorff_alpha(*units_by_raters(_heard(rng, n)), level="nominal", n_resamples=200, rng=rng)
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
        return krippendorff_alpha(*units_by_raters(rows), level=level, n_resamples=0).value

    pseudo = [9 * alpha_of(table) - 8 * alpha_of(np.delete(table, i, axis=0)) for i in range(9)]
    half = stats.t.ppf(0.975, 8) * stats.sem(pseudo)
    found = krippendorff_alpha(*units_by_raters(table), level=level, rng=rng)
    if level == "interval" and steps > 12:  # numbers have the bootstrap-t instead
        assert "jackknife-t" not in found.method
        return
    assert "jackknife-t" in found.method
    assert found.low <= np.mean(pseudo) - half + 1e-12
    assert found.high >= min(np.mean(pseudo) + half, 1.0) - 1e-12
    fifteen = krippendorff_alpha(*units_by_raters(np.vstack([table, table[:6]])), level=level, rng=rng)
    assert "jackknife" not in fifteen.method


def test_three_units_tell_little_of_others_and_it_is_said() -> None:
    found = krippendorff_alpha(*units_by_raters(_heard(np.random.default_rng(0), 3)), level="nominal")
    assert "3 units tell little of others" in found.notes[-1]
    six = krippendorff_alpha(*units_by_raters(_heard(np.random.default_rng(0), 6)), level="nominal")
    assert not any("tell little" in note for note in six.notes)


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
def test_no_interval_of_few_units_ends_below_what_alpha_can_be(level: str) -> None:
    for seed in range(20):
        rng = np.random.default_rng(seed)
        found = krippendorff_alpha(
            *units_by_raters(rng.integers(0, 3, (4, 3))), level=level, n_resamples=100, rng=rng
        )
        assert not found.defined or np.isnan(found.low) or -0.5 - 1e-9 <= found.low <= found.high <= 1.0


def test_two_units_of_a_rare_answer_leave_open_that_raters_agree_on_it() -> None:
    table = np.zeros((60, 3))
    table[0], table[1], table[2] = (1, 1, 1), (1, 0, 0), (0, 0, 1)
    found = krippendorff_alpha(*units_by_raters(table), level="nominal", rng=np.random.default_rng(0))
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
        *units_by_raters(_rare_with_gaps(np.random.default_rng(1), 100_000)), level=level, n_resamples=0
    ).value
    rng = np.random.default_rng(2)
    drawn = [
        krippendorff_alpha(*units_by_raters(_rare_with_gaps(rng, 60)), level=level, n_resamples=200, rng=rng)
        for _ in range(200)
    ]
    held = [found.low <= truth <= found.high for found in drawn if np.isfinite(found.low)]
    assert len(held) > 170
    assert np.mean(held) > 0.9  # .6 where units that all agree count as different by how many rated them


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
def test_perfect_agreement_has_a_lower_end(level: str) -> None:
    units, raters, values = units_by_raters(np.repeat(np.arange(60)[:, None] % 2, 2, axis=1))
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
    found = krippendorff_alpha(*units_by_raters(table), level="interval", n_resamples=5_000, rng=rng)
    assert found.value == pytest.approx(_interval_alpha(table), abs=1e-12)
    assert "bootstrap-t" in found.method
    assert found.low <= 1 - np.exp(whole - far * error) + 0.04
    assert found.high >= 1 - np.exp(whole - near * error) - 0.04
    assert found.high - found.low < 1.4 * (np.exp(whole - far * error) - np.exp(whole - near * error))


def test_long_tails_are_said_aloud_and_only_they() -> None:
    table = _numbers(np.random.default_rng(3), 60)
    plain = krippendorff_alpha(*units_by_raters(table), level="interval", rng=np.random.default_rng(0))
    assert not any("long tails" in note for note in plain.notes)
    table[7] = 30.0, 40.0, 35.0
    tailed = krippendorff_alpha(*units_by_raters(table), level="interval", rng=np.random.default_rng(0))
    assert any("long tails" in note for note in tailed.notes)


def test_no_interval_of_numbers_ends_below_what_alpha_can_be() -> None:
    for seed in range(30):
        rng = np.random.default_rng(seed)
        found = krippendorff_alpha(
            *units_by_raters(rng.normal(size=(6, 3))), level="interval", n_resamples=200, rng=rng
        )
        assert -0.5 - 1e-9 <= found.low <= found.high <= 1.0


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
def test_two_units_of_one_value_each_leave_nothing_without_either(level: str) -> None:
    data = ([0, 0, 0, 1, 1, 1], [0, 1, 2] * 2, [0.0, 0.0, 0.0, 1.0, 1.0, 1.0])
    found = krippendorff_alpha(*data, level=level, resample="units+raters")
    assert found.value == 1
    assert np.isnan(found.low)
    assert found.notes[-1] == "without one unit or rating only one value is left: no interval."


LEVELS = ("nominal", "ordinal", "interval", "ratio")
NAN = np.nan


@pytest.mark.parametrize("level", LEVELS)
def test_the_multinomial_bootstrap_is_the_bootstrap_over_units(level: str, rng: np.random.Generator) -> None:
    """Same distribution as drawing units one by one and computing alpha of each resample from scratch."""
    fast = krippendorff_alpha(*long_form(TWELVE), level=level, n_resamples=4000, rng=rng).resamples
    slow = []
    paired = TWELVE[:, (~np.isnan(TWELVE)).sum(axis=0) > 1]
    for _ in range(400):
        drawn = paired[:, rng.integers(paired.shape[1], size=paired.shape[1])]
        slow.append(krippendorff_alpha(*long_form(drawn), level=level, n_resamples=0).value)
    quantiles = [0.1, 0.25, 0.5, 0.75, 0.9]
    assert np.nanquantile(fast, quantiles) == pytest.approx(np.nanquantile(slow, quantiles), abs=0.06)


@pytest.mark.parametrize(
    ("level", "n_units"), [("interval", 60_000), ("ordinal", 12_000), ("ratio", 12_000), ("nominal", 12_000)]
)
def test_the_normal_limit_agrees_with_the_exact_bootstrap(
    level: str, n_units: int, rng: np.random.Generator
) -> None:
    from concord.stats.agreement._alpha import bootstrap

    unit = np.repeat(np.arange(n_units), 3)
    value = rng.normal(size=n_units)[unit] + rng.normal(size=len(unit))
    value = np.rint(5 * value) if level == "nominal" else np.exp(value)
    limit = krippendorff_alpha(unit, np.full(len(unit), -1), value, level=level, n_resamples=2000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bootstrap, "_in_the_limit", lambda *_: None)
        exact = krippendorff_alpha(unit, np.full(len(unit), -1), value, level=level, n_resamples=400)
    assert limit.standard_error == pytest.approx(exact.standard_error, rel=0.15)
    assert limit.resamples.mean() == pytest.approx(exact.resamples.mean(), abs=0.2 * exact.standard_error)
    assert limit.value == exact.value


@pytest.mark.parametrize("level", ["nominal", "ordinal", "ratio"])
@pytest.mark.parametrize("copies", [1, 3])
def test_the_influence_of_a_unit_is_the_slope_of_alpha_in_its_weight(
    level: str, copies: int, rng: np.random.Generator
) -> None:
    from concord.stats.agreement._alpha.build import build_terms
    from concord.stats.agreement._alpha.ordinal import OrdinalRanks
    from concord.stats.agreement._alpha.terms import FixedDistance, LogMoments, alpha_of, totals_of
    from concord.stats.agreement._ratings import pairable, ratings

    unit = rng.integers(0, 90, size=400)
    value = rng.integers(1, 60, size=400) + unit % 7
    value = value * 1.01 ** rng.integers(0, 9, size=400) if level == "ratio" else value
    again = np.concatenate(
        [unit + 100 * copy for copy in range(copies)]
    )  # units answered alike are one pattern
    given = ratings(again, np.arange(400 * copies), np.tile(value, copies))
    terms, _ = build_terms(pairable(given), level, None)

    def alpha(weights: np.ndarray) -> float:
        return float(alpha_of(*terms.disagreement(totals_of(terms.features, weights), weights))[0])

    step, times = 1e-4 * np.eye(len(terms.multiplicity)), terms.multiplicity[None].astype(float)
    slopes = [(alpha(times + move[None]) - alpha(times - move[None])) / 2e-4 for move in step]
    assert isinstance(terms, FixedDistance | LogMoments | OrdinalRanks)
    assert terms.influence() == pytest.approx(np.array(slopes), abs=1e-9)


@pytest.mark.parametrize(
    ("level", "digits"), [("nominal", 1), ("ordinal", 1), ("ordinal", 9), ("ratio", 1), ("ratio", 9)]
)
def test_alpha_without_groups_of_ratings_is_alpha_of_the_others(
    level: str, digits: int, rng: np.random.Generator
) -> None:
    from concord.stats.agreement._alpha.build import build_terms
    from concord.stats.agreement._alpha.exchange import without_each_group
    from concord.stats.agreement._ratings import pairable, ratings

    unit, rater = (index.ravel() for index in np.indices((150, 5)))
    value = np.round(rng.gamma(2.0, size=150)[unit] + rng.random(750), digits)
    present = rng.random(750) < 0.7
    value[unit == 7] = 0.0
    data = pairable(ratings(unit[present], rater[present], value[present]))
    group = rng.integers(6, size=len(data.unit))
    group[group == 5] = -1  # belongs to no group, as anonymous ratings do
    found = without_each_group(data, build_terms(data, level, None)[0], group, 5, level, None)
    for i in range(5):
        left = group != i
        plain = krippendorff_alpha(
            data.unit[left], data.rater[left], data.value[left], level=level, n_resamples=0
        )
        assert found[i] == pytest.approx(plain.value, abs=1e-11)
