"""Bradley-Terry strengths whose errors count that votes of one rater are alike, and votes on one example."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats as distributions

from annotation.selectors.clustering import FEWEST_RATERS, Floats, Ints, votes_clustered_by, whose
from annotation.selectors.means import mean_answer
from concord.stats import Estimate, TestedEstimate, comparison, ranking
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
    """A fit with the variances of its log strengths and of their differences, and what these are clustered by.

    `df` are the degrees of freedom of each system; a difference takes the fewer of both.
    """

    fit: BradleyTerry
    variance: Floats
    spread: Floats
    df: Floats
    clustered_by: str
    only_for: str = ""

    @property
    def half_width(self) -> Floats:
        half: Floats = distributions.t.ppf((1 + self.fit.confidence) / 2, self.df) * np.sqrt(self.variance)
        return half

    def interval(self, place: int) -> tuple[float, float]:
        """The ends of a system's log strength."""
        value, half = float(self.fit.log_strengths[place]), float(self.half_width[place])
        return value - half, value + half

    @property
    def method(self) -> str:
        how = f"sandwich, clustered by {self.clustered_by}" if self.clustered_by else self.fit.method
        return f"{how}; {self.only_for}" if self.only_for else how

    def difference(self, one: int, two: int, confidence: float) -> TestedEstimate:
        """Return the difference of two systems' log strengths."""
        value, error = self._gap(one, two), math.sqrt(float(self.spread[one, two]))
        n = int(self.fit.n_votes[one] + self.fit.n_votes[two])
        method = f"Bradley-Terry log strengths, {self.method}"
        if math.isnan(value) or not error > 0:
            reason = self.fit.undefined or ("a system has no votes" if math.isnan(value) else None)
            return TestedEstimate(value=value, confidence=confidence, method=method, n=n, undefined=reason)
        df = float(min(self.df[one], self.df[two]))
        half = float(distributions.t.ppf((1 + confidence) / 2, df)) * error
        return TestedEstimate(
            value=value,
            low=value - half,
            high=value + half,
            confidence=confidence,
            method=method,
            n=n,
            standard_error=error,
            statistic=value / error,
            df=df,
            p_value=float(2 * distributions.t.sf(abs(value / error), df)),
        )

    def ranks(self) -> tuple[Floats, Floats]:
        """Return the best and the worst rank that Holm-adjusted differences of all pairs leave open."""
        strength = self.fit.log_strengths
        gap, known = strength[:, None] - strength[None, :], np.isfinite(strength)
        upper = np.triu_indices(len(strength), 1)
        df = np.minimum.outer(self.df, self.df)[upper]
        with np.errstate(divide="ignore", invalid="ignore"):
            p_values = 2 * distributions.t.sf(np.abs(gap / np.sqrt(self.spread))[upper], df)
        told = np.zeros(gap.shape, dtype=bool)
        told[upper] = comparison.holm(p_values, alpha=1 - self.fit.confidence).rejected
        told |= told.T
        best = 1.0 + (told & (gap < 0)).sum(axis=1)
        worst = known.sum() - (told & (gap > 0)).sum(axis=1)
        return np.where(known, best, np.nan), np.where(known, worst, np.nan)

    def _gap(self, one: int, two: int) -> float:
        return float(self.fit.log_strengths[one] - self.fit.log_strengths[two])


def strengths(found: Votes, n_systems: int, *, confidence: float, these_examples: bool = False) -> Strengths:
    """Return the Bradley-Terry fit, a tie as half a win.

    Its errors are clustered by rater where enough people voted, and by example where one has several votes; where both,
    two-way as in Cameron, Gelbach & Miller (2011), and never below either alone, with Student's t of the fewer degrees of
    freedom (Cameron & Miller 2015): such as were mixed from both let 59 systems on 13 prompts differ by chance four times
    as often as they say. With `these_examples` it speaks of the
    examples judged and no others: where raters are a sample, they alone are clusters.
    """
    by, codes = votes_clustered_by(found.examples, found.raters)
    fit = _fit(found, n_systems, codes, confidence)
    n_examples = len(np.unique(found.examples))
    several = FEWEST_EXAMPLES <= n_examples < len(found.examples) and not these_examples
    if by != "rater" or codes is None or not several or not fit.defined:
        return Strengths(
            fit=fit,
            variance=np.diag(fit.covariance),
            spread=_spread(fit),
            df=fit.system_df,
            clustered_by=by,
            only_for=_only_for(found, by, n_examples),
        )
    other = _fit(found, n_systems, found.examples, confidence)
    rater, example = _positions(codes), _positions(found.examples)
    cells = _fit(found, n_systems, rater * (int(example.max()) + 1) + example, confidence)
    fits = (fit, other, cells)
    return Strengths(
        fit=fit,
        variance=_two_way([np.diag(each.covariance) for each in fits]),
        spread=_two_way([_spread(each) for each in fits]),
        df=np.minimum(fit.system_df, other.system_df),
        clustered_by="rater and example",
    )


def _only_for(found: Votes, by: str, n_examples: int) -> str:
    """Return for whom or what the strengths hold, where it is no sample of others."""
    if by == "rater":
        return "" if n_examples == len(found) else f"for {_these(n_examples)}"
    return "" if found.raters is None else whose(found.raters)


def _these(n_examples: int) -> str:
    return "this one example" if n_examples == 1 else f"these {n_examples} examples"


def _fit(found: Votes, n_systems: int, clusters: Ints | None, confidence: float) -> BradleyTerry:
    return ranking.bradley_terry(
        found.left,
        found.right,
        found.outcome,
        n_systems=n_systems,
        ties="half",
        clusters=clusters,
        confidence=confidence,
    )


def _positions(codes: Ints) -> Ints:
    place: Ints = np.unique(codes, return_inverse=True)[1].astype(np.int64)
    return place


def _spread(fit: BradleyTerry) -> Floats:
    """Return the variance of the difference of each two log strengths."""
    own = np.diag(fit.covariance)
    spread: Floats = np.maximum(own[:, None] + own[None, :] - 2 * fit.covariance, 0.0)
    return spread


def _two_way(ways: list[Floats]) -> Floats:
    one, two, both = ways
    found: Floats = np.maximum(one + two - both, np.maximum(one, two))
    return found
