"""What errors that few labels do not show are taken for, and one test for value, interval and p-value, all by hand."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy import special, stats

from concord.stats.joint._figure import Scale, _believed, _fading, _reach, unseen
from concord.stats.joint._sides import Side
from concord.stats.joint._tilted import Alike, Opened, Tilted


def side(
    y: list[float], pool: list[list[float]], sign: float = 1.0, share: list[float] | None = None
) -> Side:
    n = len(y)
    rows = np.array(pool, dtype=float)
    weight = np.full(n, 1 / n) if share is None else np.array(share)
    return Side(y=np.array(y), share=weight, f=np.zeros((n, rows.shape[1])), pool=rows, sign=sign)


def found(**changed: Any) -> Any:
    """Return what a contrast says of its judges."""
    known = {"weights": np.array([0.5, 0.25]), "alike": np.array([[1.0, 0.6], [0.6, 1.0]])}
    known |= {"common": 0.0, "n": 12.0, "wider": 1.2, "third": 0.0, "sixth": 0.0}
    return SimpleNamespace(**(known | changed))


def test_scales_know_their_ends_and_smallest_step() -> None:
    assert Scale("share").ends == (0.0, 1.0)
    assert Scale("gap").ends == (-1.0, 1.0)
    assert Scale().ends == (-math.inf, math.inf)
    counts = Scale.of((np.array([0.0, 1.0]), np.array([0.5])), "gap")
    assert (counts.step, counts.halves) == (1.0, True)
    quarters = Scale.of((np.array([0.0, 0.25]), np.array([0.75])), "share")
    assert (quarters.step, quarters.halves) == (0.25, False)


def test_errors_of_judges_move_a_label_by_their_weights_times_the_range_of_what_they_say() -> None:
    pool = [[0.0, 0.2], [1.0, 0.4], [0.5, 0.3]]
    moves = np.array([0.5, 0.05])
    both = math.sqrt(0.25 + 0.0025 + 2 * 0.6 * 0.025)
    assert _reach(found(), (side([0.0, 1.0], pool),), Scale("share")) == pytest.approx(both)
    assert math.sqrt(moves @ found().alike @ moves) == pytest.approx(both)
    gaps = [[-0.8, 0.1], [0.4, -0.2]]  # of pairs, already differences: the furthest from none
    reach = _reach(found(), (side([0.0, 1.0], gaps),), Scale("gap"))
    assert reach == pytest.approx(math.sqrt(0.4**2 + 0.05**2 + 2 * 0.6 * 0.4 * 0.05))
    two = (side([0.0, 1.0], pool), side([1.0], [[0.0, 0.0], [0.2, 1.0]], -1.0))
    wider = [0.5 * 1.0, 0.25 * 1.0]
    expected = math.sqrt(wider[0] ** 2 + wider[1] ** 2 + 2 * 0.6 * wider[0] * wider[1])
    assert _reach(found(), two, Scale("gap")) == pytest.approx(expected)
    assert _reach(found(weights=np.zeros(2)), two, Scale("gap")) == 0.0
    assert _reach(found(weights=np.array([3.0, 0.0])), two, Scale("gap")) == 1.0


def test_unseen_errors_of_a_share() -> None:
    """Half an error of the machine each way, times the commoner kind, of one step each."""
    one = side([1.0, 1.0, 0.0, 1.0], [[0.0, 0.0], [1.0, 0.0]])
    reach = _reach(found(), (one,), Scale("share", 0.5))
    expected = 2 * (0.5 * 0.75 * reach**2) * 0.5**2 * 0.25**2 * 1.2
    assert unseen(found(), (one,), Scale("share", 0.5)) == pytest.approx(expected)
    fails = side([0.0, 0.0, 1.0, 0.0], [[0.0, 0.0], [1.0, 0.0]])
    assert unseen(found(), (fails,), Scale("share", 0.5)) == pytest.approx(expected)


@pytest.mark.parametrize("common", [0.0, 0.4])
def test_unseen_errors_of_a_difference(common: float) -> None:
    """Where people decide, half an item each way, save that pairs show it themselves beyond a handful."""
    pool = [[0.0, 0.0], [0.4, 0.0]]
    two = (side([1.0, 0.0], pool), side([1.0, 1.0, 1.0, 0.0], pool, -1.0))
    what = found(common=common)
    reach, place = 0.2, (0.5 - 0.75 + 1) / 2
    errors = 0.5 * max(place, 1 - place) * reach**2
    few = common * min((6 / 12) ** 3, 0.5) + (1 - common) * 0.5
    each = (0.5**2 + 0.25**2) * (1 - common / 2)
    expected = 2 * (errors + few * (1 - reach) ** 2) * each * 1.2
    assert unseen(what, two, Scale("gap")) == pytest.approx(expected)
    pairs = (side([1.0, 0.0], [[0.4, 0.0], [0.0, 0.0]]),)
    few = min((6 / 5) ** 3, 0.5)  # below a handful no more than without pairs
    place = (0.5 + 1) / 2
    errors = 0.5 * place * reach**2 + few * (1 - reach) ** 2
    assert unseen(found(n=5.0, common=common), pairs, Scale("gap")) == pytest.approx(
        2 * errors * 0.25 * (1 - common / 2) * 1.2
    )


def test_skewness_is_believed_as_far_as_it_exceeds_its_error() -> None:
    assert _believed(found(third=2.0, sixth=6.0)) == pytest.approx(2 * 4 / (4 + 2))
    assert _believed(found()) == 0.0
    one, other = side([1.0, 0.0], [[0.0]]), side([1.0] * 4, [[0.0]], -1.0)
    assert _fading(found(), (one,)) == 1.0
    assert _fading(found(common=0.25), (one, other)) == pytest.approx(1 - 0.75 * (0.5 - 0.25) / 0.75)
    assert _fading(found(), (one, one)) == 1.0


@pytest.mark.parametrize("sign", [1, -1])
def test_a_leaning_share_is_a_scaled_count(sign: int) -> None:
    """Value 3 from 3 events of size 1: the ends are Jeffreys' for a Poisson count, and turned round for the other lean."""
    test = Tilted(3.0 * sign, 3.0, 3.0 * sign, math.inf)
    ends = stats.gamma.ppf([0.025, 0.975], 3.5)
    low, high = test.interval(0.95)
    assert (low, high) == pytest.approx(ends if sign > 0 else -ends[::-1])
    for null in ends * sign:
        assert test.p_value(null) == pytest.approx(0.05)
    assert test.skewness == pytest.approx(sign / math.sqrt(3))
    count = 1.2
    z = stats.norm.isf(stats.gamma.cdf(count, 3.5))
    assert test.statistic(count * sign) == pytest.approx(sign * z)


