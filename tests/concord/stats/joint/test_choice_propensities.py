"""The chances with which items were chosen, estimated; and the figure that stands on them."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from concord.stats import InputError
from concord.stats.joint import Judged, choice_propensities, joint_level


def test_chances_against_logistic_regression_of_statsmodels(rng: np.random.Generator) -> None:
    features = np.column_stack([rng.normal(2, 3, 20_000), rng.integers(0, 2, 20_000)])
    chosen = rng.random(20_000) < 1 / (1 + np.exp(1 - 0.3 * features[:, 0] + features[:, 1]))
    found = choice_propensities(features, chosen)
    fit = sm.Logit(chosen.astype(float), sm.add_constant(features)).fit(disp=False)
    assert found.converged
    assert found.coefficients == pytest.approx(fit.params, rel=5e-3)
    assert found.chance == pytest.approx(fit.predict(), abs=2e-3)
    assert found.worth < found.n_chosen == chosen.sum()


def test_the_ridge_is_that_of_a_normal_prior_on_standardised_features(rng: np.random.Generator) -> None:
    """The gradient of the penalised likelihood vanishes, also where a feature tells all: without a ridge it would never end."""
    score = rng.normal(5, 2, 200)
    found = choice_propensities(score, score > 6)
    standard = (score - score.mean()) / score.std()
    slope = found.coefficients[1] * score.std()
    assert found.converged
    assert ((score > 6) - found.chance) @ standard == pytest.approx(slope, abs=1e-6)
    assert found.chance.sum() == pytest.approx((score > 6).sum(), abs=1e-6)


@pytest.mark.parametrize("curved", [False, True])
def test_a_figure_on_estimated_chances_holds_against_simulation(curved: bool) -> None:
    """Rated by the machine's score: people alone are far off; with estimated chances the interval holds."""
    rng, held, alone = np.random.default_rng(6), [], []
    for _ in range(300):
        quality = rng.normal(size=800)
        score = quality + (0.3 * quality**2 if curved else 0) + rng.normal(0, 0.7, 800)
        rated = np.flatnonzero(rng.random(800) < 1 / (1 + np.exp(1.5 + 0.7 * score)))
        model = choice_propensities(score, np.isin(np.arange(800), rated))
        system = Judged(predictions=score, ratings=quality[rated], rated=rated, propensities=model.chance)
        found = joint_level(system)
        held.append(found.low <= 0 <= found.high)
        plain = joint_level(Judged(predictions=score, ratings=quality[rated], rated=rated))
        alone.append(plain.human_only.low <= 0 <= plain.human_only.high)
        assert not plain.leads
    assert np.mean(alone) < 0.3
    assert (
        np.mean(held) > 0.89
    )  # few of those that count for much were rated: nearly .95 from thousands of items on


def test_malformed_choices_get_a_clear_sentence() -> None:
    with pytest.raises(InputError, match="some items must be chosen and some not, got 3 of 3"):
        choice_propensities([1.0, 2.0, 3.0], [1, 1, 1])
    with pytest.raises(InputError, match="features hold nan at item 1"):
        choice_propensities([1.0, np.nan, 3.0], [1, 0, 1])
    with pytest.raises(InputError, match="chosen must be 0 or 1"):
        choice_propensities([1.0, 2.0], [1, 2])
    flat = choice_propensities([2.0] * 4, [1, 0, 0, 0])
    assert flat.chance == pytest.approx(0.25)
