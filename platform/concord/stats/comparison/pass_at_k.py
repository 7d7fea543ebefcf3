"""At least one of k tries, or all of k tries: unbiased from n tries per example."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from concord.stats._arrays import FloatArray, InputError, codes, count, fraction
from concord.stats._results import TestedEstimate
from concord.stats._undefined import undefined
from concord.stats.comparison.mean import mean

_LONGEST = 10_000


def pass_at_k(
    n: ArrayLike, c: ArrayLike, k: int, *, clusters: ArrayLike | None = None, confidence: float = 0.95
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

    Returns
    -------
    TestedEstimate
        With the t interval over examples; ``n`` counts examples. Undefined without examples.

    Raises
    ------
    InputError
        ``c > n``, ``k > n`` for some example, negative counts.

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
    return _averaged(1 - none, clusters, confidence, f"pass@{k}")


def pass_hat_k(
    n: ArrayLike, c: ArrayLike, k: int, *, clusters: ArrayLike | None = None, confidence: float = 0.95
) -> TestedEstimate:
    """Return the chance that all of ``k`` tries pass (reliability), averaged over examples.

    Parameters
    ----------
    n, c, k, clusters
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
    return _averaged(_choose_ratio(passes, tries, k), clusters, confidence, f"pass^{k}")


def _counts(n: ArrayLike, c: ArrayLike, k: int) -> tuple[FloatArray, FloatArray, int]:
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
    return tries.astype(np.float64), passes.astype(np.float64), k


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
    per_example: FloatArray, clusters: ArrayLike | None, confidence: float, name: str
) -> TestedEstimate:
    confidence = fraction("confidence", confidence)
    found = mean(per_example, clusters=clusters, confidence=confidence)
    if not found.defined:
        return undefined(TestedEstimate, "there are no examples", confidence=confidence)
    return TestedEstimate(
        value=found.value,
        low=max(found.low, 0.0),
        high=min(found.high, 1.0),
        confidence=confidence,
        method=f"{name}, {found.method} over examples",
        n=found.n,
        standard_error=found.standard_error,
        notes=found.notes,
        df=found.df,
    )
