"""Means of systems that the same raters judged on the same examples, for other raters and other examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

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
    tally,
)
from concord.stats._results import NAN
from concord.stats.comparison import _contrasts
from concord.stats.comparison._contrasts import Fit
from concord.stats.comparison._crossed.fit import (
    Crossed,
    Sorted,
    fitted,
    fixed_effects,
    in_order,
    term_variances,
)
from concord.stats.comparison._crossed.result import CrossedEffects
from concord.stats.comparison._crossed.terms import TERMS, WORDS, notes, shared, speaks_of, unlinked

_MOST_LEVELS = 6500  # of the side with fewer levels: raters and system x rater
_MOST_FIXED = 2000
RATERS = ("random", "fixed")


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
        Malformed input; more than 6,500 levels on the side (raters or examples, alone and with systems) that has fewer, or
        2,000 cells of systems and fixed raters.

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
    >>> examples, raters = [0, 0, 0, 1, 1, 1, 2, 2, 2] * 3, [0, 1, 2] * 9
    >>> stars = [3, 4, 3, 2, 2, 2, 5, 4, 4, 3, 4, 4, 4, 4, 3, 5, 6, 4, 1, 2, 2, 1, 1, 0, 3, 3, 2]
    >>> found = crossed_effects(stars, systems=[0] * 9 + [1] * 9 + [2] * 9, examples=examples, raters=raters)
    >>> gap = found.difference(1, 0)
    >>> round(gap.value, 2), round(gap.low, 2), round(gap.high, 2)
    (0.89, 0.07, 1.71)
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
    random = raters_as == "random"
    _refuse_too_many(data, random_raters=random)
    fixed, means, severity = fixed_effects(data.answers, random_raters=random)
    found = fitted(data.answers, fixed, means, severity, random_raters=random)
    rows = np.flatnonzero(known)[data.order]
    plain = means @ (
        tally(fixed.code, means.shape[1], data.answers.value) / tally(fixed.code, means.shape[1])
    )
    return _result(data, found, plain, random, confidence, omitted, rows if wanted else None, len(value))


def _refuse_too_many(data: Sorted, *, random_raters: bool) -> None:
    a = data.answers
    if not random_raters:
        if (cells := int(a.cells(a.rater).max()) + 1) > _MOST_FIXED:
            raise InputError(f"at most {_MOST_FIXED:,} cells of system x rater can be fixed, got {cells:,}")
        return
    most = min(int(side.max()) + 1 + int(a.cells(side).max()) + 1 for side in (a.rater, a.example))
    if most > _MOST_LEVELS and int(a.rater.max()) + 1 < len(a.rater):
        raise InputError(
            f"at most {_MOST_LEVELS:,} levels of raters and system x rater, or of examples, got {most:,}"
        )


def _result(
    data: Sorted,
    found: Crossed | None,
    plain: FloatArray,
    random: bool,
    confidence: float,
    omitted: Mapping[str, int],
    rows: IntArray | None,
    n_rows: int,
) -> CrossedEffects:
    a, s = data.answers, data.answers.n_systems
    said = list(
        notes(a, found.model.left_out if found else {} if random else dict.fromkeys(["rater"], "fixed"))
    )
    if found is None:
        fit = Fit(plain, data.origin, data.scale, np.zeros(0), np.zeros((0, s, s)), np.zeros((0, 0)))
        said.append(
            "nothing is left to vary around the fixed effects: an interval cannot be had from the answers."
        )
    else:
        fit = replace(found.fit, origin=data.origin, scale=data.scale)
        few = [f"two {WORDS[side]}" for side, count in fit.counts.items() if count == 2]
        if few:
            said.append(f"{' and '.join(few)}: little can be said of others, and intervals are wide.")
        zero = [name for name, place in found.model.place.items() if place in found.reml.zero]
        if zero:
            said.append(f"estimated at zero: {', '.join(WORDS[name] for name in zero)}.")
        if not found.reml.converged:
            said.append("the variances did not settle: the figures are rough.")
    level = _contrasts.contrasts(fit, np.eye(s), confidence, len(a.value))
    left = found.model.left_out if found else dict.fromkeys(TERMS, "nothing varies")
    raters, examples = int(a.rater.max()) + 1, int(a.example.max()) + 1
    shared_examples, shared_raters = shared(a.system, a.example, s), shared(a.system, a.rater, s)
    said += unlinked(shared_examples, shared_raters)
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
        influence=_influence(found, data, rows, n_rows) if rows is not None else np.zeros((0, s)),
        log_likelihood=_log_likelihood(found, data) if found else NAN,
        converged=found.reml.converged if found else True,
        iterations=found.reml.iterations if found else 0,
        raters_as="random" if random else "fixed",
        speaks_of_raters=random and speaks_of("rater", raters, left),
        speaks_of_examples=speaks_of("example", examples, left),
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


def _influence(found: Crossed | None, data: Sorted, rows: IntArray, n_rows: int) -> FloatArray:
    """Return weight times residual of every row given; zero for rows left out."""
    result = np.zeros((n_rows, data.answers.n_systems))
    if found is not None:
        row, weight = found.model.row, found.model.data.weight
        value = data.answers.value
        residual = found.residual[row] + value - (tally(row, len(weight), value) / weight)[row]
        result[rows] = (found.weights / weight[:, None])[row] * residual[:, None] * data.scale
    return result


def _named(values: FloatArray | None, data: Sorted) -> FloatArray:
    """Return the first entries, of raters with a name; nan where there are none."""
    n = len(data.raters)
    return values[:n] if values is not None and len(values) >= n else np.full(n, NAN)


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
