"""What must never change an answer, and that no input whatever gives a wrong number or a warning from inside NumPy."""

from __future__ import annotations

import inspect
import math
import warnings
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from concord.stats import InputError, aggregation, agreement, comparison, ranking
from tests.concord.stats.calls import BY_NAME, ROOMS, parameters_tried, public_functions

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
        for together in base.components:  # systems of different ones never met, and share no scale
            known = [one for one in together if np.isfinite(base.log_strengths[one])]
            assert base.log_strengths[known].sum() == pytest.approx(0, abs=1e-9)
            assert base.strengths[known].sum() == pytest.approx(1 if known else 0)


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


def columns() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Thirty units rated by four raters on a scale of four, with what a real study has: agreement, and gaps."""
    rng = np.random.default_rng(7)
    unit, rater = (i.ravel() for i in np.indices((30, 4)))
    value = np.clip(np.round(rng.normal(1.5, 1, 30)[unit] + rng.normal(0, 0.7, 120)), 0, 3)
    return unit, rater, value


WITH_GAPS = np.where(np.random.default_rng(8).random(120) < 0.1, np.nan, columns()[2])
SAID = (
    "value", "posterior", "counts", "discrimination", "ability", "truth", "bias", "log_strengths", "rates", "score",
    "scores", "confusion", "observed", "probabilities", "slope", "example", "rater", "repeat", "alpha", "p_values",
    "log_odds", "difference", "differences", "winning_rate", "n", "queries", "gain", "full",
)  # fmt: skip


def said(result: object) -> list[float]:
    """Return the numbers of an answer in an order that names cannot change."""
    if isinstance(result, tuple | list):
        return sorted(number for part in result for number in said(part))
    if isinstance(result, dict):
        return said(list(result.values()))
    parts = [getattr(result, name) for name in SAID if hasattr(result, name)]
    if not parts and isinstance(result, int | float):
        parts = [result]
    numbers = [np.sort(np.asarray(part, dtype=float), axis=None) for part in parts if not callable(part)]
    return np.concatenate(numbers).tolist() if numbers else []


def quietly(name: str, columns: tuple) -> object:
    """Call with every warning an error; None where the input was refused."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return BY_NAME[name](columns)
        except InputError:
            return None


UNORDERED = [name for name, call in BY_NAME.items() if not call.ordered]
GAPPED = [name for name, call in BY_NAME.items() if call.missing and not call.ordered]
CODED = [name for name, call in BY_NAME.items() if call.coded]
SUPERSEDING = [
    name for name in CODED if name.split()[1].split(".")[0] in ("agreement", "aggregation") and "=HALF" not in name
]  # fmt: skip
GROWING = {"AlphaCounts", "LabelCounts", "VoteCounts"}  # their tests are above and below


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.__name__.split(".")[-1])
def test_no_public_function_and_no_option_is_forgotten(room) -> None:
    for name, function in public_functions(room).items():
        forgotten = set(inspect.signature(function).parameters) - parameters_tried(function)
        assert not forgotten, f"{name}: {sorted(forgotten)} are tried by no call in calls.py"
    growing = {name for name in room.__all__ if hasattr(getattr(room, name), "merge")}
    assert growing <= GROWING


@pytest.mark.parametrize("name", UNORDERED, ids=str)
def test_the_order_of_rows_changes_no_answer(name: str) -> None:
    unit, rater, value = columns()
    order = np.random.default_rng(3).permutation(len(unit))
    if unit[order][0] != unit[0]:  # some calls take their numbers from the first row
        order = np.concatenate([[0], order[order != 0]])
    whole = quietly(name, (unit, rater, value))
    again = quietly(name, (unit[order], rater[order], value[order]))
    assert (whole is None) == (again is None)
    if "rng" in name or "bootstrap" in name:
        whole, again = getattr(whole, "value", None), getattr(again, "value", None)
    assert said(again) == pytest.approx(said(whole), abs=1e-6, rel=1e-6, nan_ok=True)


@pytest.mark.parametrize("name", CODED, ids=str)
def test_the_names_of_units_and_raters_change_no_answer(name: str) -> None:
    unit, rater, _ = columns()
    named = (
        "gold",
        "machine_units",
        "rater_codes",
        "HALF",
        "WEIGHTS",
    )  # these say something of a unit or rater by its code
    names = (unit, rater) if any(word in name for word in named) else ((37 * unit) % 101 - 50, 3 - rater)
    whole, again = quietly(name, (unit, rater, WITH_GAPS)), quietly(name, (*names, WITH_GAPS))
    assert said(again) == pytest.approx(said(whole), abs=1e-6, rel=1e-6, nan_ok=True)


