"""Strengths of votes in few clusters: one that decides, two that suffice, and how many are said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import linalg
from scipy.sparse import csgraph

from concord.stats.joint import prediction_powered_bradley_terry
from concord.stats.ranking import _sandwich, bradley_terry, plackett_luce
from concord.stats.ranking._leaderboard import Leaderboard
from concord.stats.ranking._spread import Spread

pytestmark = pytest.mark.filterwarnings("error")


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
    return [note for note in fit.notes if "tied together by one cluster, or nearly so: [0, 1]; [2]" in note]


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
        assert "one cluster ties these systems together" in across.notes[0]
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
    assert "one cluster decides a coefficient, or nearly so: no interval." in fit.notes


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
    assert any("in few clusters: 3" in note for note in many.notes)


def test_differences_are_unknown_where_leaving_out_a_cluster_parts_two_systems(
    rng: np.random.Generator,
) -> None:
    unknown = others = 0
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
        assert np.isnan(fit.difference_variance[both])[parted[both]].all()
        unknown += int(parted[both].sum())
        component = np.full(s, -1)
        for number, members in enumerate(fit.components):
            component[list(members)] = number
        same = component[:, None] == component[None, :]
        others += int((np.isnan(fit.difference_variance) & ~parted & same)[both].sum())
    assert unknown > 50
    assert others < unknown / 10  # nearly decided by one


@pytest.mark.parametrize("many", [False, True])
def test_what_one_cluster_nearly_decides_has_no_interval_either(
    many: bool, request: pytest.FixtureRequest
) -> None:
    """Of votes that are all alike, with 196 of 200 on system 2 in one cluster, a third of the intervals missed the truth."""
    if many:
        request.getfixturevalue("many_clusters")
    right = np.array([1] * 300 + [2] * 200)
    clusters = np.concatenate([np.arange(300) % 15, [0] * 196, [1, 2, 3, 4]])
    won = (np.arange(500) % 2).astype(float)
    fit = bradley_terry(np.zeros(500, dtype=int), right, won, n_systems=3, clusters=clusters)
    assert np.isnan(fit.difference(0, 2).low)
    assert np.isfinite(fit.difference(0, 1).low)
    clusters[300:380] = np.arange(80) % 15
    fit = bradley_terry(np.zeros(500, dtype=int), right, won, n_systems=3, clusters=clusters)
    assert np.isfinite(fit.difference(0, 2).low)
    assert fit.system_df[2] < 5


def test_a_single_vote_that_ties_a_system_to_the_rest_leaves_it_open() -> None:
    """Its score vanishes too: system 2 was said to equal system 0 within 3e-9, and to be better than system 1."""
    left, right, won = [0] * 101, [1] * 100 + [2], [1] * 60 + [0] * 40 + [0.5]
    for ties in ("half", "davidson"):
        fit = bradley_terry(left, right, won, n_systems=3, ties=ties)
        assert np.isnan([fit.difference(0, 2).low, fit.difference(1, 2).p_value]).all()
        assert "one vote ties these systems together" in fit.difference(0, 2).notes[0]
        assert np.isfinite(fit.difference(0, 1).p_value)
        assert "tied together by one vote, or nearly so: [0, 1]; [2]" in fit.notes[-1]
        assert fit.rank_high.tolist() == [3.0] * 3
    judge = (won, [0] * 50, [1, 2] * 25, [1, 0] * 25)
    joint = prediction_powered_bradley_terry(left, right, won, *judge, n_systems=3)
    assert np.isnan(joint.difference(0, 2).low)
    assert np.isfinite(joint.difference(0, 1).low)


def test_a_ranking_that_outweighs_all_others_decides_alone() -> None:
    rankings = [[0, 1], [1, 0]] * 20 + [[0, 2], [2, 0]]
    fit = plackett_luce(rankings, n_systems=3, weights=[1] * 40 + [1e6, 1])
    assert np.isnan(fit.difference(0, 2).low)
    assert np.isfinite(fit.difference(0, 1).low)
    assert "tied together by one ranking, or nearly so: [0, 1]; [2]" in fit.notes[0]


def test_systems_that_only_ever_tie_are_not_equal_for_certain() -> None:
    left, right, won = [0] * 120, [1] * 100 + [2] * 20, [1] * 60 + [0] * 40 + [0.5] * 20
    gap = bradley_terry(left, right, won, n_systems=3).difference(0, 2)
    assert gap.high == pytest.approx(
        1.96 * (20 * 0.25) ** -0.5, rel=1e-3
    )  # the inverse information stands in


def test_a_stray_system_takes_no_interval_from_others_where_a_judge_helps(rng: np.random.Generator) -> None:
    """What ten votes on the stray could add to other strengths counted as if each weighed as much as all: 21 times as wide."""
    left = rng.integers(0, 29, 3000)
    right = (left + rng.integers(1, 29, 3000)) % 29
    left, right = np.append(left, [0] * 10), np.append(right, [29] * 10)
    won = np.append(rng.random(3000) < 0.5, [1, 0] * 5).astype(float)
    judged = np.where(rng.random(3010) < 0.8, won, 1 - won)
    rater = np.append(rng.integers(0, 40, 3000), [7] * 10)
    votes = left, right, won, judged, left, right, judged
    fit = prediction_powered_bradley_terry(*votes, n_systems=30, clusters=rater, lam=0.2)
    votes = tuple(each[:3000] for each in votes)
    alone = prediction_powered_bradley_terry(*votes, n_systems=29, clusters=rater[:3000], lam=0.2)
    assert np.isnan(fit.standard_error[29])
    assert fit.standard_error[:29] == pytest.approx(alone.standard_error, rel=0.3)


def test_a_tie_parameter_on_one_vote_takes_nothing_from_the_strengths(rng: np.random.Generator) -> None:
    """One tie among 1,000 votes decides Rao and Kupper's parameter; a note spoke of a coefficient."""
    left = rng.integers(0, 3, 1000)
    right = (left + rng.integers(1, 3, 1000)) % 3
    won = (rng.random(1000) < 0.5).astype(float)
    won[5] = 0.5
    clusters = np.arange(1000) % 20
    fit = bradley_terry(left, right, won, n_systems=3, ties="rao-kupper", clusters=clusters)
    plain = bradley_terry(left, right, won, n_systems=3, clusters=clusters)
    assert fit.notes == ()
    assert fit.standard_error == pytest.approx(plain.standard_error, rel=0.01)


