"""People's answers on some outputs and a machine's on all: means and differences of means, over examples and raters.

Figure, machine's weight and error over examples are those of `concord.stats.joint`; what a sample of raters adds comes here.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats as distributions

from annotation.selectors.clustering import repeated, whose
from concord.scorecards.evidence import FloatArray, IntArray
from concord.scorecards.services.observations import Observations, per_item
from concord.scorecards.services.terms import Terms, of_mean, rater_codes, spread, together
from concord.stats import TestedEstimate, joint
from concord.stats.joint import PredictionPowered


@dataclass(frozen=True, kw_only=True)
class Part:
    """One system: the items that both judged (`labels`, `machine`), the answers behind the labels, and the other items."""

    labels: FloatArray
    machine: FloatArray
    examples: IntArray
    answers: FloatArray
    answered: IntArray
    raters: IntArray
    rest: FloatArray
    rest_examples: IntArray

    @property
    def weights(self) -> FloatArray:
        """Every item counts the same, however many people judged it."""
        share: FloatArray = 1 / np.bincount(self.answered, minlength=len(self.labels))[self.answered]
        return share


@dataclass(frozen=True, kw_only=True)
class Powered(TestedEstimate):
    """`labelled` and `unlabelled` items, the machine's `weight`, and how many labels alone would say as much."""

    labelled: int
    unlabelled: int
    weight: float
    effective_n: float


def part_of(people: Observations, machine: Observations) -> Part:
    """Return one system's items on both sides; items that only people judged have no place in it."""
    ours, theirs = per_item(people), per_item(machine)
    both, at_ours, at_theirs = np.intersect1d(ours.items, theirs.items, return_indices=True)
    rest, answers = ~np.isin(theirs.items, both), people.where(np.isin(people.items, both))
    return Part(
        labels=ours.values[at_ours],
        machine=theirs.values[at_theirs],
        examples=ours.examples[at_ours],
        answers=answers.values,
        answered=np.searchsorted(both, answers.items),
        raters=answers.raters,
        rest=theirs.values[rest],
        rest_examples=theirs.examples[rest],
    )


def powered_mean(part: Part, *, share: bool, confidence: float) -> Powered:
    """Return one system's corrected mean; items of one example are alike, judged or not."""
    estimator = joint.prediction_powered_win_rate if share else joint.prediction_powered_mean
    shared = repeated(np.concatenate([part.examples, part.rest_examples])) is not None
    found = estimator(
        part.labels,
        part.machine,
        part.rest,
        clusters=part.examples if shared else None,
        unlabelled_clusters=part.rest_examples if shared else None,
        confidence=confidence,
    )
    return _with_raters(found, [(1.0, part)])


def powered_difference(a: Part, b: Part, *, share: bool, confidence: float) -> Powered:
    """Return the difference a - b of two systems' corrected means; what both share with an example is in it once."""
    parts = [(1.0, a), (-1.0, b)]
    if _aligned(a, b):
        return _with_raters(
            joint.prediction_powered_difference(
                a.labels, b.labels, a.machine, b.machine, a.rest, b.rest, confidence=confidence
            ),
            parts,
        )
    found = _over_examples(parts, confidence)
    if share:  # a pseudo-error of the machine each way, as the paired difference has
        more = sum((1 + found.lam**2) / (len(part.labels) + 2) ** 2 for _, part in parts)
        found = _widened(found, more, found.df if found.df > 0 else found.n - 1.0)
    return _with_raters(found, parts)


def _aligned(a: Part, b: Part) -> bool:
    """Whether both systems have one output of the same examples, judged by people on the same of them."""
    same = np.array_equal(a.examples, b.examples) and np.array_equal(a.rest_examples, b.rest_examples)
    return same and repeated(np.concatenate([a.examples, a.rest_examples])) is None


