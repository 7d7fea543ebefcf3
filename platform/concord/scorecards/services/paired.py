"""The difference of two systems on the examples that both answered."""

import math
from dataclasses import replace

import numpy as np
from scipy import stats as distributions

from concord.scorecards.evidence import FloatArray, IntArray
from concord.scorecards.services.observations import Items
from concord.stats import TestedEstimate, comparison

FEWEST_SHARED = 5


def difference(a: Items, b: Items, *, share: bool, confidence: float) -> TestedEstimate:
    """Return a - b: paired on shared examples where there are some, else of two independent means (Welch)."""
    shared = shared_items(a, b)
    if shared is not None:
        at_a, at_b = np.searchsorted(a.items, shared), np.searchsorted(b.items, shared)
        return paired(a.values[at_a], b.values[at_b], share=share, confidence=confidence)
    if not len(a.values) or not len(b.values):
        return nothing("one of the two systems has no answers", confidence)
    return independent(a.values, b.values, confidence=confidence)


def shared_items(a: Items, b: Items) -> IntArray | None:
    """Return what both have, where that is enough to compare them on it alone. `items` are sorted."""
    shared: IntArray = np.intersect1d(a.items, b.items)
    enough = len(shared) >= FEWEST_SHARED or 0 < len(shared) == min(len(a.items), len(b.items))
    return shared if enough else None


def paired(a: FloatArray, b: FloatArray, *, share: bool, confidence: float) -> TestedEstimate:
    """Return the mean of a - b; of shares of yes/no answers with McNemar's exact test."""
    if share and np.isin(np.concatenate([a, b]), (0.0, 1.0)).all():
        return comparison.mcnemar(a, b, confidence=confidence)
    if share:
        return _of_shares(a, b, confidence)
    found = comparison.paired_difference(a, b, confidence=confidence)
    return replace(found, method=f"paired on examples, {found.method}")


def _of_shares(a: FloatArray, b: FloatArray, confidence: float) -> TestedEstimate:
    """Return the difference of shares that are no plain yes and no, because several people judged an example.

    To the interval and the test one example each way is added, as Bonett & Price (2012, doi:10.3102/1076998611411915) do
    with yes and no: few examples often differ by nothing, or all alike, by chance.
    """
    found = comparison.paired_difference(a, b, confidence=confidence)
    wide = comparison.paired_difference(
        np.append(a, [1.0, 0.0]), np.append(b, [0.0, 1.0]), confidence=confidence
    )
    return replace(
        wide,
        value=found.value,
        low=min(wide.low, found.value),
        high=max(wide.high, found.value),
        n=found.n,
        notes=found.notes,
        method="paired on examples, t interval with one example more each way",
    )


def independent(a: FloatArray, b: FloatArray, *, confidence: float) -> TestedEstimate:
    """Return the difference of the means of different examples."""
    one, two = comparison.mean(a, confidence=confidence), comparison.mean(b, confidence=confidence)
    return from_errors(
        one.value - two.value,
        one.standard_error,
        two.standard_error,
        len(a) + len(b),
        confidence,
        df=_welch_df(one, two),
        method="two means on different examples, Welch",
    )


def from_errors(
    value: float, a: float, b: float, n: int, confidence: float, *, df: float, method: str
) -> TestedEstimate:
    """Return a difference of two estimates with independent errors."""
    error = math.hypot(a, b)
    if not error > 0:
        return TestedEstimate(
            value=value,
            confidence=confidence,
            method=method,
            n=n,
            notes=("the answers do not vary: no interval.",),
        )
    half = float(distributions.t.ppf((1 + confidence) / 2, df)) * error
    p_value = float(2 * distributions.t.sf(abs(value / error), df))
    return TestedEstimate(
        value=value,
        low=value - half,
        high=value + half,
        confidence=confidence,
        method=method,
        n=n,
        standard_error=error,
        p_value=p_value,
        statistic=value / error,
        df=df,
    )


def nothing(reason: str, confidence: float) -> TestedEstimate:
    return TestedEstimate(value=math.nan, confidence=confidence, method="none", n=0, undefined=reason)


def _welch_df(one: TestedEstimate, two: TestedEstimate) -> float:
    a, b = one.standard_error**2, two.standard_error**2
    below = a * a / max(one.n - 1, 1) + b * b / max(two.n - 1, 1)
    return (a + b) ** 2 / below if below > 0 else 1.0
