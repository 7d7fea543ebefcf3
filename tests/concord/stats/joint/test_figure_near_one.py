"""Differences of systems that nearly always succeed: few items tell, and on which side they fall is chance."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from concord.stats.joint import (
    JointFigure,
    Judged,
    joint_difference,
    prediction_powered_difference,
    prediction_powered_mean,
)


def lone(differing: list[float], n: int = 30) -> np.ndarray:
    """Differences of n pairs of which all but these are none."""
    return np.concatenate([differing, np.zeros(n - len(differing))])


def people(differing: list[float], null: float = 0.0, n: int = 30) -> JointFigure:
    """What people's labels alone say of systems that differ on these items only."""
    found = np.arange(n)
    d = lone(differing, n)
    one, two = (
        Judged(predictions=np.zeros(2 * n), ratings=r, rated=found, examples=np.arange(2 * n))
        for r in (np.where(d > 0, 1.0, 1.0 - (d < 0)), np.where(d > 0, 0.0, 1.0))
    )
    return joint_difference(one, two, bounds=(0, 1), null=null)


def test_no_difference_is_tested_without_a_skewness_that_it_does_not_have() -> None:
    """Three items that fell to one side: by the count of 3 alone (gamma, Jeffreys) 0 would be shut out."""
    found = people([1.0, 1.0, 1.0])
    assert found.p_value == pytest.approx(2 * stats.norm.sf(found.value / found.standard_error))
    assert found.low < 0 < found.p_value - 0.05
    assert stats.gamma.ppf(0.025, 3.5) > 0.8
    assert found.high - found.value > 1.1 * (found.value - found.low), (
        "beyond the value it leans as counts do"
    )


def test_many_items_on_one_side_lean_as_a_count() -> None:
    """Forty of a thousand pairs, all for one system: the far end is nearly Jeffreys' of that share."""
    found = people([1.0] * 40, n=1000)
    assert found.high == pytest.approx(stats.beta.ppf(0.975, 40.5, 960.5), rel=0.01)
    assert found.low > 0


def test_swapped_systems_have_the_mirrored_interval(rng: np.random.Generator) -> None:
    a, b = ((rng.random(200) < p).astype(float) for p in (0.95, 0.85))
    f, g = (np.where(rng.random(200) < 0.85, y, 1 - y) for y in (a, b))
    one = prediction_powered_difference(a[:40], b[:40], f[:40], g[:40], f[40:], g[40:])
    two = prediction_powered_difference(b[:40], a[:40], g[:40], f[:40], g[40:], f[40:])
    assert (one.low, one.high) == pytest.approx((-two.high, -two.low))
    assert one.p_value == pytest.approx(two.p_value)
    assert one.value - one.low != pytest.approx(one.high - one.value, rel=1e-3)


def test_the_interval_of_a_leaning_difference_holds_what_is_not_rejected() -> None:
    for differing in ([1.0] * 3, [1.0] * 5 + [-1.0], [-1.0] * 8):
        found = people(differing)
        for end, inside in ((found.low, 1e-7), (found.high, -1e-7)):
            assert people(differing, null=end + inside).p_value > 0.05
            assert people(differing, null=end - inside).p_value < 0.05


def test_judges_who_say_the_same_err_at_once(rng: np.random.Generator) -> None:
    """Twice the same judge with half the weight each is that judge; two who err apart are less to fear."""
    y = (rng.random(330) < 0.9).astype(float)
    f, g = (np.where(rng.random(330) < 0.9, y, 1 - y) for _ in range(2))
    same, apart = np.stack([f, f], axis=1), np.stack([f, g], axis=1)
    one = prediction_powered_mean(y[:30], f[:30], f[30:], lam=0.8)
    twice = prediction_powered_mean(y[:30], same[:30], same[30:], lam=[0.4, 0.4])
    assert (twice.low, twice.high) == pytest.approx((one.low, one.high))
    two = prediction_powered_mean(y[:30], apart[:30], apart[30:], lam=[0.4, 0.4])
    added = []
    for found, verdicts, weights in ((one, f[:, None], [0.8]), (two, apart, [0.4, 0.4])):
        error = y[:30] - verdicts[:30] @ weights
        pool = verdicts[30:] @ weights
        added.append(900 * (found.standard_error**2 - error.var(ddof=1) / 30 - pool.var(ddof=1) / 300))
    commoner = max(y[:30].mean(), 1 - y[:30].mean())
    assert added[0] == pytest.approx(0.8**2 * commoner), (
        "half an error each way, times the commoner labels' share"
    )
    alike = np.corrcoef(f[30:], g[30:])[0, 1]
    assert added[1] == pytest.approx(0.4**2 * (2 + 2 * alike) * commoner)


def test_one_side_all_alike_is_not_free_of_error_in_other_samples(rng: np.random.Generator) -> None:
    """30 right of 30 beside 285 of 300: the interval reaches as far as one side alone may be off."""
    few = Judged(predictions=np.zeros(60), ratings=np.ones(30), rated=np.arange(30), examples=np.arange(60))
    many = Judged(
        predictions=np.zeros(600),
        ratings=np.r_[np.zeros(15), np.ones(285)],
        rated=np.arange(300),
        examples=1000 + np.arange(600),
    )
    found = joint_difference(few, many, bounds=(0, 1))
    assert found.low < 0 < found.high
    assert found.low == pytest.approx(0.05 - stats.norm.ppf(0.975) * found.standard_error, abs=0.02)


def test_equal_systems_near_one_are_held_by_intervals_hardly_wider_than_needed() -> None:
    """95 of 100 right, 30 pairs: no wider than 1.15 times what would just do (1.19 with a skewness as it was seen)."""
    rng, found = np.random.default_rng(8), []
    for _ in range(300):
        hard = rng.normal(size=330)
        y = [((hard + rng.normal(size=330)) / np.sqrt(2) < 1.6448536).astype(float) for _ in range(2)]
        f = [np.where(rng.random(330) < 0.85, part, 1 - part) for part in y]
        one = prediction_powered_difference(
            *(part[:30] for part in y), *(part[:30] for part in f), *(part[30:] for part in f)
        )
        found.append((one.value, one.low, one.high))
    value, low, high = np.array(found).T
    needed = np.sort(np.abs(value))[int(0.95 * len(value))]
    assert np.mean((low <= 0) & (high >= 0)) > 0.95
    assert (high - low).mean() < 1.15 * 2 * needed
