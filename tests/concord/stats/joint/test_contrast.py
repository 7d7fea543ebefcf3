"""The corrected mean and its error, put together with loops over clusters; and the weights of judges by minimisation."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import optimize

from concord.stats.joint._contrast import contrast
from concord.stats.joint._judges import Moments, tuned
from concord.stats.joint._sides import Side

Rng = np.random.Generator


def side(
    rng: Rng, n: int, n_pool: int, clusters: range, pool_clusters: range, sign: float = 1.0, k: int = 1
) -> Side:
    truth = rng.normal(size=n)
    share = rng.uniform(0.5, 2, size=n)
    return Side(
        y=truth + 1.0,
        share=share / share.sum(),
        f=truth[:, None] * rng.uniform(0.3, 1, size=k) + rng.normal(size=(n, k)) * 0.5,
        pool=rng.normal(size=(n_pool, k)) + 0.2,
        group=rng.choice(clusters, size=n),
        pool_group=rng.choice(pool_clusters, size=n_pool),
        sign=sign,
    )


def by_hand(sides: tuple[Side, ...], w: np.ndarray) -> tuple[float, dict[int, float], dict[int, float]]:
    """Return value, and what each cluster's labelled items and its part of the pool add to the error."""
    value, people, pool = 0.0, dict[int, float](), dict[int, float]()
    for one in sides:
        assert one.group is not None
        assert one.pool_group is not None
        label = sum(one.share * one.y)
        value += one.sign * (label + w @ (one.pool.mean(axis=0) - one.share @ one.f))
        error = one.share * (one.y - label - (one.f - one.share @ one.f) @ w)
        for c in set(one.group.tolist()):
            mine = one.group == c
            added = one.sign * error[mine].sum() / math.sqrt(1 - one.share[mine].sum())
            people[c] = people.get(c, 0.0) + added
        away = (one.pool - one.pool.mean(axis=0)) @ w / len(one.pool)
        for c in set(one.pool_group.tolist()):
            mine = one.pool_group == c
            added = one.sign * away[mine].sum() / math.sqrt(1 - mine.mean())
            pool[c] = pool.get(c, 0.0) + added
    return value, people, pool


def df_by_matrix(parts: list[tuple[np.ndarray, np.ndarray, float]]) -> float:
    """Return Satterthwaite's, of sides given by what clusters add, their shares and the sign: trace(B)**2 / trace(B B)."""
    own = [float((added**2 / (1 - share))[share > 0].sum()) for added, share, _ in parts]
    b = np.zeros((len(parts[0][0]),) * 2)
    for size, (_, share, sign) in zip(own, parts, strict=True):
        mean = sign * math.sqrt(size) * share / np.sqrt(1 - share)
        b += np.diag(size * share / (1 - share)) - np.outer(mean, mean)
    return float(np.trace(b) ** 2 / np.trace(b @ b))


def test_clusters_are_summed_as_loops_sum_them(rng: Rng) -> None:
    sides = (
        side(rng, 30, 50, range(9), range(20, 35), k=2),
        side(rng, 20, 40, range(4, 12), range(30, 44), -1.0, k=2),
    )
    w = np.array([0.4, 0.1])
    found = contrast(sides, w)
    value, people, pool = by_hand(sides, w)
    assert found.value == pytest.approx(value)
    added = {c: people.get(c, 0.0) + pool.get(c, 0.0) for c in people | pool}
    assert dict(zip(found.codes.tolist(), found.influence.tolist(), strict=True)) == pytest.approx(added)
    assert found.variance == pytest.approx(sum(a**2 for a in added.values()))
    assert found.people == pytest.approx(sum(a**2 for a in people.values()))
    assert found.third == pytest.approx(sum(a**3 for a in added.values()))
    assert found.sixth == pytest.approx(sum(a**6 for a in added.values()))
    assert found.n_clusters == len(people)
    groups = [set(one.group.tolist()) for one in sides if one.group is not None]
    assert found.common == pytest.approx(len(groups[0] & groups[1]) / len(groups[0] | groups[1]))
    worth = [1 / sum(one.share[one.group == c].sum() ** 2 for c in groups[i]) for i, one in enumerate(sides)]
    assert found.n == pytest.approx(min(worth))


