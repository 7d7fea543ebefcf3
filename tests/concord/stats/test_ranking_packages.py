"""Strengths, ratings and win rates against choix, evalica and statsmodels, on hundreds of random sets.

Sets vary in size, in how often systems meet, in ties, weights and missing outcomes. The packages stop early: they are forced
to converge, or our solution must be a fixed point of their step.
"""

from __future__ import annotations

from collections.abc import Callable

import choix
import evalica
import numpy as np
import pytest
import statsmodels.api as sm

from concord.stats.ranking import BradleyTerry, bradley_terry, elo, plackett_luce, win_rates

SIDES = np.array([evalica.Winner.Y, evalica.Winner.Draw, evalica.Winner.X])
Votes = tuple[np.ndarray, np.ndarray, np.ndarray]


def random_votes(rng: np.random.Generator, *, ties: float = 0.2, missing: float = 0.1) -> tuple[int, Votes]:
    """Return systems of unlike strength that meet unequally often, with repeated pairs and missing outcomes."""
    s = int(rng.integers(2, 9))
    n = int(rng.integers(8 * s, 40 * s))
    popular = rng.dirichlet(np.full(s, 2.0))
    left = rng.choice(s, size=n, p=popular)
    right = (left + rng.integers(1, s, size=n)) % s
    strength = rng.normal(size=s)
    won = rng.random(n) < 1 / (1 + np.exp(strength[right] - strength[left]))
    outcome = np.where(rng.random(n) < ties, 0.5, won.astype(float))
    outcome[rng.random(n) < missing] = np.nan
    return s, (left, right, outcome)


def known(votes: Votes) -> Votes:
    there = ~np.isnan(votes[2])
    return tuple(part[there] for part in votes)  # type: ignore[return-value]


def winners(outcome: np.ndarray) -> list[evalica.Winner]:
    return SIDES[(2 * outcome).astype(int)].tolist()


def fitted_sets(rng: np.random.Generator, n: int, **kind: float) -> list[tuple[int, Votes, BradleyTerry]]:
    """Return ``n`` random sets for which strengths exist, with their fit."""
    found: list[tuple[int, Votes, BradleyTerry]] = []
    while len(found) < n:
        s, votes = random_votes(rng, **kind)
        result = bradley_terry(*votes, n_systems=s)
        if result.defined and np.isfinite(result.log_strengths).all():
            found.append((s, votes, result))
    return found


def test_bradley_terry_against_evalica(rng: np.random.Generator) -> None:
    """With and without weights; evalica's Newton-like solver stops at 1e-6 unless told otherwise."""
    for i, (s, votes, result) in enumerate(fitted_sets(rng, 200)):
        left, right, outcome = known(votes)
        weight = rng.choice([0.5, 1.0, 3.0], size=len(left)) if i % 2 else np.ones(len(left))
        ours = bradley_terry(left, right, outcome, n_systems=s, weights=weight) if i % 2 else result
        theirs = evalica.bradley_terry(
            left.tolist(),
            right.tolist(),
            winners(outcome),
            weights=weight.tolist(),
            tolerance=1e-15,
            limit=100_000,
        ).scores.sort_index()
        log = np.log(theirs.to_numpy())
        assert ours.log_strengths == pytest.approx(log - log.mean(), abs=1e-9)


def test_davidsons_ties_against_evalicas_newman(rng: np.random.Generator) -> None:
    """Newman's (2023) model of ties is Davidson's; the tie parameter must expect as many ties as there are."""
    compared = 0
    for s, votes, _ in fitted_sets(rng, 205, ties=0.3, missing=0.0):
        ours = bradley_terry(*votes, n_systems=s, ties="davidson")
        left, right, outcome = votes
        if (
            not ours.defined
        ):  # ties connect half-wins, but with two systems of which one never won nu has no maximum
            assert s == 2
            assert len(np.unique(np.where(outcome == 1, left, right)[outcome != 0.5])) == 1
            continue
        compared += 1
        theirs = evalica.newman(
            left.tolist(), right.tolist(), winners(outcome), tolerance=1e-14, limit=100_000
        )
        log = np.log(theirs.scores.sort_index().to_numpy())
        assert ours.log_strengths == pytest.approx(log - log.mean(), abs=1e-9)
        a, b = np.exp(ours.log_strengths)[[left, right]]
        even = ours.tie_parameter * np.sqrt(a * b)
        assert (even / (a + b + even)).sum() == pytest.approx((outcome == 0.5).sum(), rel=1e-9)
    assert compared >= 200


def test_strengths_are_a_fixed_point_of_choix(rng: np.random.Generator) -> None:
    """One step of iterated Luce spectral ranking from our solution ends in it; its own stopping rule is too lax for 1e-9."""
    for s, votes, result in fitted_sets(rng, 200, ties=0.0):
        left, right, outcome = known(votes)
        pairs = np.where(outcome[:, None] == 1, np.stack([left, right], 1), np.stack([right, left], 1))
        again = choix.lsr_pairwise(s, pairs.tolist(), initial_params=result.log_strengths)
        assert again - again.mean() == pytest.approx(result.log_strengths, abs=1e-9)
        assert result.log_likelihood == pytest.approx(
            choix.log_likelihood_pairwise(pairs.tolist(), result.log_strengths), rel=1e-12
        )


