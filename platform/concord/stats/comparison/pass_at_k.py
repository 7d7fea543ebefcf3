"""At least one of k tries, or all of k tries: unbiased from n tries per example."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from concord.stats._arrays import FloatArray, InputError, codes, count, fraction, one_of
from concord.stats._results import Estimate, TestedEstimate
from concord.stats._undefined import undefined
from concord.stats.comparison.clustered_proportion import clustered_proportion
from concord.stats.comparison.mean import mean

METHODS = ("wilson", "t", "skewed")
_LONGEST = 10_000  # tries whose chances are multiplied one by one


def pass_at_k(
    n: ArrayLike,
    c: ArrayLike,
    k: int,
    *,
    clusters: ArrayLike | None = None,
    method: str = "wilson",
    confidence: float = 0.95,
) -> TestedEstimate:
    """Return the chance that at least one of ``k`` tries passes, averaged over examples.

    Parameters
    ----------
    n, c
        (m,) tries and passes per example, or one number for all examples; every n must be at least k.
    k
        How many tries one would allow.
    clusters
        (m,) codes of the examples.
    method
        "wilson": Wilson's interval at the number of independent answers that the examples are worth, as `clustered_proportion`
        has it. "t" and "skewed": those of `mean` over examples, cut to [0, 1]; "skewed" for k of several tries where nearly all
        pass.

    Returns
    -------
    TestedEstimate
        ``n`` counts examples. Undefined without examples.

    Raises
    ------
    InputError
        ``c > n``, ``k > n`` for some example, negative counts, another method.

    Notes
    -----
    ``1 - C(n - c, k) / C(n, k)``. Chen et al. (2021), "Evaluating large language models trained on code", arXiv:2107.03374.

    Examples
    --------
    >>> round(pass_at_k([5, 5], [2, 0], 2).value, 3)
    0.35
    """
    tries, passes, k = _counts(n, c, k)
    none = _choose_ratio(tries - passes, tries, k)
    return _averaged(1 - none, clusters, method, confidence, f"pass@{k}")


def pass_hat_k(
    n: ArrayLike,
    c: ArrayLike,
    k: int,
    *,
    clusters: ArrayLike | None = None,
    method: str = "wilson",
    confidence: float = 0.95,
) -> TestedEstimate:
    """Return the chance that all of ``k`` tries pass (reliability), averaged over examples.

    Parameters
    ----------
    n, c, k, clusters, method
        As in ``pass_at_k``.

    Returns
    -------
    TestedEstimate
        As ``pass_at_k``.

    Raises
    ------
    InputError
        As ``pass_at_k``.

    Notes
    -----
    ``C(c, k) / C(n, k)``. Yao et al. (2024), "tau-bench", arXiv:2406.12045.

    Examples
    --------
    >>> round(pass_hat_k([5, 5], [5, 3], 2).value, 3)
    0.65
    """
    tries, passes, k = _counts(n, c, k)
    return _averaged(_choose_ratio(passes, tries, k), clusters, method, confidence, f"pass^{k}")


class _Counts(NamedTuple):
    """Tries and passes of each task, and k."""

    tries: FloatArray
    passes: FloatArray
    k: int


def _counts(n: ArrayLike, c: ArrayLike, k: int) -> _Counts:
    k = count("k", k, at_least=1)
    tries, passes = codes("n", _listed(n)), codes("c", _listed(c))
    if np.isscalar(n):
        tries = np.repeat(tries, len(passes))
    elif np.isscalar(c):
        passes = np.repeat(passes, len(tries))
    passes = codes("c", passes, length=len(tries))
    if ((passes < 0) | (passes > tries)).any():
        bad = np.flatnonzero((passes < 0) | (passes > tries))[0]
        raise InputError(f"c must lie between 0 and n, got {int(passes[bad])} of {int(tries[bad])}")
    if len(tries) and tries.min() < k:
        raise InputError(f"every example needs at least k = {k} tries, got {int(tries.min())}")
    return _Counts(tries.astype(np.float64), passes.astype(np.float64), k)


def _listed(data: Any) -> Any:
    return [data] if np.isscalar(data) else data


def _choose_ratio(m: FloatArray, n: FloatArray, k: int) -> FloatArray:
    """Return ``C(m, k) / C(n, k)``, 0 where m < k: as a product where it is short, which is exact, else by log gamma."""
    if k <= _LONGEST:
        ratio = np.ones(len(m))
        for i in range(k):
            ratio *= np.maximum(m - i, 0.0) / (n - i)
        return ratio
    log = special.gammaln(m + 1) - special.gammaln(np.maximum(m - k, 0.0) + 1)
    log -= special.gammaln(n + 1) - special.gammaln(n - k + 1)
    found: FloatArray = np.where(m >= k, np.exp(np.minimum(log, 0.0)), 0.0)
    return found


def _averaged(
    per_example: FloatArray, clusters: ArrayLike | None, method: str, confidence: float, name: str
) -> TestedEstimate:
    confidence = fraction("confidence", confidence)
    one_of("method", method, METHODS)
    how = "skewed" if method == "skewed" else "t"
    found = mean(per_example, clusters=clusters, method=how, confidence=confidence)
    if not found.defined:
        return undefined(TestedEstimate, "there are no examples", confidence=confidence)
    shown: Estimate = found
    notes = found.notes
    if method == "wilson":
        shown = clustered_proportion(per_example, clusters=clusters, confidence=confidence)
        notes = shown.notes
    return TestedEstimate(
        value=found.value,
        low=max(shown.low, 0.0),
        high=min(shown.high, 1.0),
        confidence=confidence,
        method=f"{name} over examples, {shown.method}",
        n=found.n,
        standard_error=found.standard_error,
        notes=notes,
        df=found.df,
    )