def test_the_fewest_degrees_of_freedom_are_those_of_a_system_with_known_differences() -> None:
    for fit in fits(OWN):
        assert fit.df == np.nanmin(fit.system_df) < 10


def test_notes_of_two_ways_count_the_clusters_of_the_fewer() -> None:
    votes = LEFT[:100], RIGHT[:100], WON[:100]
    few = bradley_terry(*votes, n_systems=2, clusters=np.arange(100), clusters2=np.arange(100) % 3)
    assert "lie in 3 clusters only" in few.notes[0]
    one = bradley_terry(*votes, n_systems=2, clusters=np.arange(100), clusters2=np.zeros(100, dtype=int))
    assert one.notes == ("one cluster holds all votes: no interval, and every rank is open.",)


def test_worth_of_clusters_of_rankings_against_pairs_of_places(
    rng: np.random.Generator, many_clusters: None
) -> None:
    """The degrees of freedom of rankings by their definition: choices as comparisons of any two systems left."""
    s, n = 5, 60
    rankings = np.argsort(rng.gumbel(size=(n, s)), axis=1)
    rankings[::3, 3:] = -1
    weights, clusters = rng.uniform(0.5, 2, n), rng.integers(0, 12, n)
    fit = plackett_luce(rankings, n_systems=s, weights=weights, clusters=clusters)
    _, information = information_of_clusters(rankings, weights, clusters, fit.log_strengths)
    bread = np.linalg.pinv(information.sum(axis=0), hermitian=True)
    added = np.diagonal(bread @ information @ bread, axis1=1, axis2=2)
    assert fit.system_df == pytest.approx(added.sum(axis=0) ** 2 / (added**2).sum(axis=0) - 1, rel=1e-6)


