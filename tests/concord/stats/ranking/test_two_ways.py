"""Strengths where votes of a rater hang together and those on a prompt do too."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats import InputError
from concord.stats.ranking import BradleyTerry, _sandwich, bradley_terry

TASTE = np.array([[2, 0, -2], [-2, 2, 0], [0, -2, 2], [1, 1, -2]])
EASE = np.array([[2, -2, 0], [0, 2, -2], [-2, 0, 2]])


def votes() -> tuple[np.ndarray, ...]:
    """288 votes by 12 raters on 12 prompts, all of strong tastes: (left, right, won, rater, prompt)."""
    i = np.arange(288)
    rater, prompt = i % 12, i // 12 % 12
    left = (i // 144 + rater + prompt) % 3
    right = (left + 1 + (i // 7) % 2) % 3
    pull = TASTE[rater % 4] + EASE[prompt % 3] + np.array([1, 0, 0])
    gap = pull[i, left] - pull[i, right]
    return left, right, (gap + ((i * 37) % 11 - 5) * 0.7 > 0).astype(float), rater, prompt


def fit(**clusters: object) -> BradleyTerry:
    return bradley_terry(*votes()[:3], n_systems=3, **clusters)  # type: ignore[arg-type]


def test_two_ways_against_vcov_cl_of_rs_sandwich(textbook_clusters: None) -> None:
    """``vcovCL(glm, cluster = data.frame(rater, prompt), type = "HC0", cadjust = TRUE, multi0 = FALSE)``."""
    *_, rater, prompt = votes()
    found = fit(clusters=rater, clusters2=prompt)
    errors = [found.difference(*pair).standard_error for pair in ((1, 2), (0, 2), (0, 1))]
    assert errors == pytest.approx([0.45250718979, 0.442057733429, 0.43471498352], rel=1e-10)
    assert 11 < found.df < 22  # more than the 11 of either way: both are of a size
    assert found.method == "sandwich, clustered two ways"
    assert found.win_probability_interval(0, 1)[0] < 0.5


def test_two_ways_are_both_less_what_they_share() -> None:
    *_, rater, prompt = votes()
    one, two, cell = (fit(clusters=code).covariance for code in (rater, prompt, 12 * rater + prompt))
    found = fit(clusters=rater, clusters2=prompt)
    assert found.covariance == pytest.approx(one + two - cell, abs=1e-14)
    turned = fit(clusters=prompt * 10**12, clusters2=-rater)
    assert turned.covariance == pytest.approx(found.covariance, abs=1e-14)


def test_no_variance_falls_below_that_of_the_larger_way(rng: np.random.Generator) -> None:
    for _ in range(30):
        left = rng.integers(4, size=80)
        right = (left + rng.integers(1, 4, size=80)) % 4
        won, rater, prompt = (
            rng.integers(0, 2, 80).astype(float),
            rng.integers(6, size=80),
            rng.integers(9, size=80),
        )
        same = {"n_systems": 4, "weights": rng.uniform(0.5, 2, 80)}
        found = bradley_terry(left, right, won, clusters=rater, clusters2=prompt, **same)
        ways = [bradley_terry(left, right, won, clusters=code, **same) for code in (rater, prompt)]
        if found.defined:
            larger = max((way.covariance for way in ways), key=np.trace)
            assert np.linalg.eigvalsh(found.covariance - larger).min() > -1e-12
            assert found.df >= min(way.df for way in ways) - 1e-9


def test_degrees_of_freedom_are_those_of_a_two_way_mean() -> None:
    *_, rater, prompt = votes()
    one, two, both = (
        fit(**by)
        for by in ({"clusters": rater}, {"clusters": prompt}, {"clusters": rater, "clusters2": prompt})
    )
    expected = [
        both.covariance[s, s] ** 2 / (one.covariance[s, s] ** 2 / one.df + two.covariance[s, s] ** 2 / two.df)
        for s in range(3)
    ]
    assert both.df == pytest.approx(
        21 / (1 / one.df + 20 / min(expected)), rel=0.05
    )  # one.df is the least of the systems'


def test_a_second_way_within_the_first_changes_nothing() -> None:
    *_, rater, _ = votes()
    coarse = fit(clusters=rater // 2)
    both = fit(clusters=rater, clusters2=rater // 2)
    assert np.trace(both.covariance) == pytest.approx(
        max(np.trace(coarse.covariance), np.trace(fit(clusters=rater).covariance))
    )
    alone = fit(clusters2=rater)
    assert alone.covariance == pytest.approx(fit(clusters=rater).covariance)
    assert alone.method == "sandwich, clustered"


def test_one_cluster_either_way_leaves_no_interval_and_draws_go_one_way() -> None:
    *_, rater, prompt = votes()
    found = fit(clusters=rater, clusters2=[5] * 288)
    assert np.isnan(found.low).all()
    assert "one cluster" in found.notes[0]
    with pytest.raises(InputError, match="two ways"):
        fit(clusters=rater, clusters2=prompt, n_resamples=20)
    with pytest.raises(InputError, match="clusters2"):
        fit(clusters=rater, clusters2=prompt[:5])


def test_tie_models_and_covariates_take_two_ways() -> None:
    left, right, won, rater, prompt = votes()
    tied = np.where(np.arange(288) % 6 == 0, 0.5, won)
    place = np.where(np.arange(288) % 2 == 0, 1.0, -1.0)
    options = {"n_systems": 3, "ties": "davidson", "covariates": place}
    found = bradley_terry(left, right, tied, clusters=rater, clusters2=prompt, **options)
    ways = [bradley_terry(left, right, tied, clusters=code, **options) for code in (rater, prompt)]
    assert found.coefficient_standard_error[0] >= min(way.coefficient_standard_error[0] for way in ways)
    assert np.trace(found.covariance) >= max(np.trace(way.covariance) for way in ways) - 1e-12


def test_a_system_whose_votes_lie_in_few_clusters_is_named(rng: np.random.Generator) -> None:
    """Five equal systems on 30 prompts, all but a few votes of the first on two of them."""
    first = np.arange(600) % 3 == 0
    prompt = np.where(first & (rng.random(600) < 0.9), rng.integers(2, size=600), rng.integers(30, size=600))
    left = np.where(first, 0, rng.integers(1, 5, size=600))
    right = np.where(first, rng.integers(1, 5, size=600), left % 4 + 1)
    found = bradley_terry(left, right, rng.integers(0, 2, 600), n_systems=5, clusters=prompt)
    assert found.system_df[0] == found.df < 3
    assert found.system_df[1:].min() > 8
    assert "lie mostly in few clusters: 0 (as if " in found.notes[0]
    assert found.difference(0, 1).df == found.df
    even = bradley_terry(left, right, rng.integers(0, 2, 600), n_systems=5, clusters=np.arange(600) // 3 % 30)
    assert even.notes == ()
    assert even.df > 20


@pytest.mark.parametrize("ties", ["half", "davidson", "rao-kupper"])
def test_what_the_clusters_know_makes_up_the_whole(ties: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parts of the information add up to all of it, for every model of ties, with covariates and mirrored votes."""
    left, right, won, rater, _ = votes()
    tied = np.where(np.arange(288) % 6 == 0, 0.5, won)
    seen = []
    pulls = _sandwich.pulls
    monkeypatch.setattr(_sandwich, "pulls", lambda *given: seen.append(pulls(*given)) or seen[-1])
    for covariates in (None, np.where(np.arange(288) % 2 == 0, 1.0, -1.0), np.sin(np.arange(288.0))):
        bradley_terry(
            left,
            right,
            tied,
            n_systems=3,
            ties=ties,
            weights=1 + rater % 3,
            clusters=rater,
            covariates=covariates,
        )
        share = seen[-1]
        assert share.sum(axis=0) == pytest.approx(np.eye(share.shape[1]), abs=1e-9)
        assert np.linalg.eigvalsh(share).min() > -1e-12
