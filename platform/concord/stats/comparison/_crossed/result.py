"""The result of a crossed model: means, and the differences that can be asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, InputError, IntArray, fraction, shown
from concord.stats._results import Record, TestedEstimate
from concord.stats._undefined import undefined
from concord.stats.comparison import _contrasts
from concord.stats.comparison._contrasts import Contrasts, Fit


@dataclass(frozen=True, kw_only=True)
class CrossedEffects(Record):
    """Each system's mean with its own degrees of freedom, and what differences between them are made of.

    ``means``, ``standard_errors``, ``df``, ``low`` and ``high`` (S,) belong to ``system_codes``; ``covariance`` (S, S) is that of
    the means. ``variances`` are of single answers by term, nan of a term that the model has not, 0 of one ``at_zero``;
    ``left_out`` says why a term is not in it. ``severity`` (R,) is how far each of ``rater_codes`` lies above the others.
    ``shared_examples`` and ``shared_raters`` (S, S) count what two systems have in common. ``influence`` (rows, S), where asked
    for, is what each row given adds to the error of each mean: its weight times its distance from the mean.
    """

    system_codes: IntArray
    means: FloatArray
    standard_errors: FloatArray
    df: FloatArray
    low: FloatArray
    high: FloatArray
    covariance: FloatArray = field(repr=False)
    variances: Mapping[str, float]
    terms: tuple[str, ...]
    at_zero: tuple[str, ...]
    left_out: Mapping[str, str]
    rater_codes: IntArray = field(repr=False)
    severity: FloatArray = field(repr=False)
    severity_errors: FloatArray = field(repr=False)
    shared_examples: IntArray = field(repr=False)
    shared_raters: IntArray = field(repr=False)
    influence: FloatArray = field(repr=False)
    log_likelihood: float
    converged: bool
    iterations: int
    raters_as: str
    speaks_of_raters: bool
    speaks_of_examples: bool
    confidence: float
    method: str
    n: int
    n_examples: int
    n_raters: int
    undefined: str | None = None
    notes: tuple[str, ...] = ()
    omitted: Mapping[str, int] = field(default_factory=dict)
    fit: Fit = field(repr=False)

    def difference(self, a: int, b: int, *, confidence: float | None = None) -> TestedEstimate:
        """Return the mean of system ``a`` less that of ``b``, by their codes; n counts the examples that both answered."""
        one, two = self._place(a), self._place(b)
        level = self.confidence if confidence is None else fraction("confidence", confidence)
        n = int(self.shared_examples[one, two]) or int(self.shared_examples[[one, two], [one, two]].sum())
        if self.undefined is not None:
            return undefined(TestedEstimate, self.undefined, confidence=level, n=n, omitted=self.omitted)
        row = np.zeros((1, len(self.means)))
        row[0, one] += 1.0
        row[0, two] -= 1.0
        found = _contrasts.contrasts(self.fit, row, level, self.n)
        return TestedEstimate(
            value=float(found.values[0]),
            low=float(found.low[0]),
            high=float(found.high[0]),
            confidence=level,
            method=self.method,
            n=n,
            standard_error=float(found.standard_errors[0]),
            notes=(*self.notes, *self._apart(one, two)),
            omitted=self.omitted,
            p_value=float(found.p_values[0]),
            statistic=float(found.statistics[0]),
            df=float(found.df[0]),
        )

    def pairs(self, *, confidence: float | None = None) -> Contrasts:
        """Return every difference, each system less each after it: the first less the second, less the third, ..."""
        first, second = np.triu_indices(len(self.means), 1)
        rows = np.zeros((len(first), len(self.means)))
        rows[np.arange(len(first)), first] = 1.0
        rows[np.arange(len(first)), second] = -1.0
        return self.contrasts(rows, confidence=confidence)

    def contrasts(self, matrix: ArrayLike, *, confidence: float | None = None) -> Contrasts:
        """Return sums of the means, a row of ``matrix`` (k, S) each, with the columns in the order of ``system_codes``."""
        level = self.confidence if confidence is None else fraction("confidence", confidence)
        if np.size(matrix) == 0 or not len(self.means):
            rows = np.zeros((0, len(self.means)))
        else:
            rows = _contrasts.weights(matrix, len(self.means))
        return _contrasts.contrasts(self.fit, rows, level, self.n)

    def _place(self, code: int) -> int:
        at = np.flatnonzero(self.system_codes == code)
        if len(at) != 1:
            raise InputError(f"no system has the code {shown(code)}")
        return int(at[0])

    def _apart(self, one: int, two: int) -> tuple[str, ...]:
        if one == two or self.shared_examples[one, two] or self.shared_raters[one, two]:
            return ()
        return ("the two share neither an example nor a rater.",)
