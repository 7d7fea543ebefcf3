"""Intersections of groups: partial pooling, small cells, and simulated truth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from concord.stats.fairness import intersections
from concord.stats.fairness._cell_noise import cell_noise


def test_partial_pooling_beats_raw_means(rng: np.random.Generator) -> None:
    raw_error = pooled_error = covered = total = 0.0
    for _ in range(60):
        truth = rng.normal(0, 0.5, size=(2, 4))
        size = rng.integers(3, 20, size=(2, 4))
        rows = [(a, b) for a in range(2) for b in range(4) for _ in range(size[a, b])]
        groups = np.array(rows)
        y = truth[groups[:, 0], groups[:, 1]] + rng.normal(size=len(rows))
        result = intersections(y, groups)
        flat = truth[result.cells[:, 0], result.cells[:, 1]]
        raw_error += np.square(result.raw - flat).sum()
        pooled_error += np.square(result.value - flat).sum()
        covered += ((result.low <= flat) & (flat <= result.high)).sum()
        total += len(flat)
    assert pooled_error < 0.85 * raw_error
    assert covered / total > 0.85
    assert intersections([], np.empty((0, 2))).undefined
    assert intersections([1.0, 2.0], [[0], [1]]).undefined


def test_noise_of_cells_by_an_analysis_of_variance_written_out(rng: np.random.Generator) -> None:
    """Both components by their expected squares, and what clusters in several cells do to all; even clusters are v / m."""
    from concord.stats.fairness._cell_noise import cell_noise

    cell, cluster = rng.integers(0, 3, size=80), rng.integers(0, 6, size=80) ** 2 // 4
    y = rng.normal(size=80) + 2 * rng.normal(size=7)[cluster]
    units = sorted({(int(h), int(g)) for h, g in zip(cell, cluster, strict=True)})
    own = {unit: y[(cell == unit[0]) & (cluster == unit[1])] for unit in units}
    raw = [y[cell == h].mean() for h in range(3)]
    inside = sum(((v - v.mean()) ** 2).sum() for v in own.values()) / (80 - len(units))
    squares = sum(len(v) * (v.mean() - raw[h]) ** 2 for (h, _), v in own.items())
    share = np.array([[np.mean(cluster[cell == h] == g) for g in range(7)] for h in range(3)])
    n = np.bincount(cell)
    between = (squares - (len(units) - 3) * inside) / (n * (1 - (share**2).sum(axis=1))).sum()
    assert between > 0
    together = np.mean([share[i] @ share[j] for i in range(3) for j in range(3) if i != j])
    found = cell_noise(y, cell, cluster, 3)
    assert found.common == pytest.approx(between * together)
    assert found.own == pytest.approx(inside / n + between * ((share**2).sum(axis=1) - together))
    even = np.repeat(np.arange(12), 4)
    z = rng.normal(size=12)[even] * 3 + rng.normal(size=48)
    means = z.reshape(12, 4).mean(axis=1).reshape(3, 4)
    same = cell_noise(z, even // 4, even, 3)
    assert same.own == pytest.approx(means.var(axis=1, ddof=1).mean() / 4)
    assert (same.common, same.df) == (0.0, pytest.approx(9.0))


@pytest.mark.parametrize("crossed", [False, True])
def test_cells_of_one_large_rater_are_covered(rng: np.random.Generator, crossed: bool) -> None:
    """The rater with most answers decides the cell (.68 was held), or moves all cells together (.52)."""
    held = []
    rater = np.repeat(np.arange(12), [100] + [5] * 11)
    for _ in range(60):
        cell = rng.integers(6, size=len(rater)) if crossed else rater % 6
        y = rng.normal(0, 0.55, size=12)[rater] + rng.normal(0, 0.85, size=len(rater))
        found = intersections(y, cell[:, None], clusters=rater)
        held.append(np.mean((found.low <= 0) & (found.high >= 0)))
    assert np.mean(held) > 0.91


def test_suppressed_cells_take_no_part(rng: np.random.Generator) -> None:
    cell = np.repeat([0, 1, 2, 3, 4, 5], [12, 15, 20, 3, 11, 30])
    y = rng.normal(size=len(cell)) + cell
    groups = np.column_stack([cell // 3, cell % 3])
    result = intersections(y, groups, minimum=10)
    without = intersections(y[cell != 3], groups[cell != 3])
    assert result.suppressed.tolist() == [False, False, False, True, False, False]
    assert (result.n[3], result.n_clusters[3]) == (0, 0)
    for name in ("raw", "value", "low", "high", "weight"):
        every = getattr(result, name)
        assert np.isnan(every[3])
        assert every[~result.suppressed] == pytest.approx(getattr(without, name))
    assert (result.overall, result.spread) == pytest.approx((without.overall, without.spread))
    assert "every cell" in str(intersections([1.0, 2.0], [[0], [0]], minimum=10).undefined)


def test_pooling_against_the_formula_by_hand(rng: np.random.Generator) -> None:
    """DerSimonian & Laird (1986) on cell means with the pooled variance inside cells."""
    for _ in range(200):
        c = int(rng.integers(3, 12))
        cell = np.repeat(np.arange(c), rng.integers(2, 15, size=c))
        y = rng.normal(0, 1, size=c)[cell] + rng.normal(size=len(cell))
        result = intersections(y, cell[:, None])
        m = np.bincount(cell)
        raw = np.array([y[cell == i].mean() for i in range(c)])
        noise = sum(((y[cell == i] - raw[i]) ** 2).sum() for i in range(c)) / (len(y) - c) / m
        w = 1 / noise
        q = (w * (raw - (w * raw).sum() / w.sum()) ** 2).sum()
        spread = max(0.0, (q - (c - 1)) / (w.sum() - (w**2).sum() / w.sum()))
        overall = (raw / (noise + spread)).sum() / (1 / (noise + spread)).sum()
        kept = spread / (spread + noise)
        assert result.spread == pytest.approx(spread**0.5, abs=1e-9)
        assert result.value == pytest.approx(overall + kept * (raw - overall), abs=1e-9)


def test_pooled_intervals_against_integration_over_the_spread(rng: np.random.Generator) -> None:
    """The posterior of a cell's mean, uniform in the spread and the overall mean, by quadrature."""
    cell = np.repeat(np.arange(6), [4, 6, 3, 9, 5, 30])
    y = np.array([0.0, 0.4, 1.0, -0.3, 0.2, 0.1])[cell] + rng.normal(size=len(cell))
    found = intersections(y, cell[:, None])
    n = np.bincount(cell)
    df = len(cell) - 6
    noise = sum(y[cell == c].var() * n[c] for c in range(6)) / df / n
    wide = stats.t.ppf(0.975, df) / stats.norm.ppf(0.975)

    def at(spread: float) -> tuple[float, float, float]:
        total = noise + spread**2
        overall = (found.raw / total).sum() / (1 / total).sum()
        log = -0.5 * (
            np.log(total).sum() + np.log((1 / total).sum()) + (np.square(found.raw - overall) / total).sum()
        )
        kept = spread**2 / total[2]
        sd = np.sqrt(kept * noise[2] + (1 - kept) ** 2 / (1 / total).sum())
        return np.exp(log), overall + kept * (found.raw[2] - overall), wide * sd

    whole = integrate.quad(lambda s: at(s)[0], 0, 12, limit=200)[0]
    for end, share in ((found.low[2], 0.025), (found.high[2], 0.975)):
        below = integrate.quad(
            lambda s, e=end: at(s)[0] * stats.norm.cdf((e - at(s)[1]) / at(s)[2]), 0, 12, limit=200
        )
        assert below[0] / whole == pytest.approx(share, abs=2e-3)