def _over_examples(parts: Sequence[tuple[float, Part]], confidence: float) -> PredictionPowered:
    """Return the prediction-powered mean over examples of what each adds to the figure."""
    labels = [sign * (part.labels - part.labels.mean()) / len(part.labels) for sign, part in parts]
    machine = [sign * (part.machine - part.machine.mean()) / len(part.machine) for sign, part in parts]
    rest = [sign * (part.rest - part.machine.mean()) / len(part.rest) for sign, part in parts]
    judged, others = (
        np.concatenate(codes)
        for codes in zip(*((p.examples, p.rest_examples) for _, p in parts), strict=True)
    )
    found = joint.prediction_powered_mean(
        _sums(labels, judged),
        _sums(machine, judged),
        _sums(rest, others),
        clusters=np.unique(judged),
        unlabelled_clusters=np.unique(others),
        confidence=confidence,
    )
    level = sum(sign * float(part.labels.mean()) for sign, part in parts)
    return replace(found, value=level + found.value, low=level + found.low, high=level + found.high)


def _sums(values: list[FloatArray], examples: IntArray) -> FloatArray:
    """Return an entry per example; their mean is the sum of the values."""
    known, place = np.unique(examples, return_inverse=True)
    summed: FloatArray = (np.bincount(place, weights=np.concatenate(values)) * len(known)).astype(np.float64)
    return summed


def _with_raters(found: PredictionPowered, parts: Sequence[tuple[float, Part]]) -> Powered:
    """Add what raters add to the error, where there are enough of them, and say whether there are."""
    people = _people(parts, found.lam)
    raters = rater_codes(people, people)
    alone = spread(_people(parts, 0.0), examples=people.examples, raters=raters)
    if raters is None:
        return _named(found, f"clustered by example; {whose(people.raters)}", parts, alone)
    both = spread(people, examples=people.examples, raters=raters)
    more = both.standard_error**2 - spread(people, examples=people.examples).standard_error ** 2
    wider = _widened(found, max(more, 0.0), min(found.df, both.df))
    return _named(wider, "clustered by example and rater", parts, alone)


def _people(parts: Sequence[tuple[float, Part]], weight: float) -> Terms:
    """Return the terms of people's answers less the machine's on the same items, so far as the machine counts."""
    return together(
        [
            of_mean(
                part.answers - weight * part.machine[part.answered],
                part.weights,
                part.examples[part.answered],
                part.raters,
                sign=sign,
            )
            for sign, part in parts
        ]
    )


def _widened(found: PredictionPowered, variance: float, df: float) -> PredictionPowered:
    """Return the estimate with this much more variance, and as many degrees of freedom."""
    if not (variance > 0 and df > 0):
        return found
    known = found.high > found.low
    half, middle = (found.high - found.low) / 2, (found.high + found.low) / 2
    own = half / _quantile(found.confidence, found.df) if known else 0.0
    error, middle = math.hypot(own, math.sqrt(variance)), middle if known else found.value
    half = _quantile(found.confidence, df) * error
    return replace(
        found,
        low=min(middle - half, found.value),
        high=max(middle + half, found.value),
        standard_error=math.hypot(found.standard_error if known else 0.0, math.sqrt(variance)),
        statistic=middle / error,
        df=df,
        p_value=float(2 * distributions.t.sf(abs(middle / error), df)),
    )


def _quantile(confidence: float, df: float) -> float:
    return float(distributions.t.ppf((1 + confidence) / 2, df))


def _named(
    found: PredictionPowered, how: str, parts: Sequence[tuple[float, Part]], alone: TestedEstimate
) -> Powered:
    labelled = sum(len(part.labels) for _, part in parts)
    error = found.standard_error
    worth = labelled * (alone.standard_error / error) ** 2 if error > 0 else math.nan
    return Powered(
        value=found.value,
        low=found.low,
        high=found.high,
        confidence=found.confidence,
        method=f"{found.method}; {how}",
        n=labelled,
        standard_error=error,
        notes=found.notes,
        p_value=found.p_value,
        statistic=found.statistic,
        df=found.df,
        labelled=labelled,
        unlabelled=sum(len(part.rest) for _, part in parts),
        weight=found.lam,
        effective_n=worth,
    )
