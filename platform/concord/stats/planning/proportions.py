"""How many examples it takes to find a difference of two proportions, and which difference can be found."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from scipy import special

from concord.stats._arrays import InputError, count, flag, fraction, number, one_of
from concord.stats.planning._mcnemar import power_of_counts
from concord.stats.planning._plan import (
    FEW_EVENTS,
    TOO_MANY,
    Plan,
    design_effect,
    finished,
    impossible,
    smallest,
    upper_quantile,
)

METHODS = ("score", "exact", "mid-p", "continuity", "arcsine")
_COUNTED = ("exact", "mid-p")
_FEW = 10


@dataclass(frozen=True)
class _Design:
    """What is known before a difference is assumed."""

    paired: bool
    correlation: float
    discordance: float | None
    alpha: float
    method: str
    deff: float

    def given(self, power: float, icc: float, cluster_size: float) -> dict[str, float]:
        """Return what was assumed, as a plan repeats it; ``paired`` is 1 or 0."""
        known = {"paired": float(self.paired), "alpha": self.alpha, "power": power}
        if self.paired and self.discordance is None:
            known["correlation"] = self.correlation
        elif self.paired and self.discordance is not None:
            known["discordance"] = self.discordance
        return {**known, "icc": icc, "cluster_size": cluster_size}

    def named(self, what: str) -> str:
        """Name what a plan's figure is, with the test that it is of."""
        tests = {"score": "chi-square", "continuity": "chi-square with continuity correction"}
        if not self.paired:
            return f"{what} (unpaired, {tests.get(self.method, 'arcsine')})"
        counted = f", {self.method}" if self.method in _COUNTED else ""
        return f"{what} (paired, McNemar{counted})"


def n_for_proportion_difference(
    *,
    first: float,
    second: float,
    paired: bool = True,
    correlation: float | None = None,
    discordance: float | None = None,
    power: float = 0.8,
    alpha: float = 0.05,
    icc: float = 0.0,
    cluster_size: float = 1.0,
    method: str = "score",
) -> Plan:
    """Return how many examples (per system) find a difference of two proportions with the wanted power, two-sided.

    Parameters
    ----------
    first, second
        The shares expected (of right answers), from 0 to 1.
    paired
        Both systems answer the same examples, and McNemar's test compares them; else each has ``n`` examples of its own.
    correlation
        Paired: the correlation (phi) of right and wrong between both systems; None is 0, the careful guess.
    discordance
        Paired: the share of examples that just one of both gets right, instead of ``correlation``.
    power, alpha
        As in ``n_for_difference``.
    icc, cluster_size
        As in ``n_for_mean``: how much the differences (unpaired: the outcomes) of a cluster are alike.
    method
        "score": McNemar's test or, unpaired, the chi-square test, without continuity correction. "exact" and "mid-p": paired,
        the tests of ``comparison.mcnemar``, whose default is "exact": that takes about 2 / difference examples more than
        "score". "continuity": unpaired, with it (as many as Fisher's exact test needs). "arcsine": unpaired, Cohen's h.

    Returns
    -------
    Plan
        ``n`` examples, each answered by both systems (unpaired: n for each). ``achieved`` is the power; undefined where the
        shares are equal.

    Raises
    ------
    InputError
        Numbers out of range, a correlation or discordance that such shares rule out, both of them at once or either for unpaired
        shares, a method that is only for paired or for unpaired ones.

    Notes
    -----
    Paired, with d the difference and s the discordance: ``n = (z_{a/2} s + z_b sqrt(s**2 - d**2 (3 + s) / 4))**2 / (s d**2)``
    (Miettinen 1968, doi:10.2307/2528039), which lets the number of discordant examples vary; "exact" and "mid-p" sum the
    power over these numbers. Unpaired, p the mean of both:
    ``(z_{a/2} sqrt(2 p q) + z_b sqrt(p1 q1 + p2 q2))**2 / d**2`` (Fleiss 1981, "Statistical methods for rates and
    proportions", chapter 3), with "continuity" times ``(1 + sqrt(1 + 4 / (n d)))**2 / 4`` (Fleiss, Tytun & Ury 1980,
    doi:10.2307/2529990). Arcsine: ``n = 2 ((z_{a/2} + z_b) / h)**2``, ``h = 2 asin sqrt(p1) - 2 asin sqrt(p2)`` (Cohen
    1988, chapter 6).

    Examples
    --------
    >>> n_for_proportion_difference(first=0.75, second=0.5, paired=False, power=0.9).n
    77
    >>> n_for_proportion_difference(first=0.85, second=0.80, discordance=0.15).n
    459
    """
    design = _checked(paired, correlation, discordance, alpha, icc, cluster_size, method)
    name = design.named("power of a difference of proportions")
    power = fraction("power", power)
    one, two = _share("first", first), _share("second", second)
    given = {"first": one, "second": two, **design.given(power, icc, cluster_size)}
    if one == two:
        return impossible("two equal proportions have no difference to be found", design.deff, name, given)
    if paired:
        given["discordance"] = _discordance(one, two, design)
    reached = _power(one, two, design)
    n = smallest(lambda size: reached(size) >= power - 1e-12)
    if n is None:
        return impossible(TOO_MANY, design.deff, name, given)
    return finished(n, design.deff, cluster_size, reached(n), name, given, notes=_notes(n, one, two, design))