def test_a_leaning_share_of_few_clusters_has_students_tails() -> None:
    test = Tilted(3.0, 3.0, 3.0, 6.0)
    t = stats.t.isf(0.025, 6)
    tail = stats.norm.sf(t)
    assert test.interval(0.95) == pytest.approx((stats.gamma.ppf(tail, 3.5), stats.gamma.isf(tail, 3.5)))
    assert test.p_value(test.interval(0.95)[0]) == pytest.approx(0.05)


def test_what_does_not_lean_is_students_and_stays_in_its_range() -> None:
    test = Tilted(0.9, 0.01, 1e-7, 9.0, 0.0, 1.0)  # a skewness of .0001
    t = stats.t.isf(0.025, 9)
    assert test.interval(0.95) == pytest.approx((0.9 - 0.1 * t, 1.0))
    assert test.statistic(0.7) == pytest.approx(2.0)
    assert test.p_value(0.7) == pytest.approx(2 * stats.t.sf(2.0, 9))
    beyond = Tilted(1.2, 0.01, 0.0, 9.0, 0.0, 1.0)
    assert beyond.shown == 1.0
    assert beyond.interval(0.95) == pytest.approx((1.2 - 0.1 * t, 1.0))
    for nothing in (Tilted(0.5, 0.0, 0.0, 9.0), Tilted(0.5, 1.0, 0.0, math.nan)):
        assert np.isnan([*nothing.interval(0.95), nothing.statistic(0.0), nothing.p_value(0.0)]).all()
    assert Tilted(0.5, 0.0, 1.0, 9.0).skewness == 0.0


def test_a_difference_is_tested_with_the_skewness_of_what_it_is_tested_against() -> None:
    test = Tilted(0.2, 0.01, 0.0008, math.inf, -1.0, 1.0, fading=1.0)
    assert test.skewness == pytest.approx(0.8)
    assert test.statistic(0.0) == pytest.approx(2.0)  # none at no difference
    assert test.statistic(-0.1) == pytest.approx(3.0)  # nor beyond
    lean = 0.4  # half of the way, half of it
    events, size = 1 / lean**2, lean * 0.1
    count = events + (0.1 - 0.2) / size
    assert test.statistic(0.1) == pytest.approx(stats.norm.isf(stats.gamma.cdf(count, events + 0.5)))
    for end in test.interval(0.95):
        assert test.p_value(end) == pytest.approx(0.05, abs=1e-6)
    part = Tilted(0.2, 0.01, 0.0008, math.inf, -1.0, 1.0, fading=0.25)
    assert part._skewness_at(0.0) == pytest.approx(0.6)
    assert Tilted(0.0, 0.01, 0.0008, math.inf, fading=0.25)._skewness_at(0.3) == pytest.approx(0.6)


def test_labels_all_alike_leave_what_was_overlooked() -> None:
    """Thirty of thirty right: a share of failures that is overlooked with a chance of 1.25 times .05 / 1.25 ..."""
    alike = Alike(1.0, 30.0)
    low, high = alike.interval(0.95)
    assert (1 - (1 - low)) ** 30 == pytest.approx(0.05 / 1.25)
    assert high == 1.0
    assert alike.p_value(low) == pytest.approx(0.05)
    assert alike.p_value(1.0) == 1.0
    assert alike.p_value(0.0) == 0.0
    assert (alike.shown, alike.variance) == (1.0, 0.0)
    assert math.isnan(alike.statistic(0.5))
    gap = Alike(0.0, 30.0, -1.0, 1.0)
    assert gap.interval(0.95) == pytest.approx((low - 1, 1 - low))
    assert gap.p_value(1 - low) == gap.p_value(low - 1) == pytest.approx(0.05)


def test_without_known_ends_t_is_opened() -> None:
    test = Opened(1.0, 0.04, 0.04**1.5 * 0.9, 8.0)
    t = stats.t.isf(0.025, 8)
    a = 0.3
    back = (special.cbrt(1 + 3 * a * (-t - a / 2)) - 1) / a
    low, high = test.interval(0.95)
    assert high == pytest.approx(1 - 0.2 * back)
    assert low == pytest.approx(1 - 0.2 * t)
    assert test.statistic(0.5) == pytest.approx(2.5)
    assert test.p_value(high) == pytest.approx(0.05)
    assert test.shown == 1.0
