"""How many observations it takes to find a difference, and which difference can be found."""

from __future__ import annotations

import math

from scipy import special

from concord.stats._arrays import InputError, fraction
from concord.stats.planning._plan import Plan, design_effect, finished, impossible, positive, upper_quantile


def n_for_difference(
    *,
    effect: float,
    sd: float,
    power: float = 0.8,
    alpha: float = 0.05,
    correlation: float = 0.0,
    paired: bool = True,
    noise_sd: float = 0.0,
    repeats: int = 1,
    icc: float = 0.0,
    cluster_size: float = 1.0,
) -> Plan:
    """Return how many examples (per system) find a difference of means with the wanted power, two-sided.

    Parameters
    ----------
    effect
        The difference to be found.
    sd
        Standard deviation of the scores of one system over examples.
    correlation
        Between both systems' scores of the same example; pays off only if ``paired``.
    noise_sd, repeats
        Standard deviation of repeated scores of the same example (sampling), and how many are averaged.
    icc, cluster_size
        As in ``n_for_mean``.

    Returns
    -------
    Plan
        ``n`` examples, each answered by both systems (unpaired: n for each). ``achieved`` is the power.

    Raises
    ------
    InputError
        Numbers out of range.

    Notes
    -----
    ``n = (z_{a/2} + z_b)**2 (w**2 + 2 noise**2 / K) / effect**2`` with ``w**2 = 2 sd**2 (1 - correlation)``, by normal quantiles.
    Miller (2024), "Adding error bars to evals", arXiv:2411.00640, section 5.

    Examples
    --------
    >>> n_for_difference(effect=0.03, sd=(1 / 18) ** 0.5).n
    969
    """
    fraction("power", power)
    fraction("alpha", alpha)
    variance = _variance(sd, correlation, paired, noise_sd, repeats)
    deff = design_effect(icc, cluster_size)
    size = abs(effect)
    positive("effect", size)
    z = upper_quantile(alpha / 2) + upper_quantile(1 - power)
    given = {"effect": effect, "sd": sd, "correlation": correlation, "alpha": alpha, "icc": icc}
    if variance == 0:
        return impossible("the differences have no variance under these assumptions", deff, "power", given)
    needed = z**2 * variance / size**2
    n = max(2, math.ceil(needed * deff - 1e-6))
    achieved = _power(size, math.sqrt(variance * deff / n), alpha)
    return finished(needed, deff, cluster_size, achieved, "power of a difference of means", given)


def minimum_detectable_effect(
    *,
    n: int,
    sd: float,
    power: float = 0.8,
    alpha: float = 0.05,
    correlation: float = 0.0,
    paired: bool = True,
    noise_sd: float = 0.0,
    repeats: int = 1,
    icc: float = 0.0,
    cluster_size: float = 1.0,
) -> Plan:
    """Return the smallest difference of means that ``n`` examples find with the wanted power.

    Parameters
    ----------
    n
        Examples (per system).
    sd, power, alpha, correlation, paired, noise_sd, repeats, icc, cluster_size
        As in ``n_for_difference``.

    Returns
    -------
    Plan
        ``achieved`` is the effect.

    Raises
    ------
    InputError
        Numbers out of range.

    Notes
    -----
    ``(z_{a/2} + z_b) sqrt(variance / n)``. Bloom (1995), doi:10.1177/0193841X9501900504.

    Examples
    --------
    >>> round(minimum_detectable_effect(n=969, sd=(1 / 18) ** 0.5).achieved, 4)
    0.03
    """
    fraction("power", power)
    fraction("alpha", alpha)
    variance = _variance(sd, correlation, paired, noise_sd, repeats)
    deff = design_effect(icc, cluster_size)
    observations = positive("n", n)
    z = upper_quantile(alpha / 2) + upper_quantile(1 - power)
    given = {"sd": sd, "correlation": correlation, "alpha": alpha, "power": power, "icc": icc}
    return Plan(
        n=int(n),
        achieved=z * math.sqrt(variance * deff / observations),
        design_effect=deff,
        clusters=math.ceil(n / cluster_size),
        method="minimum detectable difference of means",
        assumptions=given,
    )


def n_for_win_rate(
    *,
    win_rate: float,
    tie_rate: float = 0.0,
    power: float = 0.8,
    alpha: float = 0.05,
    icc: float = 0.0,
    cluster_size: float = 1.0,
) -> Plan:
    """Return how many votes show that a win rate (ties half) differs from one half, two-sided.

    Parameters
    ----------
    win_rate
        The expected win rate, ties counting half.
    tie_rate
        The share of ties: they cost little, as they carry no variance.
    icc, cluster_size
        How much votes of a rater or prompt are alike, and how many there are in each.

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
    fraction("win_rate", win_rate)
    fraction("power", power)
    fraction("alpha", alpha)
    if not 0 <= tie_rate < 1:
        raise InputError(f"tie_rate must lie from 0 up to below 1, got {tie_rate!r}")
    gap = abs(win_rate - 0.5)
    if gap > (1 - tie_rate) / 2 + 1e-12:
        raise InputError(f"a win rate of {win_rate!r} cannot be with {tie_rate:.0%} ties")
    deff = design_effect(icc, cluster_size)
    given = {"win_rate": win_rate, "tie_rate": tie_rate, "alpha": alpha, "icc": icc}
    if gap == 0:
        return impossible("a win rate of one half is no difference to be found", deff, "power", given)
    null = (1 - tie_rate) / 4
    real = max(null - gap**2, 0.0)
    z = upper_quantile(alpha / 2)
    needed = ((z * math.sqrt(null) + upper_quantile(1 - power) * math.sqrt(real)) / gap) ** 2
    n = max(2, math.ceil(needed * deff - 1e-6))
    spread = math.sqrt(real * deff / n)
    reach = gap - z * math.sqrt(null * deff / n)
    achieved = float(special.ndtr(reach / spread)) if spread > 0 else float(reach > 0)
    return finished(needed, deff, cluster_size, achieved, "power of a win rate", given)


def _variance(sd: float, correlation: float, paired: bool, noise_sd: float, repeats: int) -> float:
    positive("sd", sd)
    if not -1 <= correlation <= 1:
        raise InputError(f"correlation must lie between -1 and 1, got {correlation!r}")
    if not 0 <= noise_sd < math.inf or repeats < 1:
        raise InputError(
            f"noise_sd must not be negative and repeats at least 1, got {noise_sd!r}, {repeats!r}"
        )
    return 2 * sd**2 * (1 - (correlation if paired else 0.0)) + 2 * noise_sd**2 / repeats


def _power(effect: float, error: float, alpha: float) -> float:
    z = upper_quantile(alpha / 2)
    return float(special.ndtr(effect / error - z) + special.ndtr(-effect / error - z))
