"""Majority votes: ties, weights, and crowd-kit's."""

from __future__ import annotations

import numpy as np
import pytest
from crowdkit.aggregation import MajorityVote

from concord.stats.aggregation import majority_vote
from tests.concord.stats.aggregation.crowds import random_sets


def test_majority_vote_leaves_ties_open() -> None:
    result = majority_vote([1, 1, 1, 2, 2, 3], [0, 1, 2, 0, 1, 0], [7, 7, 8, 7, 8, 8], categories=[7, 8, 9])
    assert result.label[[0, 2]].tolist() == [7, 8]
    assert np.isnan(result.label[1])
    assert result.tied.tolist() == [False, True, False]
    assert result.margin == pytest.approx([1 / 3, 0, 1])
    assert result.entropy == pytest.approx([0.9183, 1, 0], abs=1e-4)
    weighted = majority_vote([1, 1, 1], [0, 1, 2], [7, np.nan, 8], weights=[1, 5, 3])
    assert weighted.label.tolist() == [8]
    assert not len(majority_vote([], [], []).label)


def test_ratings_of_weight_zero_are_left_out_and_said() -> None:
    result = majority_vote([1, 1, 1, 2], [0, 1, 2, 0], [5, 6, 6, 5], weights=[1.0, 0, 0, 0])
    assert (result.n, dict(result.omitted)) == (1, {"ratings of weight 0": 3})
    assert result.label[0] == 5
    assert np.isnan(result.label[1])


Ratings = tuple[np.ndarray, np.ndarray, np.ndarray]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("unclipped")
def test_majority_vote_against_crowd_kit(rng: np.random.Generator) -> None:
    for data, frame, k in random_sets(rng, 60):
        result = majority_vote(*data)
        model = MajorityVote()
        labels = model.fit_predict(frame).sort_index()
        shares = model.probas_.sort_index()[list(range(k))].to_numpy()
        assert result.counts / result.counts.sum(axis=1, keepdims=True) == pytest.approx(shares, abs=1e-12)
        assert (result.label[~result.tied] == labels.to_numpy()[~result.tied]).all()
