"""Ratings as masked arrays and tables of objects."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats import agreement
from concord.stats.agreement._ratings import _NEARBY, _all_answer_once, ratings

pytestmark = pytest.mark.filterwarnings("error")


UNITS, RATERS, VALUES = [1, 1, 2, 2, 3, 3], [0, 1] * 3, [1, 1, 2, 2, 1, 2]


def test_masked_arrays_and_tables_of_objects_hold_missing_ratings() -> None:
    masked = np.ma.array(VALUES, mask=[0, 0, 1, 0, 0, 0])
    objects = np.array([1, 1, None, 2, 1, 2], dtype=object)
    plain = [1, 1, np.nan, 2, 1, 2]
    for function in (agreement.fleiss_kappa, agreement.percent_agreement):
        expected = function(UNITS, RATERS, plain).value
        assert function(UNITS, RATERS, masked).value == expected
        assert function(UNITS, RATERS, objects).value == expected


def test_ratings_in_order_are_seen_to_be_given_once_without_sorting() -> None:
    """Units in order and no rater twice in one; else a sort tells, also where a unit has very many ratings."""
    unit, rater = np.repeat(np.arange(50), 3), np.tile([0, 1, 2], 50)
    assert _all_answer_once(unit, rater, 3, 3)
    again = rater.copy()
    again[31] = again[30]
    assert not _all_answer_once(unit, again, 3, 3)
    assert not _all_answer_once(unit[::-1], rater[::-1], 3, 3)
    one = np.zeros(_NEARBY, dtype=np.int64)
    assert _all_answer_once(one, np.arange(_NEARBY), _NEARBY, _NEARBY)
    more = _NEARBY + 1
    assert not _all_answer_once(np.zeros(more, dtype=np.int64), np.arange(more), more, more)
    apart = np.arange(_NEARBY)
    apart[-1] = 0  # the first and the last of a unit are the same rater's
    assert not _all_answer_once(one, apart, _NEARBY, _NEARBY)


def test_a_raters_later_answer_stands_wherever_the_earlier_one_was() -> None:
    found = ratings([1, 2, 1, 1, 2], [0, 0, 1, 0, -1], [1.0, 2.0, 3.0, 4.0, 5.0])
    assert found.value.tolist() == [2.0, 3.0, 4.0, 5.0]
    assert found.omitted == {"repeated ratings": 1}
    anonymous = ratings([1, 1, 1], [-1, -1, 3], [1.0, 2.0, np.nan])
    assert anonymous.value.tolist() == [1.0, 2.0]
    assert anonymous.omitted == {"missing values": 1}
