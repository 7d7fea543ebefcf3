"""Strengths against evalica, choix, statsmodels and general optimisers."""

from __future__ import annotations

from collections.abc import Callable

import choix
import evalica
import numpy as np
import pytest
import statsmodels.api as sm
from scipy import optimize

from concord.stats.ranking import BradleyTerry, bradley_terry
from tests.concord.stats.ranking.votes import known, random_votes, uneven_votes


def likelihood(theta: np.ndarray, tie: float, ties: str, votes) -> float:
    left, right, outcome = votes
    a, b = np.exp(theta[left]), np.exp(theta[right])
    if ties == "davidson":
        nu = np.exp(tie)
        total = a + b + nu * np.sqrt(a * b)
        p = np.where(outcome == 1, a / total, np.where(outcome == 0, b / total, nu * np.sqrt(a * b) / total))
        return float(np.log(p).sum())
    eta = np.exp(tie)
    even = (eta**2 - 1) * a * b / ((a + eta * b) * (b + eta * a))
    p = np.where(outcome == 1, a / (a + eta * b), np.where(outcome == 0, b / (b + eta * a), even))
    return float(np.log(p).sum())


@pytest.mark.parametrize("ties", ["davidson", "rao-kupper"])
def test_tie_models_against_a_general_optimiser(ties: str, rng: np.random.Generator) -> None:
    votes = random_votes(rng, 4, 120)
    result = bradley_terry(*votes, n_systems=4, ties=ties)
    found = optimize.minimize(
        lambda x: -likelihood(np.append(x[:3], 0), x[3], ties, votes),
        [0, 0, 0, 0.5],
        method="BFGS",
        tol=1e-10,
    )
    theta = np.append(found.x[:3], 0)
    assert result.log_strengths == pytest.approx(theta - theta.mean(), abs=1e-5)
    assert result.tie_parameter == pytest.approx(np.exp(found.x[3]), rel=1e-5)
    assert result.log_likelihood == pytest.approx(-found.fun, abs=1e-8)


def test_half_ties_and_covariates_against_statsmodels_logistic_regression(
    rng: np.random.Generator, textbook_clusters: None
) -> None:
    left, right, outcome = random_votes(rng, 5, 400)
    outcome = np.round(outcome + rng.random(400) * 0.01)
    covariates = np.column_stack([np.ones(400), rng.normal(size=400)])
    design = np.zeros((400, 6))
    design[np.arange(400), left] = 1.0
    design[np.arange(400), right] -= 1.0
    design = np.column_stack([design[:, :4], covariates])
    cluster = rng.integers(0, 30, size=400)
    fit = sm.GLM(outcome, design, family=sm.families.Binomial()).fit(
        tol=1e-14, cov_type="cluster", cov_kwds={"groups": cluster, "use_correction": False}
    )
    result = bradley_terry(left, right, outcome, n_systems=5, covariates=covariates, clusters=cluster)
    assert result.log_strengths[:4] - result.log_strengths[4] == pytest.approx(fit.params[:4], abs=1e-9)
    assert result.coefficients == pytest.approx(fit.params[4:], abs=1e-9)
    factor = (30 / 29) ** 0.5
    assert result.coefficient_standard_error == pytest.approx(fit.bse[4:] * factor, rel=1e-7)
    assert result.difference(0, 4).standard_error == pytest.approx(fit.bse[0] * factor, rel=1e-7)


@pytest.mark.parametrize("clustered", [False, True])
def test_votes_gathered_by_covariates_of_few_values_give_what_single_votes_give(
    clustered: bool, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    from concord.stats.ranking import _votes

    n, strength = 4000, np.array([0.5, 0.0, -0.4, 0.2])
    left = rng.integers(4, size=n)
    right = (left + rng.integers(1, 4, size=n)) % 4
    design = np.stack([np.ones(n), rng.integers(-1, 2, size=n)], axis=1)
    chance = 1 / (1 + np.exp(strength[right] - strength[left] - design @ [0.3, -0.6]))
    outcome = np.where(rng.random(n) < 0.1, 0.5, rng.random(n) < chance)
    rater = rng.integers(40, size=n) if clustered else None

    def fitted() -> BradleyTerry:
        return bradley_terry(
            left,
            right,
            outcome,
            n_systems=4,
            covariates=design,
            clusters=rater,
            n_resamples=1500,
            rng=np.random.default_rng(1),
        )

    gathered = fitted()
    monkeypatch.setattr(_votes, "_distinct_rows", lambda covariates: None)
    single = fitted()
    for name in ("log_strengths", "standard_error", "coefficients", "log_likelihood"):
        assert getattr(gathered, name) == pytest.approx(getattr(single, name), rel=1e-9, abs=1e-12)
    assert gathered.high - gathered.low == pytest.approx(
        single.high - single.low, rel=1e-9 if clustered else 0.15
    )


def test_bradley_terry_against_choix_and_the_likelihood_equations(rng: np.random.Generator) -> None:
    for _ in range(8):
        left, right, outcome = random_votes(rng, 5, 200)
        outcome = np.where(outcome == 0.5, 1.0, outcome)
        pairs = [(a, b) if o else (b, a) for a, b, o in zip(left, right, outcome, strict=True)]
        expected = choix.opt_pairwise(5, pairs, tol=1e-12)
        result = bradley_terry(left, right, outcome, n_systems=5)
        assert result.log_strengths == pytest.approx(expected - expected.mean(), abs=1e-6)
        wins = np.zeros((5, 5))
        np.add.at(wins, tuple(np.array(pairs).T), 1)
        flow = result.strengths
        balance = (wins + wins.T) / (flow[:, None] + flow[None, :])
        assert flow * balance.sum(axis=1) == pytest.approx(
            wins.sum(axis=1), abs=1e-9
        )  # the likelihood equations


SIDES = np.array([evalica.Winner.Y, evalica.Winner.Draw, evalica.Winner.X])
Votes = tuple[np.ndarray, np.ndarray, np.ndarray]


def winners(outcome: np.ndarray) -> list[evalica.Winner]:
    return SIDES[(2 * outcome).astype(int)].tolist()


def fitted_sets(rng: np.random.Generator, n: int, **kind: float) -> list[tuple[int, Votes, BradleyTerry]]:
    """Return ``n`` random sets for which strengths exist, with their fit."""
    found: list[tuple[int, Votes, BradleyTerry]] = []
    while len(found) < n:
        s, votes = uneven_votes(rng, **kind)
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


def test_covariates_weights_and_clusters_against_statsmodels(rng: np.random.Generator) -> None:
    """The style coefficient is the maximum-likelihood value; its error and degrees of freedom are those of CR2 written out."""
    seen = 0
    while seen < 200:
        s, (left, right, outcome) = uneven_votes(rng, missing=0.0)
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
