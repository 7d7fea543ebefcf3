"""Every option of the public functions given what it is not: an answer, a reason, or an error in one clear sentence."""

from __future__ import annotations

import inspect
import math
import warnings
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from concord.stats import (
    InputError,
    aggregation,
    agreement,
    calibration,
    comparison,
    fairness,
    joint,
    planning,
    ranking,
    tails,
)
from tests.concord.stats.calls import CALLS, Role, public_functions

ROOMS = agreement, aggregation, calibration, comparison, fairness, joint, planning, ranking, tails
UNITS, RATERS = (code.ravel() for code in np.indices((12, 4)))
COLUMNS = UNITS, RATERS, ((UNITS + RATERS * UNITS) % 3).astype(float)

ODD: dict[str, Any] = {
    "nan": math.nan,
    "infinite": math.inf,
    "none": None,
    "a word": "no",
    "true": True,
    "minus one": -1,
    "whole float": 3.0,
    "numpy's three": np.int8(3),
    "numpy's half": np.float16(0.5),
    "fraction": Fraction(1, 2),
    "decimal": Decimal("0.5"),
    "complex": 1j,
    "tiny": 1e-320,
    "huge": 2**62,
    "beyond floats": 10**400,
    "beyond words": 10**5000,
    "bytes": b"no",
    "a function": len,
    "a mapping": {},
    "empty": [],
    "ragged": [[1], [1, 2]],
    "a single entry": np.array(0.5),
    "a matrix": np.ones((48, 2)),
    "words": np.array(["a"] * 48),
    "objects": np.array([1, "a"] * 24, dtype=object),
    "unsigned": np.full(48, 2**64 - 1, dtype=np.uint64),
    "masked": np.ma.masked_array(UNITS % 2, mask=RATERS == 0),
    "series": pd.Series(UNITS % 2, index=range(48)[::-1]),
    "categories": pd.Series(["a", "b"] * 24).astype("category"),
    "missing": pd.NA,
    "legacy generator": np.random.RandomState(0),
}


def fullest() -> dict[str, tuple[Callable[..., Any], dict[str, Any]]]:
    """Return each public function with all options that any of its calls gives, on columns without oddities."""
    found: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {}
    for room in ROOMS:
        for name, function in public_functions(room).items():
            mine = [call for call in CALLS if call.function is function]
            if not mine:  # called through another
                continue
            call = max(mine, key=lambda call: len(call.tried))
            given = inspect.signature(function).bind(*call.args, **call.options).arguments
            given = {key: arg.of(COLUMNS) if isinstance(arg, Role) else arg for key, arg in given.items()}
            for key, parameter in inspect.signature(function).parameters.items():
                given.setdefault(key, parameter.default)
            if "n_resamples" in given:
                given["n_resamples"] = 20
            found[f"{room.__name__.rpartition('.')[2]}.{name}"] = function, given
    return found


FULLEST = fullest()


@pytest.mark.parametrize("name", FULLEST)
def test_odd_options_give_an_answer_a_reason_or_an_input_error(name: str) -> None:
    function, given = FULLEST[name]
    for option in given:
        for label, odd in ODD.items():
            what = f"{name}, {option} = {label}"
            if option == "level" and callable(odd):
                continue  # a distance of one's own: what it raises is its own affair
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("error")
                    sound(what, function(**{**given, option: odd}))
            except InputError as error:
                if len(str(error)) > 400 or "\n" in str(error):
                    pytest.fail(f"{what}: not one sentence: {error}")
            except Exception as error:
                pytest.fail(f"{what}: {type(error).__name__}: {error}")


def sound(what: str, result: object) -> None:
    """Fail where a number stands beside a reason why there is none, or nan without one."""
    value, reason = getattr(result, "value", None), getattr(result, "undefined", None)
    if isinstance(value, float) and math.isnan(value) != (reason is not None):
        pytest.fail(f"{what}: {value}, {reason}")