def minimum_detectable_proportion_difference(
    *,
    n: int,
    first: float,
    paired: bool = True,
    correlation: float | None = None,
    discordance: float | None = None,
    power: float = 0.8,
    alpha: float = 0.05,
    icc: float = 0.0,
    cluster_size: float = 1.0,
    method: str = "score",
) -> Plan:
    """Return the smallest rise over a share ``first`` that ``n`` examples (per system) find with the wanted power, two-sided.

    Parameters
    ----------
    n
        Examples (per system).
    first, paired, correlation, discordance, power, alpha, icc, cluster_size, method
        As in ``n_for_proportion_difference``. For the smallest fall give ``1 - first``. A correlation that two shares rule
        out counts as the nearest one that they allow.

    Returns
    -------
    Plan
        ``achieved`` is the difference; undefined where even the largest that can be is not found with that power.

    Raises
    ------
    InputError
        Numbers out of range, correlation and discordance at once or either for unpaired shares.

    Notes
    -----
    The difference at which the power of ``n_for_proportion_difference`` is the wanted one, by bisection.

    Examples
    --------
    >>> round(minimum_detectable_proportion_difference(n=77, first=0.5, paired=False, power=0.9).achieved, 4)
    0.2496
    """
    design = _checked(paired, correlation, discordance, alpha, icc, cluster_size, method)
    power = fraction("power", power)
    size, one = count("n", n, at_least=2), _share("first", first)
    name = design.named("minimum detectable difference of proportions")
    given = {"first": one, **design.given(power, icc, cluster_size)}
    low, high = _rises(one, design)
    if not high > low or not _power(one, one + high, design)(size) >= power:
        return impossible("no difference from there is found with that power", design.deff, name, given)
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (low, middle) if _power(one, one + middle, design)(size) >= power else (middle, high)
    return finished(
        size, design.deff, cluster_size, high, name, given, notes=_notes(size, one, one + high, design)
    )


def _checked(
    paired: bool,
    correlation: float | None,
    discordance: float | None,
    alpha: float,
    icc: float,
    cluster_size: float,
    method: str,
) -> _Design:
    one_of("method", method, METHODS)
    paired = flag("paired", paired)
    if method != "score" and paired != (method in _COUNTED):
        raise InputError(f"method {method!r} is for {'un' * paired}paired proportions")
    if correlation is not None and discordance is not None:
        raise InputError(
            "give correlation or discordance, got both: each follows from the other and the two shares"
        )
    for what, given in (("correlation", correlation), ("discordance", discordance)):
        if given is not None and not paired:
            raise InputError(f"{what} is for paired proportions: unpaired ones share no examples")
    if discordance is not None and not 0 < number("discordance", discordance) <= 1:
        raise InputError(f"discordance must lie above 0 and up to 1, got {discordance!r}")
    together = 0.0 if correlation is None else number("correlation", correlation)
    if not -1 <= together <= 1:
        raise InputError(f"correlation must lie between -1 and 1, got {correlation!r}")
    return _Design(
        paired=paired,
        correlation=together,
        discordance=None if discordance is None else float(discordance),
        alpha=fraction("alpha", alpha),
        method=method,
        deff=design_effect(icc, cluster_size),
    )


