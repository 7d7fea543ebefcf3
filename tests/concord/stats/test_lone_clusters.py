"""Where the votes of one cluster alone tie systems together, nothing shows how far their difference may be off."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csgraph

from concord.stats.joint import prediction_powered_bradley_terry
from concord.stats.ranking import bradley_terry, plackett_luce
from concord.stats.ranking._leaderboard import Leaderboard

LEFT, RIGHT = np.zeros(120, dtype=int), np.array([1] * 100 + [2] * 20)
WON = np.array([1, 0, 1, 0, 1] * 20 + [1] * 11 + [0] * 9, dtype=float)
OWN = np.array([i % 10 for i in range(100)] + [10] * 20)  # the votes on system 2 in a cluster of their own
SHARED = np.array([i % 10 for i in range(100)] + [3] * 20)  # ... or in one that also holds others


def fits(clusters: np.ndarray) -> tuple[Leaderboard, ...]:
    rows = np.where(WON[:, None] == 1, np.stack([LEFT, RIGHT], 1), np.stack([RIGHT, LEFT], 1))
    judge = (WON, [0, 1, 0] * 50, [1, 2, 2] * 50, [1, 0, 1] * 50)
    return (
        bradley_terry(LEFT, RIGHT, WON, n_systems=3, clusters=clusters),
        plackett_luce(rows, n_systems=3, clusters=clusters),
        prediction_powered_bradley_terry(LEFT, RIGHT, WON, *judge, n_systems=3, clusters=clusters),
    )


def lone_note(fit: Leaderboard) -> list[str]:
    return [note for note in fit.notes if "tied together by one cluster only: [0, 1]; [2]" in note]


@pytest.mark.parametrize("clusters", [OWN, SHARED])
@pytest.mark.parametrize("many", [False, True])
def test_what_one_cluster_decides_has_no_interval(
    clusters: np.ndarray, many: bool, request: pytest.FixtureRequest
) -> None:
    if many:
        request.getfixturevalue("many_clusters")
    for fit in fits(clusters):
        across, within = fit.difference(0, 2), fit.difference(0, 1)
        assert np.isnan([across.low, across.high, across.p_value, across.df]).all()
        assert "one cluster alone" in across.notes[0]
        assert np.isfinite([within.low, within.high, within.p_value]).all()
        assert within.df <= 10
        assert np.isnan(fit.low).all()
        assert np.isnan(fit.covariance).all()
        assert (fit.rank_low.tolist(), fit.rank_high.tolist()) == ([1] * 3, [3] * 3)
        assert len(lone_note(fit)) == 1
        assert fit.lone_groups() == ((0, 1), (2,))
        assert np.isnan(fit.difference_variance[2, :2]).all()
        assert np.isfinite(fit.difference_variance[0, 1])


def test_two_clusters_are_enough_for_an_interval() -> None:
    clusters = OWN.copy()
    clusters[110:] = 0
    for fit in fits(clusters):
        assert np.isfinite(fit.difference(0, 2).p_value)
        assert not lone_note(fit)
        assert fit.lone_groups() == ()


def test_resamples_of_clusters_cannot_show_it_either() -> None:
    fit = bradley_terry(LEFT, RIGHT, WON, n_systems=3, clusters=OWN, n_resamples=100)
    assert np.isnan(fit.low).all()
    assert np.isnan(fit.high).all()
    assert np.isnan(fit.difference(0, 2).p_value)


def test_clusters_two_ways_lose_what_either_way_loses() -> None:
    fit = bradley_terry(LEFT, RIGHT, WON, n_systems=3, clusters=np.arange(120) % 6, clusters2=OWN)
    assert np.isnan(fit.difference(1, 2).p_value)
    assert np.isfinite(fit.difference(0, 1).p_value)


def test_a_stray_system_takes_no_interval_from_many_others(rng: np.random.Generator) -> None:
    left = rng.integers(0, 29, 6000)
    right = (left + rng.integers(1, 29, 6000)) % 29
    left, right = np.append(left, [0] * 10), np.append(right, [29] * 10)
    won = np.append(rng.random(6000) < 0.5, [1, 0] * 5).astype(float)
    rater = np.append(rng.integers(0, 40, 6000), [7] * 10)
    fit = bradley_terry(left, right, won, n_systems=30, clusters=rater)
    assert np.isfinite(fit.low[:29]).all()
    assert np.isnan(fit.low[29])
    assert fit.df > 20
    alone = bradley_terry(left[:-10], right[:-10], won[:-10], n_systems=30, clusters=rater[:-10])
    assert fit.difference(3, 4).high == pytest.approx(alone.difference(3, 4).high, rel=1e-4)


def test_a_coefficient_that_one_cluster_decides_has_no_interval() -> None:
    length = np.where(OWN == 4, np.arange(120) % 7 - 3.0, 0.0)
    fit = bradley_terry(
        LEFT[:100], RIGHT[:100], WON[:100], n_systems=2, clusters=OWN[:100], covariates=length[:100]
    )
    assert np.isnan(fit.coefficient_standard_error).all()
    assert np.isnan(fit.coefficient_low).all()
    assert np.isfinite(fit.standard_error).all()
    assert "one cluster alone decides a coefficient: no interval." in fit.notes


@pytest.mark.parametrize("ties", ["davidson", "rao-kupper"])
def test_tie_models_lose_it_too(ties: str) -> None:
    outcome = np.where(np.arange(120) % 6 == 0, 0.5, WON)
    fit = bradley_terry(LEFT, RIGHT, outcome, n_systems=3, ties=ties, clusters=OWN)
    assert np.isnan(fit.difference(0, 2).p_value)
    assert np.isfinite(fit.difference(0, 1).p_value)


def test_few_clusters_are_said() -> None:
    for fit in fits(np.arange(120) % 3):
        assert any("lie in 3 clusters only" in note for note in fit.notes)
    for fit in fits(np.zeros(120, dtype=int)):
        assert any("one cluster holds all" in note for note in fit.notes)
        assert np.isnan(fit.system_df).all()
        assert np.isnan(fit.df)


def test_degrees_of_freedom_of_many_clusters_near_those_of_few(
    rng: np.random.Generator, request: pytest.FixtureRequest
) -> None:
    """System 3 is met in three clusters of sixty only: about two degrees of freedom, by either way to get them."""
    left = rng.integers(0, 3, 1200)
    right = (left + rng.integers(1, 3, 1200)) % 3
    rater = np.arange(1200) % 60
    stray = np.repeat([0, 1, 2], 12)
    left, right = np.append(left, stray), np.append(right, [3] * 36)
    won, rater = (rng.random(1236) < 0.5).astype(float), np.append(rater, np.tile([5, 6, 7], 12))
    few = bradley_terry(left, right, won, n_systems=4, clusters=rater)
    request.getfixturevalue("many_clusters")
    many = bradley_terry(left, right, won, n_systems=4, clusters=rater)
    assert few.system_df[3] == pytest.approx(2, abs=0.1)
    assert many.system_df == pytest.approx(few.system_df, rel=0.2)
    assert any("few of 60 clusters: 3" in note for note in many.notes)


def test_differences_are_unknown_exactly_where_leaving_out_a_cluster_parts_two_systems(
    rng: np.random.Generator,
) -> None:
    unknown = 0
    for _ in range(60):
        s, g, n = int(rng.integers(2, 7)), int(rng.integers(2, 6)), int(rng.integers(10, 60))
        pairs = rng.integers(0, s, (s + 2, 2))
        of = rng.integers(0, len(pairs), n)
        left, right = pairs[of].T
        clusters = (of * 7 + rng.integers(0, 2, n) * rng.integers(0, 2)) % g
        fit = bradley_terry(left, right, rng.integers(0, 2, n), n_systems=s, clusters=clusters)
        if not fit.defined:
            continue
        present, parted = fit.n_votes > 0, np.zeros((s, s), dtype=bool)
        for cluster in np.unique(clusters[left != right]):
            met = np.zeros((s, s))
            met[left[clusters != cluster], right[clusters != cluster]] = 1
            label = csgraph.connected_components(met, directed=False)[1]
            parted |= label[:, None] != label[None, :]
        both = np.ix_(present, present)
        assert (np.isnan(fit.difference_variance[both]) == parted[both]).all()
        unknown += int(parted[both].sum())
    assert unknown > 50