def test_a_word_is_neither_true_nor_false() -> None:
    """bool("no") is true: an unpaired comparison must not be made a paired one by it."""
    one, two = [1.0, 0.0, 1.0], [0.0, 1.0, 0.0]
    for call in (
        lambda: comparison.permutation_test(one, two, paired="no"),
        lambda: comparison.probability_better(one, two, paired=None),
        lambda: comparison.bootstrap(one, widened=1),
        lambda: planning.n_for_difference(effect=0.5, sd=1.0, paired="unpaired"),
        lambda: joint.prediction_powered_mean(one, one, two, small_sample=0),
    ):
        with pytest.raises(InputError, match="must be True or False"):
            call()


def test_a_whole_float_is_a_number_of_tries() -> None:
    assert comparison.pass_at_k([5.0, 5.0], [2, 0], 2.0).value == pytest.approx(0.35)
    assert comparison.bootstrap([1.0, 2.0, 4.0], n_resamples=30.0).resamples.shape == (30,)
    for call in (
        lambda: comparison.bootstrap([1.0, 2.0], n_resamples=2**62),
        lambda: comparison.irt_2pl([0, 1], [0, 1], [0, 1], n_nodes=2**62),
    ):
        with pytest.raises(InputError, match="at most"):
            call()


def test_what_is_missing_is_counted() -> None:
    gone, y, x = np.nan, [1.0, 0.0, 1.0, np.nan, 1.0, 0.0], [1.0, np.nan, 2.0, 3.0, 0.0, 1.0]
    code, own = [0, 1, 0, 1, 0, 1], [0, 1, 1, 0, 0, 1]
    for found, lost in (
        (comparison.confidence_sequence(y), 1),
        (comparison.e_value(y, null=0.4), 1),
        (comparison.variance_components(x, examples=code), 1),
        (fairness.equalised_odds(y, own, code, minimum=1), 1),
        (fairness.intersections(x, np.array(code)[:, None]), 1),
        (calibration.reliability_bins(y, own), 1),
        (joint.length_bias(y, x, own), 2),
        (joint.self_preference(x, y, own), 2),
        (joint.length_bias([gone], [1.0], [1.0]), 1),
        (joint.self_preference([gone], [1.0], [1]), 1),
        (comparison.confidence_sequence([gone]), 1),
    ):
        assert sum(found.omitted.values()) == lost, found
        assert found.as_dict()["omitted"] == dict(found.omitted)


def test_ratings_that_could_not_be_used_are_counted() -> None:
    units, raters = [0, 0, 0, 1, 1, 1, 2, 2], [0, 1, 2, 0, 1, 2, 0, 1]
    values = [1, 1, 2, np.nan, 2, 2, 1, 1]
    found = fairness.in_group_agreement(units, raters, values, [0, 1], [0, 0], n_permutations=5)
    assert found.omitted["ratings by raters without a group"] == 2
    assert found.omitted["missing values"] == 1
    # Two of four raters are kept back: nothing may tell how much they rated.
    small = fairness.in_group_agreement(
        units, raters, values, [0, 1, 2], [0, 0, 1], minimum=2, n_permutations=5
    )
    assert "ratings by raters without a group" not in small.omitted
    test = joint.alternative_annotator_test(units, raters, values, [0, 1], [1, 2], minimum_units=2)
    assert dict(test.omitted) == {"missing values": 1, "ratings without one by another or by the machine": 2}


def test_what_pandas_calls_missing_is_missing() -> None:
    for kind in ("Int64", "Float64", "boolean", object):
        found = comparison.mean(pd.Series([1, pd.NA, 0, 1], dtype=kind))
        assert (found.value, found.omitted) == (pytest.approx(2 / 3), {"missing values": 1})
    with pytest.raises(InputError, match="NaT"):
        comparison.mean(pd.Series([1, pd.NaT], dtype=object))