@pytest.mark.parametrize("name", GAPPED, ids=str)
def test_a_row_without_a_value_changes_no_answer(name: str) -> None:
    unit, rater, value = columns()
    call = BY_NAME[name]
    padded = (np.append(unit, 999 if call.coded else 29), np.append(rater, 3), np.append(value, np.nan))
    if call.function.__name__ == "span_agreement":
        return  # there a row without a span says that the rater read the unit
    whole, again = quietly(name, (unit, rater, value)), quietly(name, padded)
    if again is None:
        return  # what must be known for every row may be refused
    one, two = getattr(whole, "value", None), getattr(again, "value", None)
    if isinstance(one, float) and "prediction_powered" not in name and "paired=False" not in name:
        assert two == pytest.approx(
            one, abs=1e-9, nan_ok=True
        )  # (in these, the row's other half says something)


@pytest.mark.parametrize("name", SUPERSEDING, ids=str)
def test_a_rating_stated_twice_counts_once(name: str) -> None:
    unit, rater, value = columns()
    once, twice = (unit, rater, value), tuple(np.concatenate([part, part]) for part in (unit, rater, value))
    if "slices=" in name or "span" in name or "bias" in name:
        once = twice  # then only that it stays quiet
    assert said(quietly(name, twice)) == pytest.approx(said(quietly(name, once)), abs=1e-6, nan_ok=True)


def odd_inputs() -> dict[str, tuple]:
    class Silent:
        """Neither a number nor a list."""

    frame = pd.DataFrame(
        {"u": [3, 3, 9, 9], "r": [0, 1, 0, 1], "v": [1.0, 0.0, np.nan, 1.0]}, index=[7, 5, 3, 1]
    )
    hidden = np.ma.masked_array([0.0, 99.0, 1.0, 1.0], mask=[0, 1, 0, 0])
    return {
        "empty": ([], [], []),
        "one rating": ([1], [0], [1]),
        "one rater": ([0, 1, 2], [0, 0, 0], [0, 1, 0]),
        "one unit": ([0, 0, 0], [0, 1, 2], [0, 1, 1]),
        "all equal": ([0, 0, 1, 1, 2, 2], [0, 1, 0, 1, 0, 1], [1, 1, 1, 1, 1, 1]),
        "all missing": ([0, 0, 1, 1], [0, 1, 0, 1], [np.nan] * 4),
        "none": ([0, 0, 1, 1], [0, 1, 0, 1], [1, None, 0, 1]),
        "all none": ([0, 0, 1, 1], [0, 1, 0, 1], [None] * 4),
        "infinite": ([0, 0, 1, 1], [0, 1, 0, 1], [0, 1, np.inf, 1]),
        "infinite first": ([0, 0, 1, 1], [0, 1, 0, 1], [-np.inf, 1, 0, 1]),
        "huge": ([2**60, 2**60, 7, 7], [0, 2**61, 0, 2**61], [2**62, 2**62 + 1, 5, 5]),
        "too huge": ([0, 0, 1, 1], [0, 1, 0, 1], [10**40, 1, 1, 0]),
        "unsigned": (np.array([2**64 - 1, 1], dtype=np.uint64), [0, 1], [0, 1]),
        "large floats": ([0, 0, 1, 1], [0, 1, 0, 1], [1e300, -1e300, 1e308, 2.0]),
        "tiny floats": ([0, 0, 1, 1], [0, 1, 0, 1], [1e-310, 2e-310, 1e-300, 0.0]),
        "half floats": ([0, 0, 1, 1], [0, 1, 0, 1], np.array([6e4, 1, 0, 1], dtype=np.float16)),
        "wide floats": ([0, 0, 1, 1], [0, 1, 0, 1], np.array([1, 0, 1, 1], dtype=np.longdouble) * 1e300),
        "bytes": (np.array([0, 0, 255, 255], dtype=np.uint8), [0, 1, 0, 1], np.array([0, 255, 1, 0], dtype=np.uint8)),
        "strings": (["a", "a"], [0, 1], [1, 2]),
        "string values": ([0, 0], [0, 1], ["yes", "no"]),
        "numbers as strings": (["0", "0"], ["0", "1"], ["1", "0"]),
        "a string": ("abc", "abc", "abc"),
        "fractions as codes": ([0.5, 0.5], [0, 1], [1, 2]),
        "whole floats as codes": ([3.0, 3.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0], [0.0, 1.0, 1.0, 1.0]),
        "nan as code": ([0, np.nan], [0, 1], [1, 2]),
        "decimals": ([0, 0], [0, 1], [Decimal("0.5"), Decimal("1")]),
        "fractions": ([0, 0, 1, 1], [0, 1, 0, 1], [Fraction(1, 2), Fraction(1), 0, 1]),
        "lengths": ([0, 0, 1], [0, 1], [1, 2, 3]),
        "nested": ([[0, 1]], [[0, 1]], [[1, 2]]),
        "a matrix": (np.eye(3), np.eye(3), np.eye(3)),
        "ragged": ([[0], [1, 2]], [0, 1], [1, 2]),
        "complex": ([0, 0], [0, 1], [1j, 2]),
        "dates": ([0, 0], [0, 1], np.array(["2026-01-01", "2026-01-02"], dtype="datetime64[D]")),
        "nothing": (None, None, None),
        "a number": (3, 3, 3),
        "objects": ([Silent(), Silent()], [0, 1], [Silent(), 1]),
        "a set": ({0, 1}, {0, 1}, {0, 1}),
        "booleans": ([0, 0, 1, 1], [0, 1, 0, 1], [True, False, True, True]),
        "series": (frame["u"], frame["r"], frame["v"]),
        "masked": ([0, 0, 1, 1], [0, 1, 0, 1], hidden),
        "masked codes": (np.ma.masked_array([0, 1, 1, 0], mask=[1, 0, 0, 0]), [0, 1, 0, 1], [0, 1, 0, 1]),
        "anonymous": ([0, 0, 1, 1], [-1, -1, -1, -1], [0, 1, 1, 1]),
        "negative": ([-5, -5, -1, -1], [-2, -3, -2, -3], [-1, -2, -1, -1]),
        "perfect": ([0, 0, 1, 1], [0, 1, 0, 1], [0, 0, 1, 1]),
    }  # fmt: skip


