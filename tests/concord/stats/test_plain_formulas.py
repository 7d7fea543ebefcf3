"""What is computed by a short cut against the formula written out."""

from __future__ import annotations

import importlib
import itertools
import math

import numpy as np
import pytest

from concord.stats.aggregation import glad
from concord.stats.agreement import alpha_difference, alpha_without_each_rater, krippendorff_alpha
from concord.stats.ranking import BradleyTerry, bradley_terry


def test_the_objective_of_glad_is_the_likelihood_summed_over_labels(rng: np.random.Generator) -> None:
    units, raters = (index.ravel() for index in np.indices((12, 4)))
    values = rng.integers(3, size=48)
    result = glad(units, raters, values, tolerance=1e-10)
    assert result.converged

    def objective(ability: np.ndarray, log_ease: np.ndarray) -> float:
        total = -(np.square(ability - 1).sum() + np.square(log_ease - 1).sum()) / 2
        for unit in range(12):
            right = 1 / (1 + np.exp(-ability * np.exp(log_ease[unit])))
            given = values[units == unit]
            labels = [np.where(given == label, right, (1 - right) / 2).prod() / 3 for label in range(3)]
            total += math.log(sum(labels))
        return float(total)

    found = result.ability, -result.difficulty
    assert result.log_likelihood[-1] == pytest.approx(objective(*found), rel=1e-12)
    for moved, place in itertools.product((1e-4, -1e-4), range(4)):
        assert objective(found[0] + moved * (np.arange(4) == place), found[1]) <= objective(*found)


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


def test_resamples_with_covariates_are_refitted_to_their_own_maximum(rng: np.random.Generator) -> None:
    from concord.stats.ranking import _bootstrap, _newton, _tie_models, _votes

    n = 600
    left = rng.integers(3, size=n)
    data = _votes.votes(
        left, (left + 1) % 3, rng.integers(2, size=n), n_systems=3, covariates=rng.normal(size=(n, 2))
    )
    cells, model = _votes.cells(data, mapped=False), _tie_models.MODELS["half"]
    full = _newton.fit(cells, cells.weight, 3, model, np.zeros(6))
    weights = _bootstrap._weights(data, cells, 20, np.random.default_rng(2))
    drawn = _bootstrap.resampled_parameters(data, cells, full, model, 20, np.random.default_rng(2))
    for weight, found in zip(weights, drawn, strict=True):
        again = _newton.fit(cells, weight, 3, model, np.zeros(6))
        assert again.converged
        assert found == pytest.approx(again.parameters, abs=1e-9)


@pytest.mark.parametrize(
    ("level", "digits"), [("nominal", 1), ("ordinal", 1), ("ordinal", 9), ("ratio", 1), ("ratio", 9)]
)
def test_alpha_without_groups_of_ratings_is_alpha_of_the_others(
    level: str, digits: int, rng: np.random.Generator
) -> None:
    from concord.stats.agreement._alpha.build import build_terms
    from concord.stats.agreement._alpha.exchange import without_each_group
    from concord.stats.agreement._ratings import pairable, ratings

    unit, rater = (index.ravel() for index in np.indices((150, 5)))
    value = np.round(rng.gamma(2.0, size=150)[unit] + rng.random(750), digits)
    present = rng.random(750) < 0.7
    value[unit == 7] = 0.0
    data = pairable(ratings(unit[present], rater[present], value[present]))
    group = rng.integers(6, size=len(data.unit))
    group[group == 5] = -1  # belongs to no group, as anonymous ratings do
    found = without_each_group(data, build_terms(data, level, None)[0], group, 5, level, None)
    for i in range(5):
        left = group != i
        plain = krippendorff_alpha(
            data.unit[left], data.rater[left], data.value[left], level=level, n_resamples=0
        )
        assert found[i] == pytest.approx(plain.value, abs=1e-11)


def test_alpha_without_the_only_rater_who_differs_is_undefined() -> None:
    for level in ("nominal", "ordinal", "ratio"):
        values = np.stack([np.ones(400), np.ones(400), np.linspace(1, 3, 400)], axis=1).ravel()
        units, raters = np.repeat(np.arange(400), 3), np.tile(np.arange(3), 400)
        result = alpha_without_each_rater(units, raters, values, level=level)
        assert np.isnan(result.alpha).tolist() == [False, False, True]


def test_plackett_luce_goes_by_the_likelihood_of_every_choice(rng: np.random.Generator) -> None:
    from concord.stats.ranking import _rankings
    from concord.stats.ranking._plackett_luce import fit

    table = np.argsort(rng.random((30, 5)), axis=1)
    for row in table[::2]:
        row[rng.integers(2, 5) :] = -1
    weight, strengths = rng.random(30) + 0.5, rng.normal(size=5)
    value, gradient, information = 0.0, np.zeros(5), np.zeros((5, 5))
    for ranking, w in zip(table, weight, strict=True):
        left = ranking[ranking >= 0].tolist()
        while len(left) > 1:
            chance = np.zeros(5)
            chance[left] = np.exp(strengths[left]) / np.exp(strengths[left]).sum()
            value += w * np.log(chance[left[0]])
            gradient += w * (np.eye(5)[left[0]] - chance)
            information += w * (np.diag(chance) - np.outer(chance, chance))
            left = left[1:]
    found = fit._evaluate(_rankings.places_of(table, weight, np.arange(5)), strengths)
    for part, plain in zip(found, (value, gradient, information), strict=True):
        assert part == pytest.approx(plain, rel=1e-12, abs=1e-12)


def test_a_difference_of_alphas_of_very_many_units_is_that_of_resampling_them(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = importlib.import_module(alpha_difference.__module__)
    units, which = np.repeat(np.arange(11_000), 4), np.tile([0, 0, 1, 1], 11_000)
    values = rng.normal(size=11_000)[units] + rng.normal(size=44_000)
    rows = units, np.tile(np.arange(4), 11_000), values, which
    limit = alpha_difference(*rows, level="ordinal", n_resamples=2000)
    monkeypatch.setattr(module, "_influence", lambda built, parts: None)
    drawn = alpha_difference(*rows, level="ordinal", n_resamples=300)
    assert limit.value == drawn.value
    assert limit.standard_error == pytest.approx(drawn.standard_error, rel=0.15)


def test_ratio_alpha_of_units_with_very_many_ratings_compares_all_pairs(rng: np.random.Generator) -> None:
    sizes = [300, 2, 90, 5, 40]
    unit = np.repeat(np.arange(5), sizes)
    value = np.where(rng.random(437) < 0.1, 0.0, rng.gamma(2.0, size=437) + unit)
    a, b = value[:, None], value[None, :]
    distance = np.square(np.divide(a - b, a + b, out=np.zeros((437, 437)), where=a + b > 0))
    inside = [distance[np.ix_(unit == u, unit == u)].sum() / (m - 1) for u, m in enumerate(sizes)]
    plain = 1 - 436 * sum(inside) / distance.sum()
    found = krippendorff_alpha(unit, np.arange(437), value, level="ratio", n_resamples=0)
    assert found.value == pytest.approx(plain, rel=1e-11)
