"""Variance components: published mixed models, and shares by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from concord.stats import comparison
from concord.stats.comparison import variance_components


def test_variance_components_are_unbiased_without_balance(rng: np.random.Generator) -> None:
    found = []
    for _ in range(80):
        example, rater = rng.integers(0, 40, 400), rng.integers(0, 10, 400)
        y = 2 * rng.normal(size=40)[example] + rng.normal(size=10)[rater] + 0.5 * rng.normal(size=400)
        result = variance_components(y, examples=example, raters=rater)
        found.append((result.example, result.rater, result.repeat))
    assert np.mean(found, axis=0) == pytest.approx([4, 1, 0.25], rel=0.15)
    assert result.standard_error(examples=40, raters=10) == pytest.approx(math.sqrt(4 / 40 + 1 / 10), rel=0.4)
    assert variance_components([1, 2], examples=[0, 1]).undefined


# Davies & Goldsmith (1972): yield of dyestuff from six batches of five; Dyestuff in R's lme4.
DYESTUFF = [
    1545, 1440, 1440, 1520, 1580, 1540, 1555, 1490, 1560, 1495, 1595, 1550, 1605, 1510, 1560,
    1445, 1440, 1595, 1465, 1545, 1595, 1630, 1515, 1635, 1625, 1520, 1455, 1450, 1480, 1445,
]  # fmt: skip
# Davies & Goldsmith (1972): six samples of penicillin on each of 24 plates, in the order of the plates.
PENICILLIN = """
272326232321 272326232321 252125242420 262325232320 252226222320 242225232219 242023212219 262226242421
242124222220 242124232219 262326242421 252226242420 262426242522 262326232320 262325242422 252225232320
252124232320 252224232319 242123212119 262326242421 252124222218 252225222220 242124222419 242124222118
"""


# Snedecor & Cochran (1967), section 10.18: percentage of conceptions by artificial insemination with six bulls.
BULLS = [
    [46, 31, 37, 62, 30], [70, 59], [52, 44, 57, 40, 67, 64, 70], [47, 21, 70, 46, 14], [42, 64, 50, 69, 77, 81, 87],
    [35, 68, 59, 38, 57, 76, 57, 29, 60],
]  # fmt: skip
# Sheldon (1960), pulp in Faraway's "Extending the linear model with R", chapter 8: brightness of paper by operator.
PULP = [
    59.8, 60.0, 60.8, 60.8, 59.8, 59.8, 60.2, 60.4, 59.9, 60.0, 60.7, 60.7, 60.5, 60.9, 60.3, 61.0, 60.8, 60.6, 60.5, 60.5,
]  # fmt: skip


def test_variance_components_of_bulls_and_paper() -> None:
    """Unbalanced: anova(lm(y ~ bull)) of R has mean squares 664.41 and 248.29; balanced: .0681 and .10625 (Faraway)."""
    bulls = comparison.variance_components(
        [y for bull in BULLS for y in bull], examples=np.repeat(range(6), [len(b) for b in BULLS])
    )
    assert (bulls.example, bulls.repeat) == pytest.approx((73.40899, 248.2876), abs=5e-5)
    pulp = comparison.variance_components(PULP, examples=np.repeat(range(4), 5))
    assert (pulp.example, pulp.repeat) == pytest.approx((0.0681, 0.10625), abs=2e-5)


def test_variance_components_against_lme4() -> None:
    """REML of balanced data: lmer(Yield ~ 1 + (1 | Batch)), lmer(diameter ~ 1 + (1 | plate) + (1 | sample))."""
    dyestuff = comparison.variance_components(DYESTUFF, examples=np.repeat(np.arange(6), 5))
    assert (dyestuff.example, dyestuff.repeat) == pytest.approx((1764.05, 2451.25), abs=1e-4)
    assert dyestuff.mean == 1527.5
    digits = "".join(PENICILLIN.split())
    diameter = [int(digits[i : i + 2]) for i in range(0, 288, 2)]
    plate, sample = (i.ravel() for i in np.indices((24, 6)))
    found = comparison.variance_components(diameter, examples=plate, raters=sample)
    assert (found.example, found.rater, found.repeat) == pytest.approx((0.71691, 3.73113, 0.302415), rel=1e-4)


Rng = np.random.Generator
EXACT = {"rel": 1e-9, "abs": 1e-9}
SETS = range(200)


def test_variance_components_of_balanced_data_against_mean_squares(rng: Rng) -> None:
    """Where nothing is missing, the estimates are the textbook's: differences of mean squares."""
    for _ in SETS:
        u, r, k = (int(n) for n in rng.integers(2, 7, size=3))
        y = rng.normal(size=(u, r, k)) + rng.normal(size=(u, 1, 1)) + rng.normal(size=(1, r, 1))
        unit, rater, _ = (i.ravel() for i in np.indices(y.shape))
        by_unit, by_rater, centre = y.mean((1, 2)), y.mean((0, 2)), y.mean()
        ms_unit, ms_rater = r * k * by_unit.var(ddof=1), u * k * by_rater.var(ddof=1)
        left = y - by_unit[:, None, None] - by_rater[None, :, None] + centre
        residual = float((left**2).sum()) / (y.size - u - r + 1)
        order = rng.permutation(y.size)
        found = comparison.variance_components(y.ravel()[order], examples=unit[order], raters=rater[order])
        expected = (ms_unit - residual) / (r * k), (ms_rater - residual) / (u * k), residual
        assert (found.example, found.rater, found.repeat) == pytest.approx(expected, **EXACT)


def test_variance_components_of_any_design_against_projections(rng: Rng) -> None:
    """Henderson's method 3 by its definition: sums of squares as y' P y, whose expectations are traces."""
    for trial in range(40):
        i, j = rng.integers(0, 6, size=30), rng.integers(0, 4, size=30)
        if trial % 2:  # two teams, each with examples of its own
            i, j = np.r_[i, i + 6], np.r_[j, j + 4]
        u, r = (np.eye(int(code.max()) + 1)[code] for code in (i, j))
        both, one, two = (z @ np.linalg.pinv(z) for z in (np.hstack([u, r]), u, r))
        y = rng.normal(size=len(i)) + 2 * rng.normal(size=12)[i]
        forms = [np.eye(len(i)) - both, both - two, both - one]
        parts = [u @ u.T, r @ r.T, np.eye(len(i))]
        expected = np.array([[np.trace(form @ part) for part in parts] for form in forms])
        found = comparison.variance_components(y, examples=i, raters=j)
        truth = np.linalg.solve(expected, [y @ form @ y for form in forms])
        assert [found.example, found.rater, found.repeat] == pytest.approx(
            truth.tolist(), rel=1e-8, abs=1e-10
        )


def test_no_rater_in_common_leaves_the_parts_untold() -> None:
    own = comparison.variance_components(
        [1, 2, 3, 5, 8, 9] * 2, examples=[0, 0, 1, 1, 2, 2] * 2, raters=[0, 1, 2, 3, 4, 5] * 2
    )
    assert own.undefined