ODD_INPUTS = odd_inputs()


def sound(name: str, label: str, result: object) -> None:
    """Fail where a number stands without meaning: nan without a reason, a reason with a number, ends out of order or missing."""
    value, reason = getattr(result, "value", None), getattr(result, "undefined", None)
    if isinstance(value, float):
        assert not math.isinf(value), f"{name} on {label}: {value}"
        assert (reason is not None) == math.isnan(value), f"{name} on {label}: {value} with reason {reason!r}"
    low, high = getattr(result, "low", None), getattr(result, "high", None)
    if isinstance(low, float) and isinstance(high, float):
        one_sided = "upper_bound" in name
        assert one_sided or math.isnan(low) == math.isnan(high), f"{name} on {label}: {low} to {high}"
        assert not low > high, f"{name} on {label}: {low} to {high}"
        told = getattr(result, "notes", ("a result that has no notes",))
        silent = math.isnan(high) and reason is None and not told
        assert not silent, f"{name} on {label}: no interval, and not a word why"


@pytest.mark.parametrize("name", BY_NAME, ids=str)
def test_odd_inputs_give_an_answer_a_reason_or_an_input_error(name: str) -> None:
    for label, odd in ODD_INPUTS.items():
        try:
            sound(name, label, quietly(name, odd))
        except Exception as error:  # name the input that did it
            pytest.fail(f"{name} on {label}: {type(error).__name__}: {error}")


def test_what_a_mask_hides_is_missing() -> None:
    hidden = np.ma.masked_array([1.0, 99.0, 3.0, 4.0], mask=[0, 1, 0, 0])
    assert comparison.mean(hidden).value == pytest.approx(8 / 3)
    assert comparison.mean(hidden).omitted == {"missing values": 1}
    with pytest.raises(InputError):
        comparison.mean([1.0, 2.0, 3.0, 4.0], clusters=np.ma.masked_array([0, 1, 1, 0], mask=[1, 0, 0, 0]))


@pytest.mark.parametrize("seed", range(24))
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
    value = kinds[seed % 5] * 10.0 ** int(rng.choice([0, 0, 0, -200, -80, 60, 130]))
    value[rng.random(n) < rng.choice([0.0, 0.3])] = np.nan
    for name in BY_NAME:
        try:
            sound(name, f"seed {seed}", quietly(name, (unit, rater, value)))
        except Exception as error:
            pytest.fail(f"{name} on seed {seed}: {type(error).__name__}: {error}")


@quick
@given(ratings(), st.integers(0, 40))
def test_labels_that_grow_or_merge_equal_recomputation(data, cut: int) -> None:
    unit, rater, value = data
    whole, first, second = (aggregation.LabelCounts([0, 1, 2, 3]) for _ in range(3))
    for target, part in ((whole, slice(None)), (first, slice(cut)), (second, slice(cut, None))):
        target.update(unit[part].tolist(), value[part].tolist(), rater[part].tolist())
    first.merge(second)
    for counts in (whole, first):
        votes, expected = counts.majority_vote(), aggregation.majority_vote(*data, categories=[0, 1, 2, 3])
        assert votes.unit_codes.tolist() == expected.unit_codes.tolist()
        assert votes.counts.tolist() == expected.counts.tolist()
        assert votes.label.tolist() == pytest.approx(expected.label.tolist(), nan_ok=True)


def test_results_are_written_as_json() -> None:
    import json

    result = agreement.krippendorff_alpha([0, 0, 1, 1], [0, 1, 0, 1], [1, 1, 2, 1], level="nominal")
    again = json.loads(json.dumps(result.as_dict()))
    assert again["value"] == pytest.approx(result.value)
    assert again["per_unit"] == result.per_unit.tolist()
    undefined = agreement.krippendorff_alpha([], [], [], level="nominal").as_dict()
    assert undefined["value"] is None
    assert json.dumps(undefined)
