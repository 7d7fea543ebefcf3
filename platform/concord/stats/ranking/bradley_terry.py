"""Bradley-Terry strengths from pairwise votes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import InputError, fraction, generator, one_of, repeats
from concord.stats.ranking._bradley_terry.bounds import with_bounds
from concord.stats.ranking._bradley_terry.fit import BtPart, HowToFit, fit_part
from concord.stats.ranking._bradley_terry.result import BradleyTerry, without_answer
from concord.stats.ranking._present import together, unplaced
from concord.stats.ranking._standings import NO_STRENGTHS, Standings, fitted_parts, standing_notes
from concord.stats.ranking._tie_models import MODELS
from concord.stats.ranking._votes import Votes, votes


def bradley_terry(
    left: ArrayLike,
    right: ArrayLike,
    outcome: ArrayLike,
    *,
    n_systems: int,
    ties: str = "half",
    weights: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    clusters2: ArrayLike | None = None,
    covariates: ArrayLike | None = None,
    confidence: float = 0.95,
    n_resamples: int = 0,
    rng: np.random.Generator | None = None,
) -> BradleyTerry:
    """Return maximum-likelihood Bradley-Terry strengths with sandwich (or bootstrap) intervals and ranges of ranks.

    Parameters
    ----------
    left, right
        (n,) system codes from 0 to ``n_systems - 1``. A system without votes gets nan and a note.
    outcome
        (n,) 1.0 where left won, 0.0 where right won, 0.5 for a tie; nan is dropped. With ``ties="half"`` any share between.
    n_systems
        How many systems there are, those without votes included.
    ties
        "half": half a win each; "davidson"; "rao-kupper" (both estimate how common ties are).
    weights
        (n,) weights of the votes, for instance inverse propensities of an adaptive choice of pairs.
    clusters
        (n,) codes of rater or prompt: votes in a cluster may hang together; intervals then rest on the clusters.
    clusters2
        (n,) codes of the other of both, where votes of a rater hang together and those on a prompt do too.
    covariates
        (n,) or (n, p) what sets left apart from right besides the system, left minus right: 1.0 for the position (left is
        shown first), the difference in length, and so on. Their coefficients are estimated together with the strengths.
    n_resamples
        0: intervals from the sandwich covariance; otherwise percentiles of that many resamples of votes (or clusters).

    Returns
    -------
    BradleyTerry
        Finite strengths exist among systems that all scored against each other, directly or through others: each such
        component has its own, which sum to zero, with its own ranks. ``groups`` that were never compared have nothing in
        common; of a system that is ``undefeated`` (or ``winless``) only ``low`` (or ``high``) is finite, on the scale of the
        systems that it met. Undefined, all nan, where no two systems are in one component, or the covariates separate the
        outcomes.

    Raises
    ------
    InputError
        A code out of range, an outcome outside [0, 1] (or not 0, 0.5 or 1 for the tie models), an infinite covariate.

    Notes
    -----
    "half": ``P(i beats j) = 1 / (1 + exp(-(s_i - s_j + x b)))``. Ranges of ranks count the systems of the component that are
    significantly better or worse after Holm's adjustment of all pairwise differences. One-sided bounds hold the strengths at
    which so many wins are not unlikelier than ``(1 - confidence) / 2``, as Clopper and Pearson's interval does where all
    succeed. Where several components have strengths, coefficients and tie parameter are those of the one with most votes.

    References
    ----------
    Bradley & Terry (1952), doi:10.2307/2334029. Davidson (1970), doi:10.1080/01621459.1970.10481082. Rao & Kupper (1967),
    doi:10.1080/01621459.1967.10482901. Ford (1957), doi:10.2307/2308513, for when the maximum exists.

    Examples
    --------
    >>> result = bradley_terry([0, 0, 0, 1], [1, 1, 1, 0], [1, 1, 0, 0.5], n_systems=2)
    >>> result.log_strengths.round(4).tolist()
    [0.2554, -0.2554]
    """
    confidence = fraction("confidence", confidence)
    one_of("ties", ties, tuple(MODELS))
    n_resamples = repeats("n_resamples", n_resamples)
    source = generator(rng)
    data = votes(
        left,
        right,
        outcome,
        n_systems=n_systems,
        weights=weights,
        clusters=clusters,
        clusters2=clusters2,
        covariates=covariates,
    )
    if data.cluster2 is not None and n_resamples:
        raise InputError("votes cannot be drawn two ways at once: give clusters2 without n_resamples")
    return fit_votes(data, ties, confidence, n_resamples, source)


def fit_votes(
    data: Votes, ties: str, confidence: float, n_resamples: int, source: np.random.Generator
) -> BradleyTerry:
    """Return the fit of validated votes, part by part of the systems that all scored against each other."""
    if ties != "half" and not np.isin(data.outcome, (0.0, 0.5, 1.0)).all():
        raise InputError(f"ties={ties!r} needs outcomes of 1, 0 or 0.5")
    standings = Standings.of_votes(data)
    if not standings.components:
        return without_answer(data, confidence, ties, standings, "there are no votes")
    how = HowToFit(ties, confidence, n_resamples, source)
    found, reasons = fitted_parts(standings, lambda members: fit_part(data, members, how))
    if not found:
        return without_answer(data, confidence, ties, standings, reasons[0] if reasons else NO_STRENGTHS)
    notes = standing_notes(standings, reasons)
    notes += unplaced(data.n_systems - sum(map(len, standings.components)), "has no votes", "have no votes")
    return _result(data, found, ties, confidence, standings, notes)


def _result(
    data: Votes,
    found: list[BtPart],
    ties: str,
    confidence: float,
    standings: Standings,
    notes: tuple[str, ...],
) -> BradleyTerry:
    most = max(found, key=lambda each: each.n_votes)
    s = len(most.part.members)
    fields = together([each.part for each in found], data.n_systems)
    fields["low"], fields["high"] = with_bounds(
        data, found, standings, confidence, (fields["low"], fields["high"])
    )
    return BradleyTerry(
        **fields,
        tie_parameter=_tie_parameter(most, ties),
        coefficients=most.fitted.parameters[s:-1],
        coefficient_low=most.low[s:-1],
        coefficient_high=most.high[s:-1],
        coefficient_standard_error=most.error[s:-1],
        log_likelihood=sum(each.fitted.log_likelihood for each in found),
        converged=all(each.fitted.converged for each in found),
        iterations=max(each.fitted.iterations for each in found),
        n=data.n,
        n_votes=data.per_system(),
        ties=ties if most.model.has_parameter else "half",
        undefined=None,
        groups=standings.groups,
        components=standings.components,
        undefeated=standings.undefeated,
        winless=standings.winless,
        confidence=confidence,
        method=most.method,
        notes=tuple(dict.fromkeys(note for each in found for note in each.notes)) + notes,
        omitted=data.omitted,
    )


def _tie_parameter(most: BtPart, ties: str) -> float:
    if not most.model.has_parameter:
        return {"davidson": 0.0, "rao-kupper": 1.0}.get(ties, float("nan"))
    return most.model.parameter(most.fitted.tie)


__all__ = ["BradleyTerry", "bradley_terry"]
