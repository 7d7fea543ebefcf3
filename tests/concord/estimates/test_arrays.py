"""Columns of one length, in one order."""

import numpy as np
import pytest

from concord.estimates.arrays import encode, equal_weights, item_means, named_apart, pair_codes, repeated
from tests.concord.estimates.answers import ratings


def test_columns_of_different_lengths_are_refused() -> None:
    whole = ratings([(1, 1, 0, 3.0), (1, 2, 0, 4.0)])
    with pytest.raises(ValueError, match="one length"):
        type(whole)(**{**vars(whole), "values": np.array([1.0])})


def test_rows_keep_together_when_they_are_put_in_order() -> None:
    shuffled = ratings([(2, 2, 1, 5.0), (1, 1, 0, 3.0), (2, 1, 0, 4.0)], cannot_judge=7).in_order()
    assert shuffled.examples.tolist() == [1, 1, 2]
    assert shuffled.values.tolist() == [3.0, 4.0, 5.0]
    assert shuffled.raters.tolist() == [0, 0, 1]
    assert shuffled.cannot_judge == 7


def test_some_rows_are_these_rows_and_the_count_of_the_whole_stays() -> None:
    kept = ratings([(1, e, 0, float(e)) for e in range(5)], cannot_judge=2)
    part = kept.where(kept.values > 2)
    assert (len(part), part.values.tolist(), part.cannot_judge) == (2, [3.0, 4.0], 2)


def test_equal_weights_make_each_item_count_one() -> None:
    items = np.array([7, 7, 7, 8, 9, 9])
    weights = equal_weights(items)
    assert [weights[items == item].sum() for item in (7, 8, 9)] == pytest.approx([1, 1, 1])


def test_anonymous_answers_are_never_taken_for_one_persons() -> None:
    codes = named_apart(np.array([3, -1, 3, -1, 5]))
    assert len(np.unique(codes)) == 4
    assert codes[0] == codes[2] == 3


def test_a_pair_has_one_code_whichever_stands_left() -> None:
    one, two = np.array([5, 9, 5]), np.array([9, 5, 6])
    codes = pair_codes(one, two)
    assert codes[0] == codes[1] != codes[2]


def test_ids_that_would_not_fit_are_refused_and_not_mixed_up() -> None:
    with pytest.raises(OverflowError):
        encode(np.array([2**31]), np.array([1]))
    assert len(np.unique(encode(np.array([1, 2**31 - 1]), np.array([2**31 - 1, 1])))) == 2


def test_unreadable_answers_are_in_no_mean() -> None:
    items, means = item_means(np.array([4, 4, 2, 3]), np.array([1.0, np.nan, 5.0, np.nan]))
    assert (items.tolist(), means.tolist()) == ([2, 4], [5.0, 1.0])


def test_what_stands_once_is_no_cluster() -> None:
    assert repeated(np.array([1, 2, 3])) is None
    assert repeated(np.array([1, 2, 1])) is not None