def test_degrees_of_freedom_of_people_and_machine_are_joined_as_welch_joins_sides(rng: Rng) -> None:
    one = side(rng, 30, 60, range(9), range(20, 33))
    w = np.array([0.5])
    found = contrast((one,), w)
    _, people, pool = by_hand((one,), w)
    dfs = []
    for sums, code, weight in ((people, one.group, one.share), (pool, one.pool_group, np.full(60, 1 / 60))):
        names = list(sums)
        share = np.array([weight[code == c].sum() for c in names])
        dfs.append(df_by_matrix([(np.array(list(sums.values())) * np.sqrt(1 - share), share, 1.0)]))
    a, b = (sum(v**2 for v in sums.values()) for sums in (people, pool))
    assert found.df == pytest.approx((a + b) ** 2 / (a**2 / dfs[0] + b**2 / dfs[1]))
    together = replace(one, pool_group=np.arange(60) % 9)  # clusters that hold both: the fewer of the two
    _, people, pool = by_hand((together,), w)
    share = np.array([(together.pool_group == c).mean() for c in pool])
    machine = df_by_matrix([(np.array(list(pool.values())) * np.sqrt(1 - share), share, 1.0)])
    assert contrast((together,), w).df == pytest.approx(min(dfs[0], machine))


@pytest.mark.parametrize(("k", "lam"), [(1, None), (1, 0.7), (2, None), (1, 0.0)])
def test_a_pool_without_clusters_needs_no_entry_for_each(k: int, lam: float | None, rng: Rng) -> None:
    """One side of independent items goes a shorter way; with a cluster for every item it is the same figure."""
    weight = None if lam is None else np.full(k, lam)
    one = replace(side(rng, 25, 70, range(5), range(5), k=k), group=None, pool_group=None)
    short, long = contrast((one,), weight, influence=False), contrast((one,), weight)
    for name in ("value", "n", "n_clusters", "weights", "alike", "common"):
        assert getattr(short, name) == pytest.approx(getattr(long, name)), name
    even = replace(one, share=np.full(25, 1 / 25))
    short, long = contrast((even,), weight, influence=False), contrast((even,), weight)
    for name in ("value", "variance", "people", "df", "wider", "n"):
        assert getattr(short, name) == pytest.approx(getattr(long, name)), name
    # The pool's own correction for one mean is left out of the shorter one's third moment, and the pool of its sixth.
    apart = replace(even, group=np.arange(25), pool_group=np.arange(25, 95))
    people, pool = (np.array(list(part.values())) for part in by_hand((apart,), short.weights)[1:])
    moved = (pool**3).sum() * (69 / 70) ** 1.5
    assert short.third == pytest.approx(short.wider**1.5 * (people**3).sum() + moved)
    assert short.sixth == pytest.approx(short.wider**3 * (people**6).sum())
    assert len(short.influence) == 0


def test_a_pool_a_hundred_times_larger_adds_nothing_to_the_skewness(rng: Rng) -> None:
    one = replace(
        side(rng, 25, 2500, range(5), range(5)), share=np.full(25, 1 / 25), group=None, pool_group=None
    )
    for n_pool, added in ((2500, 0.0), (2499, 1.0)):
        cut = replace(one, pool=one.pool[:n_pool])
        away = (cut.pool[:, 0] - cut.pool.mean()) * 0.5
        found = contrast((cut,), np.array([0.5]), influence=False)
        apart = replace(cut, group=np.arange(25), pool_group=np.arange(25, 25 + n_pool))
        people = np.array(list(by_hand((apart,), np.array([0.5]))[1].values()))
        skew = (people**3).sum() + added * (away**3).sum() / n_pool**3
        assert found.third == pytest.approx(skew, rel=1e-9)


