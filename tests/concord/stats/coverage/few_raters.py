"""Studies of examples by few raters, and families of differences: what each draws, and whether its intervals held."""

from __future__ import annotations

import numpy as np
from scipy import stats

from concord.stats import comparison
from tests.concord.stats.coverage.harness import Draw, Interval, interval

Rng = np.random.Generator


def people(share: float, raters: int, rater_variance: float, seen: float = 1.0) -> Draw:
    """Shares (probit) of n examples by few raters, for other examples and other raters; each rater sees some of them."""

    def draw(rng: Rng, n: int) -> Interval:
        example, rater = (i.ravel() for i in np.indices((n, raters)))
        kept = rng.random(len(example)) < seen
        example, rater = example[kept], rater[kept]
        moved = rng.normal(size=n)[example] + rater_variance**0.5 * rng.normal(size=raters)[rater]
        limit = stats.norm.ppf(share) * (2 + rater_variance) ** 0.5
        y = (moved + rng.normal(size=len(example)) < limit).astype(float)
        return interval(comparison.clustered_proportion(y, clusters=example, clusters2=rater), share)

    return draw


def pairs_of_people(raters: int, lead: float) -> Draw:
    """Votes between two systems, a fifth of them ties, of raters and examples that lean one way or the other."""

    def draw(rng: Rng, n: int) -> Interval:
        example, rater = (i.ravel() for i in np.indices((n, raters)))
        lean = 0.8 * rng.normal(size=n)[example] + 0.4 * rng.normal(size=raters)[rater] + lead
        gap = lean + rng.normal(size=len(example))
        y = np.where(np.abs(gap) < 0.3, 0.5, gap > 0)
        spread = (1 + 0.64 + 0.16) ** 0.5
        truth = (stats.norm.sf((0.3 - lead) / spread) + stats.norm.sf((-0.3 - lead) / spread)) / 2
        return interval(comparison.clustered_proportion(y, clusters=example, clusters2=rater), float(truth))

    return draw


def gap_of_people(raters: int, spread: float, seen: float = 1.0) -> Draw:
    """A difference of two systems on n examples by few raters, who differ (or do not) in which they prefer."""

    def draw(rng: Rng, n: int) -> Interval:
        example, rater = (i.ravel() for i in np.indices((n, raters)))
        kept = rng.random(len(example)) < seen
        example, rater = example[kept], rater[kept]
        moved = 0.6 * rng.normal(size=n)[example] + spread * rng.normal(size=raters)[rater]
        y = 0.3 + moved + rng.normal(size=len(example))
        return interval(comparison.mean(y, clusters=example, clusters2=rater), 0.3)

    return draw


def in_family(found: comparison.Simultaneous, truth: np.ndarray) -> Interval:
    """Return an interval that holds its truth where all of the family hold theirs."""
    held = (found.low <= truth) & (truth <= found.high)
    return 0.0, 1.0, 0.5 if held.all() else 2.0


def family_of(systems: int, dimensions: int, correlated: bool = True) -> Draw:
    """All differences of systems on n examples, an error of its own for each, over all dimensions together."""
    left, right = np.triu_indices(systems, 1)
    design = np.kron(np.eye(dimensions), np.eye(systems)[left] - np.eye(systems)[right])

    def draw(rng: Rng, n: int) -> Interval:
        y = rng.normal(size=(n, 1)) + rng.normal(size=(n, systems * dimensions))
        gaps = y @ design.T
        error = gaps.std(axis=0, ddof=1) / n**0.5
        options = {"influence": gaps - gaps.mean(axis=0)} if correlated else {}
        found = comparison.simultaneous(gaps.mean(axis=0), error, df=n - 1, **options)
        return in_family(found, np.zeros(len(design)))

    return draw


def family_of_people(raters: int) -> Draw:
    """All differences of four systems by few raters, two ways, with the rows of both ways one below the other."""
    left, right = np.triu_indices(4, 1)

    def draw(rng: Rng, n: int) -> Interval:
        example, rater = (i.ravel() for i in np.indices((n, raters)))
        liked = 0.5 * rng.normal(size=(n, 4))[example] + 0.2 * rng.normal(size=(raters, 4))[rater]
        y = liked + rng.normal(size=(len(example), 4))
        gaps = y[:, left] - y[:, right]
        each = [comparison.mean(gap, clusters=example, clusters2=rater) for gap in gaps.T]
        away = gaps - gaps.mean(axis=0)
        rows = [np.array([np.bincount(code, column) for column in away.T]).T for code in (example, rater)]
        found = comparison.simultaneous(
            [one.value for one in each],
            [one.standard_error for one in each],
            df=[one.df for one in each],
            influence=np.vstack(rows),
        )
        return in_family(found, np.zeros(6))

    return draw


def one_shared_error(rng: Rng, n: int) -> Interval:
    """An analysis of variance of four groups: one error for all six differences, where Tukey's intervals are exact."""
    y = rng.normal(size=(n, 4))
    left, right = np.triu_indices(4, 1)
    design = np.eye(4)[left] - np.eye(4)[right]
    error = np.full(6, (2 * y.var(axis=0, ddof=1).mean() / n) ** 0.5)
    found = comparison.simultaneous(
        design @ y.mean(axis=0), error, df=4 * (n - 1), correlation=design @ design.T / 2
    )
    return in_family(found, np.zeros(6))


def best_of(method: str) -> Draw:
    """Five systems, of which three are nearly as good: is the true best among those that may be, do all ends hold?"""
    truth = np.array([0.0, 0.05, 0.1, -0.5, -1.0])
    left, right = np.triu_indices(5, 1)

    def draw(rng: Rng, n: int) -> Interval:
        y = truth + rng.normal(size=(n, 1)) + rng.normal(size=(n, 5))
        gaps = y[:, left] - y[:, right]
        error, moved = gaps.std(axis=0, ddof=1) / n**0.5, gaps - gaps.mean(axis=0)
        if method == "ranks":
            family = comparison.simultaneous(gaps.mean(axis=0), error, df=n - 1, influence=moved)
            found = comparison.rank_ranges(family, left, right, n_systems=5)
            rank = np.array([3, 2, 1, 4, 5])
            held = ((found.best_rank <= rank) & (rank <= found.worst_rank)).all()
        else:
            best = comparison.multiple_comparisons_with_best(
                gaps.mean(axis=0), error, left, right, n_systems=5, df=n - 1, influence=moved
            )
            above = np.array([x - np.delete(truth, i).max() for i, x in enumerate(truth)])
            held = ((best.low <= above) & (above <= best.high)).all()
        return 0.0, 1.0, 0.5 if held else 2.0

    return draw
