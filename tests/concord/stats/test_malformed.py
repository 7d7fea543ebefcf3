"""Malformed calls get a clear sentence, whichever function they meet."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from concord.stats import InputError, aggregation, agreement
from concord.stats.joint import (
    best_next_labels,
    budget,
    prediction_powered_bradley_terry,
    prediction_powered_mean,
    prediction_powered_stratified,
    rogan_gladen,
)
from concord.stats.ranking import VoteCounts, best_worst, bradley_terry, elo, next_pairs, plackett_luce

pytestmark = pytest.mark.filterwarnings("error")


UNITS, RATERS, VALUES = [1, 1, 2, 2, 3, 3], [0, 1] * 3, [1, 1, 2, 2, 1, 2]
DATA = (UNITS, RATERS, VALUES)


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


def test_malformed_calls_of_joint_get_a_clear_sentence() -> None:
    five = [1.0, 0.0, 1.0, 0.0, 1.0]
    for call in (
        lambda: prediction_powered_mean(five, five, five, lam="a"),  # type: ignore[arg-type]
        lambda: prediction_powered_mean(five, five, five, lam=float("nan")),
        lambda: prediction_powered_mean(five, five, five, null=float("inf")),
        lambda: prediction_powered_mean(five, five[:4], five),
        lambda: prediction_powered_mean(five, five, five, unlabelled_clusters=[1] * 5),
        lambda: prediction_powered_mean(five, five, five, propensities=[0.5] * 4),
        lambda: prediction_powered_mean(["a"], [1], [1]),
        lambda: prediction_powered_mean([np.inf], [1], [1]),
        lambda: prediction_powered_stratified(five, five, [0] * 5, five, [0] * 5, shares={0: float("nan")}),
        lambda: prediction_powered_bradley_terry([0], [1], [1], [1], [0], [1], [1], n_systems=2, lam="x"),  # type: ignore[arg-type]
        lambda: prediction_powered_bradley_terry([0], [1], [1], [1, 1], [0], [1], [1], n_systems=2),
        lambda: rogan_gladen(5, 10, sensitivity=5, specificity=(3, 4)),  # type: ignore[arg-type]
        lambda: rogan_gladen(5.5, 10, sensitivity=(5, 6), specificity=(3, 4)),  # type: ignore[arg-type]
        lambda: best_next_labels([1.0], n=1, exploration="x"),  # type: ignore[arg-type]
        lambda: budget(total="1", label_cost=1, prediction_cost=1, correlation=0.4),  # type: ignore[arg-type]
        lambda: budget(total=9, label_cost=1, prediction_cost=0, correlation=1.5),
    ):
        with pytest.raises(InputError):
            call()


def test_malformed_calls_of_ranking_get_a_clear_sentence() -> None:
    for call in (
        lambda: bradley_terry([0], [1], [1], n_systems=10**7),
        lambda: bradley_terry([[0, 1]], [1], [1], n_systems=2),
        lambda: bradley_terry([0, 1], [1], [1], n_systems=2),
        lambda: bradley_terry([0], [1], [1], n_systems=2, weights=[-1]),
        lambda: bradley_terry([0], [1], [1], n_systems=2, n_resamples=1.5),
        lambda: elo([0], [1], [1], n_systems=2, k="a"),
        lambda: elo([0], [1], [1], n_systems=2, scale=0),
        lambda: best_worst([[0, 1, -1]], [-1], [1], n_systems=2),
        lambda: best_worst([[0, 1, 1]], [0], [1], n_systems=2),
        lambda: next_pairs(bradley_terry([0], [1], [1], n_systems=2), n=1, exploration="x"),
        lambda: next_pairs(bradley_terry([0], [1], [1], n_systems=2), n=1, allowed=[["a", "b"], ["c", "d"]]),
        lambda: VoteCounts(2).merge(VoteCounts(3)),
        lambda: VoteCounts(2).merge("votes"),  # type: ignore[arg-type]
        lambda: plackett_luce([[0, 1], [1, 0]], n_systems=2, weights=[1, -1]),
    ):
        with pytest.raises(InputError):
            call()