def test_many_cells_and_cells_of_any_scale_are_pooled_alike(rng: np.random.Generator) -> None:
    cell = np.repeat(np.arange(3000), 4)
    y = rng.normal(0, 0.5, size=3000)[cell] + rng.normal(size=len(cell))
    many = intersections(y, cell[:, None])
    half = (many.high - many.low) / 2
    kept = many.spread**2 / (many.spread**2 + 0.25)
    assert half.mean() == pytest.approx(1.96 * np.sqrt(kept * 0.25), rel=0.05)
    few = slice(0, 48)
    one, far = (intersections(scale * y[few], cell[few][:, None]) for scale in (1.0, 1e-90))
    np.testing.assert_allclose(far.low * 1e90, one.low, rtol=1e-6)
    assert ((one.low <= one.value) & (one.value <= one.high)).all()


def test_what_cells_have_in_common_is_known_by_the_clusters_less_one(rng: np.random.Generator) -> None:
    """Four raters give each of six cells two answers: all cells move with four raters, whatever they hold."""
    cell, rater, _ = (code.ravel() for code in np.indices((6, 4, 2)))
    noise = cell_noise(rng.normal(size=48) + 2 * rater, cell, rater, 6)
    assert noise.common > 0
    assert noise.df > 3
    assert noise.common_df == 3


def test_raters_of_one_answer_a_cell_move_all_cells(rng: np.random.Generator) -> None:
    """Their variance shows in what answers in several cells have in common: beside it the noise of answers is small."""
    rater, cell = np.repeat(np.arange(40), 6), np.tile(np.arange(6), 40)
    y = np.repeat(rng.normal(size=40), 6) + 0.1 * rng.normal(size=240)
    noise = cell_noise(y, cell, rater, 6)
    assert noise.common == pytest.approx(np.var(y.reshape(40, 6).mean(axis=1), ddof=1) / 40, rel=0.02)
    assert noise.own == pytest.approx(np.full(6, 0.01 / 40), rel=0.4)
    alone = cell_noise(y, cell, np.arange(240), 6)
    assert alone.common == 0
    assert alone.own == pytest.approx(noise.own + noise.common, rel=0.05)
