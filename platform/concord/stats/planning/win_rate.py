"""How many votes it takes to show that a win rate is not one half."""

from __future__ import annotations

import math

from scipy import special

from concord.stats._arrays import InputError, fraction, number
from concord.stats._normal import t_quantile
from concord.stats.planning._design import checked
from concord.stats.planning._plan import TOO_MANY, Plan, impossible, rounded_up, smallest, upper_quantile


def n_for_win_rate(
    *,
    win_rate: float,
    tie_rate: float = 0.0,
    power: float = 0.8,
    alpha: float = 0.05,
    icc: float = 0.0,
    cluster_size: float = 1.0,
    distribution: str = "normal",
) -> Plan:
    """Return how many votes show that a win rate (ties half) differs from one half, two-sided.

    Parameters
    ----------
    win_rate
        The expected win rate, ties counting half.
    tie_rate
        The share of ties: they cost little, as they carry no variance.
    power, alpha
        As in ``n_for_difference``.
    icc, cluster_size
        How much votes of a rater or prompt are alike, and how many there are in each.
    distribution
        "normal", or "t" with the clusters (or votes) less one degrees of freedom: they differ below some 50 of them.

    Returns
    -------
    Plan
        ``achieved`` is the power; undefined where the win rate is one half.

    Raises
    ------
    InputError
        Numbers out of range, or a win rate that so many ties rule out.

    Notes
    -----
    ``n = (z_{a/2} sqrt((1 - t) / 4) + z_b sqrt((1 - t) / 4 - (w - 1/2)**2))**2 / (w - 1/2)**2``.

    Examples
    --------
    >>> n_for_win_rate(win_rate=0.55).n, n_for_win_rate(win_rate=0.55, tie_rate=0.4).n
    (783, 469)
    """
    win_rate = fraction("win_rate", win_rate)
    power, alpha = fraction("power", power), fraction("alpha", alpha)
    if not 0 <= number("tie_rate", tie_rate) < 1:
        raise InputError(f"tie_rate must lie from 0 up to below 1, got {tie_rate!r}")
    gap = abs(win_rate - 0.5)
    if gap > (1 - tie_rate) / 2 + 1e-12:
        raise InputError(f"a win rate of {win_rate!r} cannot be with {tie_rate:.0%} ties")
    null = (1 - tie_rate) / 4
    real = max(null - gap**2, 0.0)
    design = checked(null, True, icc, cluster_size, distribution)
    given = {"win_rate": win_rate, "tie_rate": tie_rate, "alpha": alpha, "power": power}
    given |= {"icc": icc, "cluster_size": cluster_size}
    if gap == 0:
        reason = "a win rate of one half is no difference to be found"
        return impossible(reason, design.deff, "power", given)

    def reached(n: int) -> float:
        shift = gap * math.sqrt(n / design.deff)
        return _score_power(shift, math.sqrt(null), math.sqrt(real), design.df(n), alpha)

    if design.normal:
        z, z_power = upper_quantile(alpha / 2), upper_quantile(1 - power)
        root = max(z * math.sqrt(null) + z_power * math.sqrt(real), 0.0) / gap
        n = rounded_up(root * root * design.deff)
    else:
        n = smallest(lambda size: reached(size) >= power)
    if n is None:
        return impossible(TOO_MANY, design.deff, "power", given)
    # Without clusters the null itself says how far a win rate spreads.
    return design.plan(n, reached(n), "power of a win rate", given, estimated=design.deff > 1)


def _score_power(shift: float, null_sd: float, real_sd: float, df: float, alpha: float) -> float:
    """Return the chance that a shifted statistic lies beyond the limit that the null's own spread sets."""
    if not df > 0:
        return 0.0
    reach = shift - t_quantile(1 - alpha, df) * null_sd
    if not real_sd > 0:
        return float(reach > 0)
    return float(special.ndtr(reach / real_sd) if math.isinf(df) else special.stdtr(df, reach / real_sd))
