"""What must never change an answer, and that no input whatever gives a wrong number or a warning from inside NumPy."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from concord.stats import (
    InputError,
    aggregation,
    agreement,
    calibration,
    comparison,
    fairness,
    joint,
    ranking,
    tails,
)

LEVELS = ("nominal", "ordinal", "interval", "ratio")
quick = settings(max_examples=40, deadline=None)


@st.composite
def ratings(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    n_units, n_raters = draw(st.integers(1, 8)), draw(st.integers(2, 5))
    cells = [(u, r) for u in range(n_units) for r in range(n_raters)]
    values = draw(st.lists(st.sampled_from([0, 1, 2, 3, np.nan]), min_size=len(cells), max_size=len(cells)))
    unit, rater = np.array(cells).T
    return unit, rater, np.array(values, dtype=float)


@st.composite
def votes(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    n = draw(st.integers(0, 40))
    left = np.array(draw(st.lists(st.integers(0, 3), min_size=n, max_size=n)), dtype=int)
    step = np.array(draw(st.lists(st.integers(1, 3), min_size=n, max_size=n)), dtype=int)
    outcome = np.array(draw(st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=n, max_size=n)))
    return left, (left + step) % 4, outcome


def alpha(data: tuple[np.ndarray, ...], level: str) -> float:
    return agreement.krippendorff_alpha(*data, level=level, n_resamples=0).value


@quick
@given(ratings(), st.sampled_from(LEVELS), st.randoms(use_true_random=False))
def test_alpha_does_not_see_order_names_or_unrated_units(data, level: str, random) -> None:
    unit, rater, value = data
    order = np.array(random.sample(range(len(unit)), len(unit)))
    base = alpha(data, level)
    shuffled = ((unit * 17 - 40)[order], (9 - rater)[order], value[order])
    assert alpha(shuffled, level) == pytest.approx(base, abs=1e-12, nan_ok=True)
    padded = (np.append(unit, [998, 999]), np.append(rater, [0, 1]), np.append(value, [np.nan, 2.0]))
    assert alpha(padded, level) == pytest.approx(base, abs=1e-12, nan_ok=True)
    twice = tuple(np.concatenate([part, part]) for part in data)  # every rating stated again
    assert alpha(twice, level) == pytest.approx(base, abs=1e-12, nan_ok=True)


@quick
@given(ratings(), st.permutations([0, 1, 2, 3]))
def test_nominal_measures_do_not_see_labels(data, relabel) -> None:
    unit, rater, value = data
    again = np.array([np.nan if np.isnan(v) else 10.0 * relabel[int(v)] for v in value])
    for function in (
        lambda v: agreement.krippendorff_alpha(unit, rater, v, level="nominal", n_resamples=0),
        lambda v: agreement.fleiss_kappa(unit, rater, v),
        lambda v: agreement.gwet_ac(unit, rater, v),
        lambda v: agreement.conger_kappa(unit, rater, v),
        lambda v: agreement.percent_agreement(unit, rater, v),
    ):
        assert function(again).value == pytest.approx(function(value).value, abs=1e-10, nan_ok=True)


@quick
@given(ratings(), st.floats(0.1, 100), st.floats(-50, 50))
def test_interval_alpha_and_icc_do_not_see_scale_or_origin(data, scale: float, shift: float) -> None:
    unit, rater, value = data
    again = (unit, rater, value * scale + shift)
    assert alpha(again, "interval") == pytest.approx(alpha(data, "interval"), abs=1e-9, nan_ok=True)
    for form in ("ICC(1,1)", "ICC(2,1)", "ICC(3,k)"):
        one, two = agreement.icc(*data, form=form), agreement.icc(*again, form=form)
        if one.defined and two.defined and one.residual_variance > 1e-6:
            assert two.value == pytest.approx(one.value, abs=1e-6)


@quick
@given(ratings(), st.integers(0, 40))
def test_counts_that_grow_or_merge_equal_recomputation(data, cut: int) -> None:
    unit, _, value = data
    known = ~np.isnan(value)
    pairs = list(zip(unit[known].tolist(), value[known].tolist(), strict=True))
    whole, first, second = (agreement.AlphaCounts([0, 1, 2, 3]) for _ in range(3))
    for target, part in ((whole, pairs), (first, pairs[:cut]), (second, pairs[cut:])):
        for u, v in part:
            target.add(u, v)
    first.merge(second)
    for level in LEVELS:
        assert first.alpha(level) == pytest.approx(whole.alpha(level), abs=0, nan_ok=True)
        assert whole.alpha(level) == pytest.approx(alpha(data, level), abs=1e-12, nan_ok=True)


@quick
@given(votes(), st.sampled_from(["half", "davidson", "rao-kupper"]))
def test_strengths_do_not_see_sides_order_or_merging(data, ties: str) -> None:
    left, right, outcome = data
    base = ranking.bradley_terry(left, right, outcome, n_systems=4, ties=ties)
    flipped = ranking.bradley_terry(right[::-1], left[::-1], 1 - outcome[::-1], n_systems=4, ties=ties)
    assert flipped.defined == base.defined
    assert flipped.log_strengths == pytest.approx(base.log_strengths, abs=1e-6, nan_ok=True)
    counts = ranking.VoteCounts(4)
    counts.update(left, right, outcome)
    merged = counts.bradley_terry(ties=ties)
    assert merged.log_strengths == pytest.approx(base.log_strengths, abs=1e-6, nan_ok=True)
    if base.defined:
        known = np.isfinite(base.log_strengths)
        assert base.log_strengths[known].sum() == pytest.approx(0, abs=1e-9)
        assert base.strengths[known].sum() == pytest.approx(1)


@quick
@given(st.lists(st.floats(0, 1), min_size=0, max_size=30))
def test_adjusted_p_values_are_ordered_and_never_smaller(p: list[float]) -> None:
    for function in (comparison.holm, comparison.benjamini_hochberg, comparison.benjamini_yekutieli):
        adjusted = function(p).p_values
        assert (adjusted >= np.array(p) - 1e-15).all()
        assert (adjusted <= 1).all()
        order = np.argsort(p, kind="stable")
        assert (np.diff(adjusted[order]) >= -1e-15).all()


@quick
@given(st.integers(0, 60), st.integers(0, 60), st.sampled_from(["wilson", "clopper-pearson", "jeffreys"]))
def test_proportions_mirror(k: int, extra: int, method: str) -> None:
    n = k + extra
    one, two = comparison.proportion(k, n, method), comparison.proportion(n - k, n, method)
    if n:
        assert (one.low, one.high) == pytest.approx((1 - two.high, 1 - two.low), abs=1e-10)
        assert 0 <= one.low <= one.value <= one.high <= 1


Call = Callable[[object, object, object], object]
RATING_CALLS: dict[str, Call] = {
    **{
        f"alpha {lv}": (
            lambda u, r, v, lv=lv: agreement.krippendorff_alpha(u, r, v, level=lv, n_resamples=50)
        )
        for lv in LEVELS
    },
    "alpha both ways": lambda u, r, v: agreement.krippendorff_alpha(
        u, r, v, level="nominal", n_resamples=10, resample="units+raters"
    ),
    "percent": agreement.percent_agreement,
    "cohen": agreement.cohen_kappa,
    "fleiss": agreement.fleiss_kappa,
    "gwet": agreement.gwet_ac,
    "conger": agreement.conger_kappa,
    "icc": agreement.icc,
    "kendall": agreement.kendall_w,
    "without each": lambda u, r, v: agreement.alpha_without_each_rater(u, r, v, level="interval"),
    "majority": aggregation.majority_vote,
    "dawid-skene": aggregation.dawid_skene,
    "one coin": aggregation.one_coin,
    "mace": lambda u, r, v: aggregation.mace(u, r, v, n_restarts=2),
    "glad": aggregation.glad,
    "cards": aggregation.rater_cards,
    "bias": aggregation.rater_bias,
    "mean": lambda u, r, v: comparison.mean(v, clusters=u, clusters2=r),
    "paired": lambda u, r, v: comparison.paired_difference(v, u),
    "wilcoxon": lambda u, r, v: comparison.wilcoxon(v, u),
    "permutation": lambda u, r, v: comparison.permutation_test(v, u, n_resamples=20),
    "bootstrap": lambda u, r, v: comparison.bootstrap(v, clusters=u, n_resamples=20),
    "equivalence": lambda u, r, v: comparison.equivalence(v, u, margin=1.0),
    "components": lambda u, r, v: comparison.variance_components(v, examples=u, raters=r),
    "better": lambda u, r, v: comparison.probability_better(v, u),
    "groups": lambda u, r, v: fairness.group_estimates(v, u, raters=r, minimum=1),
    "gap": lambda u, r, v: fairness.gap(v, u, of=1, versus=0, raters=r, minimum=1, n_resamples=20),
    "intersections": lambda u, r, v: fairness.intersections(v, u),
    "percentile": lambda u, r, v: tails.percentile(v, 0.5),
    "bound": lambda u, r, v: tails.upper_bound(v, 0.9),
    "ppi": lambda u, r, v: joint.prediction_powered_mean(v, u, r),
    "brier": lambda u, r, v: calibration.brier(v, u),
    "ece": lambda u, r, v: calibration.ece(v, u, n_resamples=5),
    "platt": lambda u, r, v: calibration.platt(v, u),
    "isotonic": lambda u, r, v: calibration.isotonic(v, u),
    "bradley-terry": lambda u, r, v: ranking.bradley_terry(u, r, v, n_systems=4),
    "win rates": lambda u, r, v: ranking.win_rates(u, r, v, n_systems=4),
    "elo": lambda u, r, v: ranking.elo(u, r, v, n_systems=4),
    "irt": lambda u, r, v: comparison.irt_2pl(u, r, v),
}
ODD_INPUTS = {
    "empty": ([], [], []),
    "one rating": ([1], [0], [1]),
    "one rater": ([0, 1, 2], [0, 0, 0], [0, 1, 0]),
    "one unit": ([0, 0, 0], [0, 1, 2], [0, 1, 1]),
    "all equal": ([0, 0, 1, 1, 2, 2], [0, 1, 0, 1, 0, 1], [1, 1, 1, 1, 1, 1]),
    "all missing": ([0, 0, 1, 1], [0, 1, 0, 1], [np.nan] * 4),
    "none": ([0, 0, 1, 1], [0, 1, 0, 1], [1, None, 0, 1]),
    "infinite": ([0, 0, 1, 1], [0, 1, 0, 1], [0, 1, np.inf, 1]),
    "huge": ([2**60, 2**60, 7, 7], [0, 2**61, 0, 2**61], [2**62, 2**62 + 1, 5, 5]),
    "too huge": ([0, 0, 1, 1], [0, 1, 0, 1], [10**40, 1, 1, 0]),
    "large floats": ([0, 0, 1, 1], [0, 1, 0, 1], [1e300, -1e300, 1e308, 2.0]),
    "tiny floats": ([0, 0, 1, 1], [0, 1, 0, 1], [1e-310, 2e-310, 1e-300, 0.0]),
    "strings": (["a", "a"], [0, 1], [1, 2]),
    "string values": ([0, 0], [0, 1], ["yes", "no"]),
    "fractions as codes": ([0.5, 0.5], [0, 1], [1, 2]),
    "nan as code": ([0, np.nan], [0, 1], [1, 2]),
    "lengths": ([0, 0, 1], [0, 1], [1, 2, 3]),
    "nested": ([[0, 1]], [[0, 1]], [[1, 2]]),
    "ragged": ([[0], [1, 2]], [0, 1], [1, 2]),
    "complex": ([0, 0], [0, 1], [1j, 2]),
    "booleans": ([0, 0, 1, 1], [0, 1, 0, 1], [True, False, True, True]),
    "anonymous": ([0, 0, 1, 1], [-1, -1, -1, -1], [0, 1, 1, 1]),
    "perfect": ([0, 0, 1, 1], [0, 1, 0, 1], [0, 0, 1, 1]),
}


@pytest.mark.parametrize("name", RATING_CALLS)
def test_odd_inputs_give_an_answer_a_reason_or_an_input_error(name: str) -> None:
    for label, odd in ODD_INPUTS.items():
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                result = RATING_CALLS[name](*odd)
            except InputError:
                continue
            except Exception as error:
                pytest.fail(f"{name} on {label}: {type(error).__name__}: {error}")
        value = getattr(result, "value", None)
        if isinstance(value, float):
            reason = getattr(result, "undefined", None)
            assert (reason is not None) == math.isnan(value), (
                f"{name} on {label}: {value} with reason {reason!r}"
            )


@pytest.mark.parametrize("seed", range(30))
def test_random_inputs_never_break_an_estimator(seed: int) -> None:
    """Random codes and values of every kind and scale: an answer in order, or a reason, and no warning."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 25))
    unit, rater = (
        rng.integers(0, int(rng.integers(1, 5)), size=n),
        rng.integers(-int(rng.random() < 0.3), 4, size=n),
    )
    kinds = (
        rng.integers(0, 2, n),
        rng.integers(0, 4, n),
        rng.normal(size=n),
        rng.random(n),
        rng.integers(0, 3, n) / 2,
    )
    value = kinds[int(rng.integers(5))] * 10.0 ** int(rng.choice([0, 0, 0, -200, -80, 60, 130]))
    value[rng.random(n) < rng.choice([0.0, 0.3])] = np.nan
    for name, call in RATING_CALLS.items():
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                result = call(unit, rater, value)
            except InputError:
                continue
        answer, low = getattr(result, "value", None), getattr(result, "low", None)
        if isinstance(answer, float):
            assert (getattr(result, "undefined", None) is not None) == math.isnan(answer), name
        if isinstance(low, float) and not math.isnan(low):
            assert low <= result.high < math.inf, name


def test_results_are_written_as_json() -> None:
    import json

    result = agreement.krippendorff_alpha([0, 0, 1, 1], [0, 1, 0, 1], [1, 1, 2, 1], level="nominal")
    again = json.loads(json.dumps(result.as_dict()))
    assert again["value"] == pytest.approx(result.value)
    assert again["per_unit"] == result.per_unit.tolist()
    undefined = agreement.krippendorff_alpha([], [], [], level="nominal").as_dict()
    assert undefined["value"] is None
    assert json.dumps(undefined)
