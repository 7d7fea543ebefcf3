"""How many raters a mean needs where the raters are a sample too."""

from __future__ import annotations

import math

from concord.stats._arrays import InputError, count, fraction, number, one_of
from concord.stats._clustered import Variance, crossed_df
from concord.stats._normal import t_quantile, z_quantile
from concord.stats.planning._plan import FEW_RATERS, TOO_MANY, Plan, impossible, positive, smallest

DESIGNS = ("crossed", "nested")


def n_for_raters(
    *,
    half_width: float,
    rater_sd: float,
    repeat_sd: float = 0.0,
    example_sd: float = 0.0,
    examples: int = 1,
    repeats: int = 1,
    design: str = "crossed",
    confidence: float = 0.95,
    distribution: str = "normal",
) -> Plan:
    """Return how many raters (nested: raters for each example) give a mean over examples within ±``half_width``.

    Parameters
    ----------
    half_width
        The wanted half-width of the interval of the mean, in the units of the scores (as all standard deviations are).
    rater_sd
        Standard deviation between raters (how strict each is): the roots of what ``comparison.variance_components`` finds.
    repeat_sd
        Standard deviation of what is left: a rater's score of an example, about the rater and the example.
    example_sd
        Standard deviation between examples. 0 where just these examples are meant and not others like them.
    examples
        How many examples there are; 1, with an ``example_sd`` of 0, asks for the raters of one example's own mean.
    repeats
        How often a rater scores the same example.
    design
        "crossed": the same raters score all examples. "nested": each example has raters of its own.
    distribution
        "normal" quantiles, or those of "t" with the degrees of freedom that intervals of ``comparison.mean`` have: two ways
        (Satterthwaite's) where the same raters score examples like these, else one less than there are raters (nested:
        examples, or raters of one example).

    Returns
    -------
    Plan
        ``n`` raters (nested: for each example), ``assumptions["ratings"]`` in all; ``achieved`` is the half-width. Undefined
        where the examples are too few however many raters there are.

    Raises
    ------
    InputError
        Numbers out of range.

    Notes
    -----
    The variance of the mean is ``example_sd**2 / e + rater_sd**2 / r + repeat_sd**2 / (e r k)``, crossed; nested, the raters'
    part is divided by ``e r`` too. Brennan (2001), "Generalizability theory", chapters 1 and 2.

    Examples
    --------
    >>> n_for_raters(half_width=0.2, rater_sd=0.5, repeat_sd=1.0, examples=100).n
    25
    >>> n_for_raters(half_width=0.2, rater_sd=0.5, repeat_sd=1.0, examples=100, design="nested").n
    2
    """
    confidence = fraction("confidence", confidence)
    one_of("design", design, DESIGNS)
    one_of("distribution", distribution, ("normal", "t"))
    width, e, k = (
        positive("half_width", half_width),
        count("examples", examples, at_least=1),
        count("repeats", repeats, at_least=1),
    )
    sds = {"rater_sd": rater_sd, "repeat_sd": repeat_sd, "example_sd": example_sd}
    for name, sd in sds.items():
        if not number(name, sd) >= 0:
            raise InputError(f"{name} must not be negative, got {sd!r}")
    nested, exact = design == "nested", distribution == "t"
    between = float(example_sd) ** 2 / e
    each = float(rater_sd) ** 2 / (e if nested else 1) + float(repeat_sd) ** 2 / (e * k)

    def df_of(r: int) -> float:
        if nested:
            return e - 1 if example_sd > 0 or e > 1 else r - 1
        return _df(r, e, between, each, float(repeat_sd) ** 2 / (e * k)) if example_sd > 0 else r - 1

    def half(r: int) -> float:
        df = df_of(r)
        if exact and not df > 0:
            return math.inf
        return (t_quantile(confidence, df) if exact else z_quantile(confidence)) * math.sqrt(
            between + each / r
        )

    given = {**{name: float(sd) for name, sd in sds.items()}, "examples": float(e), "confidence": confidence}
    name = f"half-width of a mean over raters, {design}"
    alone = math.inf if e == 1 else t_quantile(confidence, e - 1)
    best = alone if exact else z_quantile(confidence)
    if example_sd > 0 and not best * math.sqrt(between) < width:
        return impossible("however many raters there are, so few examples leave it wider", 1.0, name, given)
    n = 1 if half(1) <= width else smallest(lambda r: half(r) <= width)
    if n is None:
        return impossible(TOO_MANY, 1.0, name, given)
    given["ratings"] = float(n) * e * k
    few = not exact and df_of(n) < 50
    return Plan(
        n=n,
        achieved=half(n),
        design_effect=1.0,
        clusters=n * e if nested else n,
        method=name,
        assumptions=given,
        notes=(FEW_RATERS,) if few else (),
    )


def _df(raters: int, examples: int, between: float, each: float, noise: float) -> float:
    """Return the degrees of freedom of a mean two ways: of its variance and both one-way ones as they are expected."""
    if min(raters, examples) < 2:
        return 0.0
    by_rater = Variance(each / raters, raters - 1, raters)
    by_example = Variance(between + noise / raters, examples - 1, examples)
    return crossed_df(between + each / raters, by_rater, by_example)
