"""What makes answers alike: the codes that intervals are clustered by, and the weights that make outputs count the same."""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Clusters = tuple[Ints | None, Ints | None, tuple[str, ...]]

# With fewer raters, a variance between raters cannot be estimated: two raters would give t intervals of one degree of freedom.
FEWEST_RATERS = 5


def clusters(examples: Ints, raters: Ints | None) -> Clusters:
    """The codes of examples where one has several answers, those of raters where enough people gave several, and notes.

    `raters` is negative where the rater is not known, and None where no person answered: a machine is no cluster.
    """
    shared = repeated(examples)
    if raters is None or not len(raters):
        return shared, None, ()
    named = len(np.unique(raters[raters >= 0]))
    if named == 0:
        note = (
            "the raters are anonymous, so the interval does not count that one person gave several answers."
        )
        return shared, None, (note,)
    if named < FEWEST_RATERS:
        return shared, None, (few_raters(named),)
    if named == len(raters):
        return shared, None, ()
    return shared, named_apart(raters), ()


def votes_clustered_by(examples: Ints, raters: Ints | None) -> tuple[str, Ints | None]:
    """The first cluster of comparisons: raters give many votes each; where they are few or unknown, votes share their example."""
    if raters is not None and len(np.unique(raters[raters >= 0])) >= FEWEST_RATERS:
        return "rater", named_apart(raters)
    return ("example", examples) if 1 < len(np.unique(examples)) < len(examples) else ("", None)


def repeated(codes: Ints) -> Ints | None:
    """The codes, where any stands twice; else there is nothing to cluster by."""
    return codes if len(np.unique(codes)) < len(codes) else None


def few_raters(count: int) -> str:
    who = "this one rater" if count == 1 else f"these {count} raters"
    return f"the intervals hold for {who}: so few cannot say how others would answer."


def whose(raters: Ints) -> str:
    """For which people a figure holds, where raters are not a sample."""
    named = len(np.unique(raters[raters >= 0]))
    if not named:
        return "raters not known"
    return "for this one rater" if named == 1 else f"for these {named} raters"


def named_apart(raters: Ints) -> Ints:
    """Rater codes in which every anonymous answer is a rater of its own."""
    codes = raters.copy()
    anonymous = codes < 0
    codes[anonymous] = codes.max(initial=0) + 1 + np.arange(int(anonymous.sum()))
    return codes


def equal_weights(items: Ints) -> Floats:
    """Weights that make each item count the same, however many answers it has."""
    _, place, count = np.unique(items, return_inverse=True, return_counts=True)
    weights: Floats = 1.0 / count[place]
    return weights
