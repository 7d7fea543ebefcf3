"""Means of systems that the same raters judged on the same examples, for other raters and other examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import (
    FloatArray,
    InputError,
    IntArray,
    codes,
    flag,
    floats,
    fraction,
    left_out,
    one_of,
    shown,
    tally,
)
from concord.stats._results import NAN, Record, TestedEstimate
from concord.stats._undefined import undefined
from concord.stats.comparison import _contrasts
from concord.stats.comparison._contrasts import Contrasts, Fit
from concord.stats.comparison._crossed_fit import (
    Crossed,
    Sorted,
    fitted,
    fixed_effects,
    in_order,
    term_variances,
)
from concord.stats.comparison._crossed_terms import TERMS, WORDS, notes

_MOST_LEVELS = 6500  # of the side with fewer levels: raters and system x rater
RATERS = ("random", "fixed")


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


def crossed_effects(
    values: ArrayLike,
    *,
    systems: ArrayLike,
    examples: ArrayLike,
    raters: ArrayLike,
    raters_as: str = "random",
    influence: bool = False,
    confidence: float = 0.95,
) -> CrossedEffects:
    """Return the means of systems, and their differences, from answers of raters to the systems' outputs on examples.

    Parameters
    ----------
    values
        (n,) answers on an interval scale; nan is dropped. Any number per system, example and rater, complete or not.
    systems, examples, raters
        (n,) codes. Rater -1 is anonymous: each such answer is by a rater of its own.
    raters_as
        "random": the figures hold for other raters like these. "fixed": for these raters, each counting the same; where a rater
        has no answer about a system, it stands at what both come to elsewhere.
    influence
        Whether to return what each row adds to the error of each mean.

    Returns
    -------
    CrossedEffects
        Undefined where no answer is left. Where nothing varies around the systems' means, or as many effects as answers are
        fixed, the means stand without intervals, with a note. Terms that the design cannot tell apart are left out, which the
        notes say; terms estimated at zero take no part in the degrees of freedom.

    Raises
    ------
    InputError
        Malformed input; more than 6,500 levels on the side (raters or examples, alone and with systems) that has fewer.

    Notes
    -----
    ``y = system + example + rater + system x example + system x rater + noise``, all but the system random, each with a
    variance; restricted maximum likelihood with no variance below zero; t with Satterthwaite's degrees of freedom for every
    contrast: ``2 v**2 / var(v)``, by the observed information.

    References
    ----------
    Patterson & Thompson (1971), doi:10.1093/biomet/58.3.545; Gilmour, Thompson & Cullis (1995), doi:10.2307/2533274;
    Kuznetsova, Brockhoff & Christensen (2017), doi:10.18637/jss.v082.i13; Satterthwaite (1946), doi:10.2307/3002019.

    Examples
    --------
    >>> examples, raters = [0, 0, 1, 1, 2, 2, 3, 3] * 2, [0, 1] * 8
    >>> found = crossed_effects(
    ...     [3, 4, 2, 2, 5, 4, 3, 4, 4, 4, 4, 3, 5, 6, 4, 5], systems=[0] * 8 + [1] * 8, examples=examples, raters=raters
    ... )
    >>> gap = found.difference(1, 0)
    >>> round(gap.value, 2), round(gap.low, 2), round(gap.high, 2)
    (1.0, 0.38, 1.62)
    """
    confidence = fraction("confidence", confidence)
    one_of("raters_as", raters_as, RATERS)
    wanted = flag("influence", influence)
    value = floats("values", values)
    system, example, rater = (
        codes(name, column, length=len(value))
        for name, column in (("systems", systems), ("examples", examples), ("raters", raters))
    )
    known = ~np.isnan(value)
    omitted = left_out(known)
    if not known.any():
        return _nothing(confidence, raters_as, omitted, len(value))
    data = in_order(value[known], system[known], example[known], rater[known])
    _refuse_too_many(data)
    random = raters_as == "random"
    fixed, means, severity = fixed_effects(data.answers, random_raters=random)
    found = fitted(data.answers, fixed, means, severity, random_raters=random)
    rows = np.flatnonzero(known)[data.order]
    return _result(data, found, random, confidence, omitted, rows if wanted else None, len(value))


def _refuse_too_many(data: Sorted) -> None:
    a = data.answers
    most = min(int(side.max()) + 1 + int(a.cells(side).max()) + 1 for side in (a.rater, a.example))
    if most > _MOST_LEVELS and not len(np.unique(a.rater)) == len(a.rater):
        raise InputError(
            f"at most {_MOST_LEVELS:,} levels of raters and system x rater, or of examples, got {most:,}"
        )


def _result(
    data: Sorted,
    found: Crossed | None,
    random: bool,
    confidence: float,
    omitted: Mapping[str, int],
    rows: IntArray | None,
    n_rows: int,
) -> CrossedEffects:
    a, s = data.answers, data.answers.n_systems
    said = list(notes(a, found.model.left_out if found else {}, random_raters=random))
    if found is None:
        plain = tally(a.system, s, a.value) / tally(a.system, s)
        fit = Fit(plain, data.origin, data.scale, np.zeros(0), np.zeros((0, s, s)), np.zeros((0, 0)))
        said.append("nothing varies around the fixed effects: an interval cannot be had from the answers.")
    else:
        fit = Fit(
            found.fit.means, data.origin, data.scale, found.fit.variances, found.fit.slopes, found.fit.spread
        )
        zero = [name for name, place in found.model.place.items() if place in found.reml.zero]
        if zero:
            said.append(f"estimated at zero: {', '.join(WORDS[name] for name in zero)}.")
        if not found.reml.converged:
            said.append("the variances did not settle: the figures are rough.")
    level = _contrasts.contrasts(fit, np.eye(s), confidence, len(a.value))
    left = found.model.left_out if found else dict.fromkeys(TERMS, "nothing varies")
    raters, examples = int(a.rater.max()) + 1, int(a.example.max()) + 1
    shared_examples, shared_raters = _shared(a.system, a.example, s), _shared(a.system, a.rater, s)
    said += _unlinked(data.systems, shared_examples, shared_raters)
    return CrossedEffects(
        system_codes=data.systems,
        means=level.values,
        standard_errors=level.standard_errors,
        df=level.df,
        low=level.low,
        high=level.high,
        covariance=level.covariance if found else np.full((s, s), NAN),
        variances=term_variances(found, data.scale) if found else dict.fromkeys(TERMS, NAN),
        terms=tuple(found.model.place) if found else (),
        at_zero=tuple(n for n, place in found.model.place.items() if place in found.reml.zero)
        if found
        else (),
        left_out=left,
        rater_codes=data.raters,
        severity=_named(found.severity if found else None, data) * data.scale,
        severity_errors=_named(found.severity_error if found else None, data) * data.scale,
        shared_examples=shared_examples,
        shared_raters=shared_raters,
        influence=_influence(found, rows, n_rows, s, data.scale) if rows is not None else np.zeros((0, s)),
        log_likelihood=_log_likelihood(found, data) if found else NAN,
        converged=found.reml.converged if found else True,
        iterations=found.reml.iterations if found else 0,
        raters_as="random" if random else "fixed",
        speaks_of_raters=random
        and raters > 1
        and "taken up" not in left.get("rater", "") + left.get("system_rater", ""),
        speaks_of_examples=examples > 1
        and "taken up" not in left.get("example", "") + left.get("system_example", ""),
        confidence=confidence,
        method="crossed mixed model (REML, Satterthwaite)" if found else "none",
        n=len(a.value),
        n_examples=examples,
        n_raters=raters,
        notes=tuple(said),
        omitted=omitted,
        fit=fit,
    )


def _log_likelihood(found: Crossed, data: Sorted) -> float:
    """Return the restricted log-likelihood in the units of the values."""
    left = found.model.data.n - found.model.data.n_fixed
    return -found.reml.solved.deviance / 2 - left * float(np.log(found.spread) + np.log(data.scale))


def _influence(found: Crossed | None, rows: IntArray, n_rows: int, s: int, scale: float) -> FloatArray:
    """Return weight times residual of every row given; zero for rows left out."""
    result = np.zeros((n_rows, s))
    if found is not None:
        data = found.model.data
        each = found.weights * (found.residual / data.weight)[:, None] * scale
        result[rows] = each[found.model.row]
    return result


def _named(values: FloatArray | None, data: Sorted) -> FloatArray:
    """Return the first entries, of raters with a name; nan where there are none."""
    n = len(data.raters)
    return values[:n] if values is not None and len(values) >= n else np.full(n, NAN)


def _shared(system: IntArray, other: IntArray, s: int) -> IntArray:
    """Return how many examples (or raters) each two systems share."""
    from scipy import sparse

    pairs = np.unique(other * np.int64(s) + system)
    seen = sparse.coo_array(
        (np.ones(len(pairs)), (pairs // s, pairs % s)), shape=(int(other.max()) + 1, s)
    ).tocsr()
    return np.asarray((seen.T @ seen).todense()).round().astype(np.int64)


def _unlinked(systems: IntArray, examples: IntArray, raters: IntArray) -> list[str]:
    """Say which groups of systems no shared example or rater links."""
    from scipy.sparse import csgraph

    n, _ = csgraph.connected_components((examples > 0) | (raters > 0), directed=False)
    if n < 2:
        return []
    return [
        f"{n} groups of systems share neither examples nor raters: differences between them rest on different ones."
    ]


def _nothing(confidence: float, raters_as: str, omitted: Mapping[str, int], n_rows: int) -> CrossedEffects:
    none, whole = np.zeros(0), np.zeros(0, dtype=np.int64)
    square = np.zeros((0, 0), dtype=np.int64)
    return CrossedEffects(
        system_codes=whole,
        means=none,
        standard_errors=none,
        df=none,
        low=none,
        high=none,
        covariance=np.zeros((0, 0)),
        variances=dict.fromkeys(TERMS, NAN),
        terms=(),
        at_zero=(),
        left_out=dict.fromkeys(TERMS, "nothing varies"),
        rater_codes=whole,
        severity=none,
        severity_errors=none,
        shared_examples=square,
        shared_raters=square,
        influence=np.zeros((0, 0)),
        log_likelihood=NAN,
        converged=True,
        iterations=0,
        raters_as=raters_as,
        speaks_of_raters=False,
        speaks_of_examples=False,
        confidence=confidence,
        method="none",
        n=0,
        n_examples=0,
        n_raters=0,
        undefined="no answer is left to average",
        omitted=omitted,
        fit=Fit(none, 0.0, 1.0, none, np.zeros((0, 0, 0)), np.zeros((0, 0))),
    )