@pytest.mark.parametrize("ties", ["half", "davidson", "rao-kupper"])
def test_clusters_one_by_one_equal_all_at_once(
    ties: str, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = rng.integers(0, 4, 400)
    right = (left + rng.integers(1, 4, 400)) % 4
    options = {"n_systems": 4, "ties": ties, "clusters": rng.integers(0, 40, 400)}
    options |= {"covariates": rng.normal(size=(400, 2)), "weights": rng.uniform(0.5, 2, 400)}
    won = rng.integers(0, 3, 400) / 2
    together = bradley_terry(left, right, won, **options)
    monkeypatch.setattr("concord.stats.ranking._few_clusters._SMALL", 0)
    one_by_one = bradley_terry(left, right, won, **options)
    assert together.covariance == pytest.approx(one_by_one.covariance, rel=1e-9)
    assert together.system_df == pytest.approx(one_by_one.system_df, rel=1e-9)


def information_of_clusters(
    rankings: np.ndarray, weights: np.ndarray, clusters: np.ndarray, strengths: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return scores (G, S) and information (G, S, S) of clusters of rankings, choice by choice."""
    size, s = int(clusters.max()) + 1, len(strengths)
    scores, information = np.zeros((size, s)), np.zeros((size, s, s))
    for row, weight, cluster in zip(rankings, weights, clusters, strict=True):
        systems = row[row >= 0]
        for k in range(len(systems) - 1):
            chance = np.exp(strengths[systems[k:]])
            chance /= chance.sum()
            scores[cluster, systems[k]] += weight
            scores[cluster, systems[k:]] -= weight * chance
            part = np.ix_([cluster], systems[k:], systems[k:])
            information[part] += weight * (np.diag(chance) - np.outer(chance, chance))
    return scores, information


def test_clusters_of_rankings_are_adjusted_as_those_of_votes(rng: np.random.Generator) -> None:
    """CR2: ``bread (I - M_g bread)^(-1/2) s_g``, here as matrices say it; the few rankings of one rater come to .88 without."""
    s, n = 5, 60
    rankings = np.argsort(rng.gumbel(size=(n, s)), axis=1)
    rankings[::3, 3:] = -1
    weights, clusters = rng.uniform(0.5, 2, n), np.minimum(rng.integers(0, 20, n), 6)
    fit = plackett_luce(rankings, n_systems=s, weights=weights, clusters=clusters)
    scores, information = information_of_clusters(rankings, weights, clusters, fit.log_strengths)
    bread = np.linalg.pinv(information.sum(axis=0), hermitian=True)
    errors = [
        bread @ np.linalg.inv(linalg.sqrtm(np.eye(s) - own @ bread).real) @ score
        for own, score in zip(information, scores, strict=True)
    ]
    assert fit.covariance == pytest.approx(np.transpose(errors) @ errors, rel=1e-6)


def test_a_large_cluster_among_many_counts_for_its_size(
    rng: np.random.Generator, request: pytest.FixtureRequest
) -> None:
    """Half of all votes lie in one cluster; where it is not adjusted, its pull is taken back all the same."""
    left = rng.integers(0, 4, 2000)
    votes = left, (left + rng.integers(1, 4, 2000)) % 4, rng.integers(0, 2, 2000)
    clusters = np.where(np.arange(2000) % 2, 0, np.arange(2000) % 50)
    few = bradley_terry(*votes, n_systems=4, clusters=clusters)
    request.getfixturevalue("many_clusters")
    many = bradley_terry(*votes, n_systems=4, clusters=clusters)
    assert many.standard_error == pytest.approx(few.standard_error, rel=0.02)
    joint = prediction_powered_bradley_terry(*votes, votes[2], [], [], [], n_systems=4, clusters=clusters)
    assert joint.standard_error == pytest.approx(few.standard_error, rel=0.02)


@pytest.mark.parametrize("ties", ["half", "davidson", "rao-kupper"])
def test_no_cluster_holds_more_of_a_direction_than_the_bound_says(
    ties: str, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[tuple[float, float]] = []

    def look(bread: np.ndarray, whole: np.ndarray, most: np.ndarray, information_of: Any) -> np.ndarray:
        held.extend((linalg.eigvals(information_of(g) @ bread).real.max(), most[g]) for g in range(len(most)))
        return decided_alone(bread, whole, most, information_of)

    decided_alone = _sandwich.decided_alone
    monkeypatch.setattr(_sandwich, "_MUCH_WORK", -1)
    monkeypatch.setattr(_sandwich, "decided_alone", look)
    left = rng.integers(0, 8, 600)
    options = {"covariates": rng.normal(size=(600, 2)), "weights": rng.uniform(0.5, 2, 600)}
    votes = left, (left + rng.integers(1, 8, 600)) % 8, rng.integers(0, 3, 600) / 2
    fit = bradley_terry(*votes, n_systems=8, ties=ties, clusters=rng.integers(0, 15, 600), **options)
    found, most = np.transpose(held)
    assert fit.defined
    assert (found <= most + 1e-9).all()
    assert most.mean() < 0.7


def test_differences_are_nowhere_smaller_than_what_rounding_leaves_of_them(rng: np.random.Generator) -> None:
    """With weights from 1e-6 to 1e6 one difference had a variance of 5.6 in one order of its systems and .2 in the other."""
    for _ in range(60):
        left, outcome = rng.integers(0, 5, 25), rng.choice([0, 0.5, 1], 25)
        right, weights = (left + rng.integers(1, 5, 25)) % 5, 10.0 ** rng.integers(-6, 6, 25)
        fit = bradley_terry(left, right, outcome, n_systems=5, weights=weights)
        variance, own = fit.difference_variance, np.diag(fit.covariance)
        known = np.isfinite(variance) & np.isfinite(fit.covariance) & ~np.eye(5, dtype=bool)
        assert np.array_equal(variance, variance.T, equal_nan=True)
        assert (variance >= 1e-11 * (own[:, None] + own))[known].all()


@pytest.mark.parametrize(("scatter", "as_much"), [(3.0, 3 * (1 / 0.95 + 2) / 3), (0.5, 1.0)])
def test_a_small_part_that_one_cluster_decides_scatters_as_the_rest(scatter: float, as_much: float) -> None:
    """As the rest does, compared with the model, and not less than the model says."""
    alone = np.diag([0.05, 0.0, 0.0])
    spread = Spread(scatter * np.eye(3), np.full(3, np.inf), np.eye(3), alone).filled()
    assert spread.covariance == pytest.approx(scatter * np.eye(3) + as_much * alone)
    assert not spread.unknown().any()


def test_one_cluster_gives_strengths_and_no_interval() -> None:
    votes = [0, 0, 1] * 5, [1, 1, 0] * 5, [1.0] * 15
    for resamples in (0, 20):
        result = bradley_terry(*votes, n_systems=2, clusters=[3] * 15, n_resamples=resamples)
        assert np.isfinite(result.log_strengths).all()
        assert np.isnan([result.low, result.high, result.standard_error]).all()
        assert (result.rank_low.tolist(), result.rank_high.tolist()) == ([1, 1], [2, 2])
        assert "one cluster" in result.notes[0]
    lists = plackett_luce([[0, 1], [0, 1], [1, 0]], n_systems=2, clusters=[3] * 3)
    assert np.isnan(lists.low).all()
    assert lists.notes