def _notes(n: int, one: float, two: float, design: _Design) -> tuple[str, ...]:
    """Say so where fewer than ten discordant examples, or right or wrong answers, are to be expected."""
    if design.method in _COUNTED:
        return ()
    real = n / design.deff
    least = min(one + two, 2 - one - two) * real
    if design.paired:
        least = _nearest(one, two, design) * real
    return (FEW_EVENTS,) if least < _FEW else ()


def _share(name: str, value: float) -> float:
    if not 0 <= number(name, value) <= 1:
        raise InputError(f"{name} must lie from 0 to 1, got {value!r}")
    return float(value)


def _discordance(one: float, two: float, design: _Design) -> float:
    """Return the share of examples that just one system gets right; refuse what these two shares rule out."""
    least, most = abs(one - two), min(one + two, 2 - one - two)
    found = _wanted(one, two, design)
    if not least - 1e-9 <= found <= most + 1e-9:
        what = "correlation" if design.discordance is None else "discordance"
        raise InputError(f"shares of {one:g} and {two:g} rule out a {what} of {getattr(design, what):g}")
    return min(max(found, least), most)


def _wanted(one: float, two: float, design: _Design) -> float:
    if design.discordance is not None:
        return design.discordance
    together = one * two + design.correlation * math.sqrt(one * (1 - one) * two * (1 - two))
    return one + two - 2 * together


def _rises(one: float, design: _Design) -> tuple[float, float]:
    """Return the least and the largest rise over ``one`` that a given discordance allows."""
    s = design.discordance
    if not design.paired or s is None:
        return 0.0, 1 - one
    return max(0.0, s - 2 * one), min(s, 1 - one, 2 - 2 * one - s)


def _nearest(one: float, two: float, design: _Design) -> float:
    """Return the discordance, the nearest one that these shares allow."""
    return min(max(_wanted(one, two, design), abs(one - two)), one + two, 2 - one - two)


def _power(one: float, two: float, design: _Design) -> Callable[[int], float]:
    """Return the power as a function of n."""
    gap, z = abs(one - two), upper_quantile(design.alpha / 2)
    if design.method == "arcsine":
        h = 2 * abs(math.asin(math.sqrt(one)) - math.asin(math.sqrt(two)))
        return lambda n: float(
            special.ndtr(h * math.sqrt(n / design.deff / 2) - z)
            + special.ndtr(-h * math.sqrt(n / design.deff / 2) - z)
        )
    if design.paired:
        null = _nearest(one, two, design)
        real = null - gap**2 * (3 + null) / (4 * null) if null > 0 else 0.0
    else:
        null = (one + two) * (1 - (one + two) / 2)
        real = one * (1 - one) + two * (1 - two)

    def reached(n: int) -> float:
        if design.method in _COUNTED and null > 0:
            counted = power_of_counts(n / design.deff, null, gap, design.alpha, design.method == "mid-p")
            if counted is not None:
                return counted
        shown = _uncorrected(n / design.deff, gap) if design.method == "continuity" else n / design.deff
        step = 1 / math.sqrt(shown) if design.method == "exact" and shown > 0 else 0.0
        reach = gap * math.sqrt(shown) - z * math.sqrt(null) - step
        return float(special.ndtr(reach / math.sqrt(real))) if real > 1e-15 else float(reach > 0)

    return reached


def _uncorrected(n: float, gap: float) -> float:
    """Return the n without continuity correction behind an n with it: the inverse of Fleiss, Tytun & Ury's formula."""
    return max(math.sqrt(n) - 1 / (gap * math.sqrt(n)), 0.0) ** 2