def test_what_is_the_whole_of_a_side_has_no_error(rng: Rng) -> None:
    one = replace(side(rng, 10, 20, range(5), range(10, 15)), group=np.zeros(10, dtype=np.int64))
    assert math.isnan(contrast((one,), np.array([0.5])).variance)
    empty = replace(side(rng, 10, 20, range(5), range(5)), pool=np.empty((0, 1)), pool_group=np.empty(0, int))
    found = contrast((empty,), None)
    assert found.weights.tolist() == [0.0]
    assert found.value == pytest.approx(empty.share @ empty.y)


def test_a_lone_judges_weight_and_what_it_costs() -> None:
    """Least squares held back by one label in n: product / (whole (1 + 1 / n)); its error is the gap's part of people's."""
    own, whole, product, gap, n = 0.02, 0.03, 0.018, 0.4, 20.0

    def given(**changed: float) -> Moments:
        own_, whole_, product_ = (
            changed.get("own", own),
            changed.get("whole", whole),
            changed.get("product", product),
        )
        return Moments(
            np.array([[own_]]),
            np.array([[whole_]]),
            np.array([product_]),
            np.array([gap]),
            changed.get("n", n),
            np.ones(1),
        )

    held = whole * (1 + 1 / n)
    found = tuned(given())
    assert found.value == pytest.approx([product / held])
    assert found.spent == pytest.approx(own / held)
    assert found.shaken == pytest.approx((gap / held) ** 2 * own / n)
    assert found.wider == pytest.approx((n - 1) / (n - 1 - own / held) * (1 + found.shaken))
    assert found.leverage(np.array([[0.1], [0.5]])) == pytest.approx([0.01 / held, 0.9])
    assert tuned(given(product=0.2)).value == pytest.approx([1.0])  # PPI++: at most one
    for nothing in (given(product=-0.1), given(whole=0.0), given(n=1.5)):
        none = tuned(nothing)
        assert (none.value.tolist(), none.spent, none.wider, none.shaken) == ([0.0], 0.0, 1.0, 0.0)
        assert none.leverage(np.ones((3, 1))).tolist() == [0, 0, 0]
    two = tuned(given(n=2.0))
    assert two.value == pytest.approx([product / (whole * 1.5)])
    assert (two.wider, two.spent) == (1.0, pytest.approx(min(own / (whole * 1.5), 0.5)))


def test_several_judges_weights_are_the_least_error_of_weights_that_are_not_negative(rng: Rng) -> None:
    for _ in range(20):
        root = rng.normal(size=(3, 6))
        whole, product, n = root @ root.T, rng.normal(size=3) + 1, 12.0
        moments = Moments(whole / 2, whole, product, rng.normal(size=3), n, np.ones(3))
        held = whole + np.diag(np.diag(whole)) / n
        least = optimize.minimize(
            lambda w, held=held, product=product: w @ held @ w - 2 * product @ w,
            np.full(3, 0.1),
            bounds=[(0, None)] * 3,
            options={"ftol": 1e-14, "gtol": 1e-10},
        )
        found = tuned(moments)
        assert found.value == pytest.approx(least.x, abs=1e-5)
        on = found.value > 0
        if on.any():
            inverse = np.linalg.inv(held[np.ix_(on, on)])
            assert found.spent == pytest.approx(min(np.trace(inverse @ whole[np.ix_(on, on)]) / 2, 5.5))
            assert found.inverse[np.ix_(on, on)] == pytest.approx(inverse)
            assert not found.inverse[~on].any()


def test_a_judge_that_says_the_same_of_all_is_given_no_weight(rng: Rng) -> None:
    one = side(rng, 20, 30, range(8), range(10, 18), k=2)
    one = replace(one, f=np.column_stack([one.f[:, 0], np.full(20, 3.0)]), pool=one.pool.copy())
    one.pool[:, 1] = 3.0
    found = contrast((one,), None)
    assert found.weights[1] == 0.0
    assert found.weights[0] > 0
    assert found.alike == pytest.approx(np.eye(2))
