"""Differences for which the people who answered are a sample too, not only the examples."""

import math
from dataclasses import replace

import numpy as np

from annotation.selectors.clustering import whose
from concord.scorecards.evidence import FloatArray, IntArray
from concord.scorecards.services.observations import Observations
from concord.scorecards.services.paired import from_errors
from concord.scorecards.services.terms import Terms, of_mean, rater_codes, spread, together
from concord.stats import TestedEstimate


def with_raters(found: TestedEstimate, terms: Terms, *, what: str) -> TestedEstimate:
    """Return a figure found over examples, clustered by rater as well where enough people are behind its `terms`.

    Of that and what was found, the wider interval and the larger p-value stand: McNemar's exact test knows rare events better
    than a t interval does, but not that one rater's answers are alike.
    """
    raters = rater_codes(terms, terms)
    if raters is None:
        return replace(found, method=f"{found.method}; {whose(terms.raters)}")
    error = spread(terms, examples=terms.examples, raters=raters)
    if not error.standard_error > 0 or not error.df > 0:
        return replace(found, method=f"{found.method}; {whose(terms.raters)}")
    clustered = from_errors(
        found.value,
        error.standard_error,
        0.0,
        found.n,
        found.confidence,
        df=error.df,
        method=f"{what}, clustered by example and rater, t interval",
    )
    return _wider(found, clustered)


def difference_terms(a: Observations, b: Observations) -> Terms:
    """Return the terms of a - b."""
    return together([_terms(a, 1.0), _terms(b, -1.0)])


def _terms(observed: Observations, sign: float) -> Terms:
    """Return one system's answers as parts of its mean: examples count the same, and in each its outputs, however many judged."""
    weights = _share(observed.items) * _share_of_outputs(observed)
    return of_mean(observed.values, weights, observed.examples, observed.raters, sign=sign)


def _share(codes: IntArray) -> FloatArray:
    _, place, count = np.unique(codes, return_inverse=True, return_counts=True)
    share: FloatArray = 1 / count[place]
    return share


def _share_of_outputs(observed: Observations) -> FloatArray:
    """Return for each answer one over the number of outputs of its example."""
    _, first, place = np.unique(observed.items, return_index=True, return_inverse=True)
    return _share(observed.examples[first])[place]


def _wider(found: TestedEstimate, clustered: TestedEstimate) -> TestedEstimate:
    p_value = max(found.p_value, clustered.p_value) if math.isfinite(found.p_value) else clustered.p_value
    if found.high - found.low > clustered.high - clustered.low:
        return replace(found, p_value=p_value, method=f"{found.method}; no narrower when clustered by rater")
    return replace(clustered, p_value=p_value)
