"""Input that once gave a wrong number, a warning or an obscure error in agreement and aggregation."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pytest

from concord.stats import InputError, aggregation, agreement, comparison

UNITS, RATERS, VALUES = [1, 1, 2, 2, 3, 3], [0, 1] * 3, [1, 1, 2, 2, 1, 2]
DATA = (UNITS, RATERS, VALUES)


@pytest.fixture(autouse=True)
def strict() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize("weighting", ["units", "pairs"])
def test_units_that_all_agree_alike_leave_the_width_of_a_share(weighting: str) -> None:
    """Rounding of one third made the units seem to differ by 1e-17, and the interval had no width."""
    result = agreement.percent_agreement(
        np.repeat(np.arange(10), 3), np.tile([0, 1, 2], 10), np.tile([1, 1, 2], 10), weighting=weighting
    )
    assert result.value == pytest.approx(1 / 3)
    assert result.low < 0.15
    assert result.high > 0.6


def test_labels_that_floats_would_round_are_refused() -> None:
    for model in (aggregation.majority_vote, aggregation.dawid_skene):
        with pytest.raises(InputError, match=r"2\*\*53"):
            model([1, 1, 1], [0, 1, 2], [2**62 + 1, 2**62 + 1, 5])


def test_spans_stated_twice_and_anonymous_raters_among_odd_codes() -> None:
    once = agreement.span_agreement([1, 1, 1], [0, 1, 1], [0, 0, 9], [5, 5, 12])
    twice = agreement.span_agreement([1, 1, 1, 1], [0, 0, 1, 1], [0, 0, 0, 9], [5, 5, 5, 12])
    assert twice.value == once.value == pytest.approx(2 / 3)
    assert twice.omitted == {"repeated spans": 1}
    with pytest.raises(InputError, match="anonymous"):
        agreement.span_agreement([1, 1], [-2, -1], [0, 0], [5, 5])


def test_a_difference_of_alphas_says_what_it_left_out() -> None:
    result = agreement.alpha_difference(
        [1, 1, 2, 2, 3, 3] * 2 + [9],
        [0, 1] * 3 + [2, 3] * 3 + [0],
        [1, 1, 2, 2, 3, None, 1, 2, 2, 2, 3, 1, 1],
        [1] * 6 + [0] * 6 + [1],
        level="nominal",
    )
    assert result.omitted == {"missing values": 1, "units with one rating": 2}


def test_icc_of_values_far_from_zero() -> None:
    far = agreement.icc(UNITS, RATERS, 1e9 + 1e-3 * np.array([1, 2, 4, 4, 7, 9]), form="ICC(3,1)")
    near = agreement.icc(UNITS, RATERS, [1, 2, 4, 4, 7, 9], form="ICC(3,1)")
    assert far.value == pytest.approx(near.value, abs=1e-3)
    many = np.arange(400)
    sparse = agreement.icc(
        np.repeat(many, 2), np.stack([many, (many + 1) % 400], axis=1).ravel(), np.tile([1, 2, 4], 267)[:800]
    )
    assert sparse.defined


@pytest.mark.parametrize("scale", [1e-300, 1e130])
def test_rater_bias_has_no_scale(scale: float) -> None:
    small = aggregation.rater_bias(UNITS, RATERS, np.array(VALUES, dtype=float))
    scaled = aggregation.rater_bias(UNITS, RATERS, np.array(VALUES) * scale)
    assert scaled.bias / scale == pytest.approx(small.bias)


@pytest.mark.parametrize(
    "call",
    [
        lambda: agreement.fleiss_kappa(*DATA, weights="cubic"),
        lambda: agreement.fleiss_kappa(*DATA, weights=[["a"]]),
        lambda: agreement.fleiss_kappa(UNITS, RATERS, [-1, 1, 1, -1, 1, 1], weights="ratio"),
        lambda: agreement.krippendorff_alpha(*DATA, level="nominal", categories=[1, 2, np.nan]),
        lambda: agreement.krippendorff_alpha([], [], [], level="ordinary"),
        lambda: agreement.krippendorff_alpha(*DATA, level=lambda a, b: "far"),
        lambda: agreement.krippendorff_alpha(
            UNITS, RATERS, [1e20, 1, 1, 2, 2, 1], level=agreement.distances.masi
        ),
        lambda: agreement.alpha_difference(*DATA, [0, 0, 1, 1, 0, 0], level="nominal", n_resamples=-1),
        lambda: agreement.distances.angular("24"),
        lambda: agreement.reliability_of_means("0.5", raters=2),
        lambda: agreement.icc(*DATA, interval="exact"),
        lambda: aggregation.dawid_skene(*DATA, tolerance="small"),
        lambda: aggregation.dawid_skene(*DATA, smoothing="some"),
        lambda: aggregation.dawid_skene(*DATA, start=aggregation.one_coin(*DATA)),
        lambda: aggregation.glad(*DATA, tolerance=-1),
        lambda: agreement.AlphaCounts([1, 2]).add([1], 1),
    ],
)
def test_malformed_arguments_are_refused_in_a_sentence(call: Callable[[], object]) -> None:
    with pytest.raises(InputError, match=r"\w+ .* \w+"):
        call()


def test_masked_arrays_and_tables_of_objects_hold_missing_ratings() -> None:
    masked = np.ma.array(VALUES, mask=[0, 0, 1, 0, 0, 0])
    objects = np.array([1, 1, None, 2, 1, 2], dtype=object)
    plain = [1, 1, np.nan, 2, 1, 2]
    for function in (agreement.fleiss_kappa, agreement.percent_agreement):
        expected = function(UNITS, RATERS, plain).value
        assert function(UNITS, RATERS, masked).value == expected
        assert function(UNITS, RATERS, objects).value == expected


def test_few_units_that_differ_are_pointed_out() -> None:
    values = np.zeros((60, 3))
    values[:3] = [[1, 1, 0], [1, 1, 1], [0, 0, 1]]
    unit, rater = (index.ravel() for index in np.indices(values.shape))
    result = agreement.krippendorff_alpha(unit, rater, values.ravel(), level="nominal")
    assert any("3 of 60 units" in note for note in result.notes)


def test_a_warm_start_ends_where_a_cold_one_does(rng: np.random.Generator) -> None:
    """With raters and categories that the earlier result did not know."""
    for _ in range(20):
        truth = rng.integers(3, size=60)
        unit, rater = (index.ravel() for index in np.indices((60, 6)))
        value = np.where(rng.random(360) < 0.75, truth[unit], rng.integers(3, size=360))
        early = (rater < 5) & (value < 2)
        before = aggregation.dawid_skene(unit[early], rater[early], value[early], smoothing=0.5)
        options = {"smoothing": 0.5, "tolerance": 1e-13}
        cold = aggregation.dawid_skene(unit, rater, value, **options)
        warm = aggregation.dawid_skene(unit, rater, value, start=before, **options)
        assert warm.posterior == pytest.approx(cold.posterior, abs=1e-9)
        assert warm.confusion == pytest.approx(cold.confusion, abs=1e-9)
    again = aggregation.dawid_skene(unit, rater, value, start=cold, **options)
    assert again.iterations < cold.iterations


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


def test_a_method_without_an_interval_has_no_confidence() -> None:
    found = agreement.kendall_w([1, 2, 3, 1, 2, 3], [0, 0, 0, 1, 1, 1], [1, 2, 3, 1, 3, 2])
    assert np.isnan(found.confidence)
    assert found.as_dict()["confidence"] is None
    assert np.isnan(comparison.permutation_test([1.0, 2, 3], [0.0, 1, 5]).confidence)


STEPS = np.array([0, 1, 1, 1, 0, 0, 2, 2, 1, 2, 0, 0])
BY_DIFFERENCE = {
    "alpha": lambda v: agreement.krippendorff_alpha(*twelve(v), level="interval", n_resamples=20),
    "icc": lambda v: agreement.icc(*twelve(v)),
    "angular": lambda v: agreement.krippendorff_alpha(
        *twelve(v), level=agreement.distances.angular(8), n_resamples=20
    ),
    **{
        name: lambda v, name=name: agreement.gwet_ac(*twelve(v), weights=name)
        for name in ("linear", "quadratic", "ordinal", "radical", "circular", "bipolar")
    },
}


def twelve(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.repeat(np.arange(6), 2), np.tile([0, 1], 6), values


@pytest.mark.parametrize("name", BY_DIFFERENCE)
@pytest.mark.parametrize("dtype", [np.int64, np.uint64])
def test_what_goes_by_differences_does_not_mind_how_large_integers_are(name: str, dtype: type) -> None:
    """2**62 and 2**62 + 1 are the same number in float64; a multiple of the period turns the circle whole."""
    near, far = (BY_DIFFERENCE[name](STEPS.astype(dtype) + dtype(start)) for start in (0, 2**62))
    assert (far.value, far.low) == pytest.approx((near.value, near.low), abs=1e-12)


def test_rater_bias_does_not_mind_how_large_integers_are() -> None:
    near, far = (aggregation.rater_bias(*twelve(STEPS + start)) for start in (0, 2**60))
    assert far.bias == pytest.approx(near.bias, abs=1e-12)
    assert far.mean == pytest.approx(2.0**60)


def test_integers_too_large_for_ratios_are_refused() -> None:
    values = STEPS + 2**62
    for call in (
        lambda: agreement.krippendorff_alpha(*twelve(values), level="ratio"),
        lambda: agreement.gwet_ac(*twelve(values), weights="ratio"),
    ):
        with pytest.raises(InputError, match="4611686018427387905 is too large for ratios"):
            call()
    with pytest.raises(InputError, match=r"must not be negative, got -1\.7e\+308"):
        agreement.krippendorff_alpha(*twelve((STEPS - 1) * 1.7e308), level="ratio")


@pytest.mark.parametrize("weights", ["linear", "quadratic", "radical", "circular", "bipolar"])
def test_weights_of_tiny_steps_are_those_of_short_arcs(weights: str) -> None:
    tiny = agreement.gwet_ac(*twelve(STEPS * 1e-200), weights=weights).value
    straight = agreement.gwet_ac(*twelve(STEPS), weights="quadratic" if weights == "circular" else weights)
    assert tiny == pytest.approx(straight.value, abs=1e-12)
    two = agreement.gwet_ac(*twelve((STEPS > 0) * 5e-324), weights=weights).value
    assert two == pytest.approx(agreement.gwet_ac(*twelve(STEPS > 0)).value, abs=1e-12)
