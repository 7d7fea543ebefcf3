"""Bradley-Terry strengths whose errors count that votes of one rater are alike, and votes on one example."""

import math
from dataclasses import dataclass, replace

import numpy as np

from annotation.selectors.clustering import FEWEST_RATERS, Floats, Ints, votes_clustered_by, whose
from annotation.selectors.means import mean_answer
from concord.stats import Estimate, TestedEstimate, ranking
from concord.stats.ranking import BradleyTerry

# With fewer examples, a variance between them cannot be estimated.
FEWEST_EXAMPLES = FEWEST_RATERS


@dataclass(frozen=True, kw_only=True)
class Votes:
    """Comparisons: systems as positions from 0, an outcome of 1, 0.5 or 0 for the left one; `raters` is None for a machine."""

    left: Ints
    right: Ints
    outcome: Floats
    examples: Ints
    raters: Ints | None

    def __len__(self) -> int:
        return len(self.outcome)

    def of(self, place: int) -> "Seen":
        """The comparisons of one system, as it saw them."""
        left, right = self.left == place, self.right == place
        both = [left, right]
        return Seen(
            outcome=np.concatenate([self.outcome[left], 1 - self.outcome[right]]),
            opponents=np.concatenate([self.right[left], self.left[right]]),
            examples=np.concatenate([self.examples[side] for side in both]),
            raters=None if self.raters is None else np.concatenate([self.raters[side] for side in both]),
        )


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One system's comparisons: 1 where it won, 0.5 for a tie, 0 where it lost, and against whom."""

    outcome: Floats
    opponents: Ints
    examples: Ints
    raters: Ints | None

    def __len__(self) -> int:
        return len(self.outcome)

    def win_rate(self, *, confidence: float, weights: Floats | None = None) -> Estimate:
        """How often it won, a tie as half a win."""
        if not len(self):
            reason = "nobody judged an output of this system"
            return Estimate(value=math.nan, confidence=confidence, method="none", n=0, undefined=reason)
        return mean_answer(
            self.outcome,
            examples=self.examples,
            raters=self.raters,
            weights=weights,
            share=True,
            confidence=confidence,
        )


@dataclass(frozen=True, kw_only=True)
class Strengths:
    """A fit, and what its errors are clustered by."""

    fit: BradleyTerry
    clustered_by: str
    only_for: str = ""

    @property
    def method(self) -> str:
        how = f"sandwich, clustered by {self.clustered_by}" if self.clustered_by else self.fit.method
        return f"{how}; {self.only_for}" if self.only_for else how

    @property
    def few_clusters(self) -> Ints:
        """The systems whose votes are worth fewer clusters than an interval should rest on."""
        few: Ints = np.flatnonzero(self.fit.system_df + 1 < FEWEST_RATERS)
        return few

    def difference(self, one: int, two: int, confidence: float) -> TestedEstimate:
        """Return the difference of two systems' log strengths, at a confidence of its own."""
        gap = replace(self.fit, confidence=confidence).difference(one, two)
        return replace(gap, method=f"Bradley-Terry log strengths, {self.method}")


def strengths(found: Votes, n_systems: int, *, confidence: float, these_examples: bool = False) -> Strengths:
    """Return the Bradley-Terry fit, a tie as half a win.

    Its errors are clustered by rater where enough people voted, and by example where one has several votes; where both,
    two-way as in Cameron, Gelbach & Miller (2011) with Student's t of the fewer degrees of freedom (Cameron & Miller 2015):
    such as were mixed from both let 59 systems on 13 prompts differ by chance four times as often as they say. With
    `these_examples` it speaks of the examples judged and no others: where raters are a sample, they alone are clusters.
    """
    by, codes = votes_clustered_by(found.examples, found.raters)
    n_examples = len(np.unique(found.examples))
    several = FEWEST_EXAMPLES <= n_examples < len(found.examples) and not these_examples
    both = by == "rater" and codes is not None and several
    fit = ranking.bradley_terry(
        found.left,
        found.right,
        found.outcome,
        n_systems=n_systems,
        ties="half",
        clusters=codes,
        clusters2=found.examples if both else None,
        confidence=confidence,
    )
    if both:
        return Strengths(fit=fit, clustered_by="rater and example")
    return Strengths(fit=fit, clustered_by=by, only_for=_only_for(found, by, n_examples))


def _only_for(found: Votes, by: str, n_examples: int) -> str:
    """Return for whom or what the strengths hold, where it is no sample of others."""
    if by == "rater":
        return "" if n_examples == len(found) else f"for {_these(n_examples)}"
    return "" if found.raters is None else whose(found.raters)


def _these(n_examples: int) -> str:
    return "this one example" if n_examples == 1 else f"these {n_examples} examples"
