"""People's ratings of some items and judges' scores of all: a system's figure, or the difference of two, and whether it may lead.

Every item counts the same, however many people rated it. Examples are a sample; raters are too where that is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, InputError, IntArray, floats, fraction, number, one_of, shown
from concord.stats._results import NAN, TestedEstimate
from concord.stats._undefined import undefined
from concord.stats.joint._joint import Question, answered, checks_of
from concord.stats.joint._judged import Judged, System, read_system
from concord.stats.joint._reasons import NO_RATINGS, Reason, reasons
from concord.stats.joint._result import PredictionPowered
from concord.stats.joint.rated_like_rest import RatedLikeRest

CHOSEN = ("random", "unknown")


@dataclass(frozen=True, kw_only=True)
class JointFigure(PredictionPowered):
    """A prediction-powered figure that says whether it may lead, and where its error comes from.

    ``leads`` where the ``checks`` (one a system) hold and the interval is no wider than that of ``human_only``, people's on the
    same labels; where it is unknown how these were ``chosen``, only if ``could_be_off``, the error that a choice by quality may
    leave, is at most a quarter of the half-width (nan: drawn at random); else ``why_not`` says why. ``people_notes`` says what is
    to be said of people's own figure. ``influence`` (G,) is what each cluster of ``clusters`` adds to the error,
    ``rater_influence`` each of ``raters`` (empty for fixed raters): sums of products over equal codes are covariances.
    """

    leads: bool
    why_not: tuple[Reason, ...]
    people_notes: tuple[Reason, ...]
    checks: tuple[RatedLikeRest, ...]
    chosen: str
    could_be_off: float
    scope: str
    n_raters: int
    influence: FloatArray = field(default_factory=lambda: np.empty(0))
    clusters: IntArray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    rater_influence: FloatArray = field(default_factory=lambda: np.empty(0))
    raters: IntArray = field(default_factory=lambda: np.empty(0, dtype=np.int64))


def joint_level(
    system: Judged,
    *,
    raters: str = "fixed",
    bounds: tuple[float, float] | None = None,
    lam: ArrayLike | None = None,
    null: float | None = None,
    chosen: str = "random",
    false_alarm: float = 0.01,
    confidence: float = 0.95,
) -> JointFigure:
    """Return one system's mean rating over all items, from people's ratings of some and judges' scores of all.

    Parameters
    ----------
    system
        A ``Judged``: its items, what judges and people say of them.
    raters
        "fixed": the figure is for these raters. "sample": for raters like them; their error comes on top.
    bounds
        The ends of the scale, (0, 1) for shares and win rates: the interval then stays within, and leans as the ratings do.
    lam
        As in ``prediction_powered_mean``.
    null
        The value that ``p_value`` tests against; None is the middle of ``bounds``, or 0.
    chosen
        "random": it is known that the rated items were drawn at random, or with the ``propensities`` given. "unknown": people may
        have chosen them by their quality; the figure then leads only where the machine shows that this could move it little.
    false_alarm
        As in ``rated_like_rest``.

    Returns
    -------
    JointFigure
        Undefined without ratings.

    Raises
    ------
    InputError
        Malformed input; a rating outside ``bounds``; "sample" without raters; another ``chosen``.

    Notes
    -----
    As ``prediction_powered_mean``, of labels that are the mean ratings of an item. The error by raters is what two-way
    clustering (as in ``comparison.mean``) adds, with Satterthwaite's degrees of freedom of both parts; V is never below either.

    ``could_be_off = (|G| + t SE) (1 - J) / J``: had people rated better items, the machine would score these higher too, by the
    slope ``J`` of its scores on people's labels (its lower 95 % bound), and the correction ``G`` would take only that part back.
    This holds for a machine that errs as often on what was chosen as on the rest; one that follows people little bounds nothing.

    References
    ----------
    Angelopoulos, Duchi & Zrnic (2023), "PPI++", arXiv:2311.01453; Henderson (1953), "Estimation of variance and
    covariance components", Biometrics 9, 226-252.

    Examples
    --------
    >>> from concord.stats import joint
    >>> people, machine = [1, 0, 1, 1, 0, 1], [1, 0, 1, 1, 0, 0, 1, 1, 1, 0, 1, 1]
    >>> found = joint.joint_level(joint.Judged(predictions=machine, ratings=people, rated=range(6)), bounds=(0, 1))
    >>> round(found.value, 2), found.leads, [reason.code for reason in found.why_not]
    (0.79, True, [])
    """
    if null is None:
        low, width = _scale_of(bounds)
        null = 0.0 if bounds is None else low + width / 2
    asked = _asked(bounds, "share", raters, lam, null, false_alarm, confidence, chosen)
    return _figure((read_system("system", system, bounds, raters),), asked)


def joint_difference(
    a: Judged,
    b: Judged,
    *,
    raters: str = "fixed",
    bounds: tuple[float, float] | None = None,
    lam: ArrayLike | None = None,
    null: float = 0.0,
    chosen: str = "random",
    false_alarm: float = 0.01,
    confidence: float = 0.95,
) -> JointFigure:
    """Return the difference ``a - b`` of two systems' mean ratings: on the same examples, on partly the same, or on others.

    Parameters
    ----------
    a, b
        Two ``Judged``. Equal codes of examples, and of raters, are the same on both sides.
    raters, bounds, lam, chosen, false_alarm
        As in ``joint_level``; the judges have one weight each for both systems.
    null
        The difference that ``p_value`` tests against.

    Returns
    -------
    JointFigure
        What both share with an example, or with a rater, is in the error once. Undefined where one has no ratings.

    Raises
    ------
    InputError
        As ``joint_level``; other judges on one side than on the other.

    Notes
    -----
    A cluster's influence is what it does to one mean less what it does to the other: on the same examples this is the paired
    estimate, on different ones Welch's. The weights are tuned for the difference.

    References
    ----------
    Angelopoulos, Duchi & Zrnic (2023), "PPI++", arXiv:2311.01453; Agresti & Min (2005), doi:10.1002/sim.1781.

    Examples
    --------
    >>> from concord.stats import joint
    >>> a = joint.Judged(predictions=[1, 0, 1, 1, 0, 1, 1, 1], ratings=[1, 0, 1, 1], rated=range(4), examples=range(8))
    >>> b = joint.Judged(predictions=[0, 0, 1, 0, 0, 1, 0, 1], ratings=[0, 0, 1, 1], rated=range(4), examples=range(8))
    >>> found = joint.joint_difference(a, b, bounds=(0, 1))
    >>> round(found.value, 2), found.n_labelled, found.leads
    (0.19, 8, True)
    """
    asked = _asked(bounds, "gap", raters, lam, null, false_alarm, confidence, chosen)
    one = read_system("a", a, bounds, raters)
    two = read_system("b", b, bounds, raters, sign=-1.0, unlike=np.size(a.rated) + len(one.rest))
    return _figure((one, two), asked)


def _asked(
    bounds: tuple[float, float] | None,
    bounded: str,
    raters: str,
    lam: ArrayLike | None,
    null: float,
    false_alarm: float,
    confidence: float,
    chosen: str,
) -> Question:
    """Return what was asked, checked; `bounded` is the kind of range that a figure between bounds has."""
    low, width = _scale_of(bounds)
    return Question(
        raters,
        "free" if bounds is None else bounded,
        low,
        width,
        lam,
        number("null", null),
        fraction("false_alarm", false_alarm),
        fraction("confidence", confidence),
        one_of("chosen", chosen, CHOSEN),
    )


def _scale_of(bounds: tuple[float, float] | None) -> tuple[float, float]:
    """Return the low end of the scale and its width."""
    if bounds is None:
        return 0.0, 1.0
    ends = floats("bounds", bounds, missing=False)
    if len(ends) != 2 or not ends[0] < ends[1]:
        raise InputError(f"bounds must be two numbers that rise, got {shown(bounds)}")
    return float(ends[0]), float(ends[1] - ends[0])


def _figure(systems: tuple[System, ...], asked: Question) -> JointFigure:
    found = answered(systems, asked)
    omitted: dict[str, int] = {}
    for system in systems:
        for what, count in system.omitted.items():
            omitted[what] = omitted.get(what, 0) + count
    if found is None:
        return _without_ratings(systems, asked, omitted)
    why_not, people_notes = reasons(found, systems)
    raters = found.found.by_raters
    effective = NAN
    n_rated = sum(len(system.side.y) for system in systems)
    if found.figure.standard_error > 0 and found.people.standard_error > 0:
        effective = n_rated * (found.people.standard_error / found.figure.standard_error) ** 2
    return JointFigure(
        **{**vars(found.figure), "omitted": omitted},
        lam=float(found.found.weights.sum()),
        weights=found.found.weights,
        human_only=found.people,
        machine_only=_machine(systems),
        rectifier=_rectifier(systems, asked),
        n_labelled=n_rated,
        n_unlabelled=sum(len(system.rest) for system in systems),
        effective_n=effective,
        leads=not why_not,
        why_not=why_not,
        people_notes=people_notes,
        checks=found.checks,
        chosen=asked.chosen,
        could_be_off=found.could_be_off,
        scope=asked.raters,
        n_raters=max(system.n_raters for system in systems),
        influence=found.found.influence * asked.width,
        clusters=found.found.codes,
        rater_influence=np.empty(0) if raters is None else raters.influence * asked.width,
        raters=np.empty(0, dtype=np.int64) if raters is None else raters.codes,
    )


def _machine(systems: tuple[System, ...]) -> float:
    means = [np.concatenate([system.rated, system.rest]).mean() for system in systems]
    return float(means[0] - means[1] if len(means) > 1 else means[0])


def _rectifier(systems: tuple[System, ...], asked: Question) -> float:
    start = 0.0 if asked.range_ == "free" else asked.low
    gaps = [
        start + asked.width * system.side.label - float(system.side.share @ system.rated.mean(axis=1))
        for system in systems
    ]
    return gaps[0] - gaps[1] if len(gaps) > 1 else gaps[0]


def _without_ratings(systems: tuple[System, ...], asked: Question, omitted: dict[str, int]) -> JointFigure:
    reason = "people rated no item of a system that the machine scored"
    return undefined(
        JointFigure,
        reason,
        confidence=asked.confidence,
        omitted=omitted,
        lam=NAN,
        human_only=undefined(TestedEstimate, reason, confidence=asked.confidence),
        machine_only=_machine(systems) if all(len(s.rated) + len(s.rest) for s in systems) else NAN,
        rectifier=NAN,
        n_labelled=sum(len(system.side.y) for system in systems),
        n_unlabelled=sum(len(system.rest) for system in systems),
        effective_n=NAN,
        leads=False,
        why_not=(Reason(code=NO_RATINGS, text=reason + "."),),
        people_notes=(),
        checks=checks_of(systems, asked.false_alarm),
        chosen=asked.chosen,
        could_be_off=NAN,
        scope=asked.raters,
        n_raters=max(system.n_raters for system in systems),
    )