def test_plackett_luce_is_a_fixed_point_of_choix(rng: np.random.Generator) -> None:
    seen = 0
    while seen < 200:
        s, n = int(rng.integers(2, 7)), int(rng.integers(5, 40))
        noisy = rng.normal(size=s) + rng.gumbel(size=(n, s))
        table = np.argsort(-noisy, axis=1)
        shown = rng.integers(2, s + 1, size=n)
        table[np.arange(s)[None, :] >= shown[:, None]] = -1
        result = plackett_luce(table, n_systems=s)
        if result.undefined or np.isnan(result.log_strengths).any():
            continue
        rankings = [tuple(row[row >= 0].tolist()) for row in table]
        again = choix.lsr_rankings(s, rankings, initial_params=result.log_strengths)
        assert again - again.mean() == pytest.approx(result.log_strengths, abs=1e-9)
        assert result.log_likelihood == pytest.approx(
            choix.log_likelihood_rankings(rankings, result.log_strengths), rel=1e-12
        )
        seen += 1


def test_elo_and_average_win_rate_against_evalica(rng: np.random.Generator) -> None:
    for _ in range(200):
        s, votes = random_votes(rng)
        left, right, outcome = known(votes)
        k, scale = float(rng.uniform(1, 60)), float(rng.uniform(100, 600))
        args = (left.tolist(), right.tolist(), winners(outcome))
        theirs = evalica.elo(*args, k=k, scale=scale).scores
        ours = elo(*votes, n_systems=s, k=k, scale=scale)
        assert ours.rating[theirs.index] == pytest.approx(theirs.to_numpy(), abs=1e-9)
        rates = evalica.average_win_rate(*args).scores
        by_opponent = win_rates(*votes, n_systems=s, average="opponents")
        assert by_opponent.value[rates.index] == pytest.approx(rates.to_numpy(), abs=1e-9)


def test_covariates_weights_and_clusters_against_statsmodels(rng: np.random.Generator) -> None:
    """The style coefficient is the maximum-likelihood value; its error and degrees of freedom are those of CR2 written out."""
    seen = 0
    while seen < 200:
        s, (left, right, outcome) = random_votes(rng, missing=0.0)
        n, p = len(left), int(rng.integers(1, 4))
        covariates = np.column_stack([np.ones(n), rng.normal(size=(n, p))])[:, :p]
        weight = rng.choice([0.5, 1.0, 2.5], size=n)
        cluster = rng.integers(0, 12, size=n)
        ours = bradley_terry(
            left, right, outcome, n_systems=s, covariates=covariates, weights=weight, clusters=cluster
        )
        if ours.undefined or np.isnan(ours.log_strengths).any() or np.abs(ours.log_strengths).max() > 4:
            continue
        design = np.zeros((n, s))
        np.add.at(design, (np.arange(n), left), 1.0)
        np.add.at(design, (np.arange(n), right), -1.0)
        design = np.column_stack([design[:, :-1], covariates])
        model = sm.GLM(outcome, design, family=sm.families.Binomial(), var_weights=weight)
        fit = model.fit(tol=1e-14, tol_criterion="params", maxiter=200)
        assert ours.coefficients == pytest.approx(fit.params[s - 1 :], abs=1e-9)
        assert ours.log_strengths - ours.log_strengths[-1] == pytest.approx(
            np.append(fit.params[: s - 1], 0.0), abs=1e-9
        )
        curve = np.sqrt(weight * fit.mu * (1 - fit.mu))
        errors, degrees = cr2(design * curve[:, None], weight * (outcome - fit.mu) / curve, cluster)
        assert ours.coefficient_standard_error == pytest.approx(errors[s - 1 :], rel=1e-7)
        assert ours.difference(0, s - 1).standard_error == pytest.approx(errors[0], rel=1e-7)
        contrast = np.zeros(design.shape[1])
        contrast[: s - 1] = -1 / s  # of the last system's strength, where strengths sum to zero
        assert ours.system_df[-1] == pytest.approx(degrees(contrast), rel=1e-6)
        seen += 1


def cr2(
    design: np.ndarray, residual: np.ndarray, cluster: np.ndarray
) -> tuple[np.ndarray, Callable[[np.ndarray], float]]:
    """Bell and McCaffrey's errors, and their degrees of freedom for a contrast, with the n x n matrices written out."""
    bread = np.linalg.inv(design.T @ design)
    hat = design @ bread @ design.T
    pulls = np.zeros_like(hat)  # block-diagonal: (I - H_gg)^(-1/2)
    for g in np.unique(cluster):
        rows = np.flatnonzero(cluster == g)
        values, vectors = np.linalg.eigh(hat[np.ix_(rows, rows)])
        pulls[np.ix_(rows, rows)] = (vectors / np.sqrt(1 - np.clip(values, 0, 0.9))) @ vectors.T
    inside = (cluster[:, None] == np.unique(cluster)).astype(float)
    scores = (design * (pulls @ residual)[:, None]).T @ inside
    errors = np.sqrt(np.diag(bread @ scores @ scores.T @ bread))

    def degrees(contrast: np.ndarray) -> float:
        lines = inside * (pulls @ design @ bread @ contrast)[:, None]
        omega = lines.T @ (np.eye(len(hat)) - hat) @ lines
        return float(np.trace(omega) ** 2 / np.sum(omega**2))

    return errors, degrees
