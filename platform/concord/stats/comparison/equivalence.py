"""As good as, or not worse than: tests against a margin instead of against zero."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import ArrayLike
from scipy import special

from concord.stats._arrays import InputError, fraction, number
from concord.stats._results import NAN, TestedEstimate
from concord.stats.comparison.mean import PairedDifference, paired_difference


@dataclass(frozen=True, kw_only=True)
class MarginTest(TestedEstimate):
    """``value`` is mean(a - b); ``shown`` whether the claim holds at level ``alpha``; ``p_value`` is that of the
    claim's opposite, one-sided, and ``null`` the difference it is tested against: the nearer end of ±margin, or -margin."""

    margin: float
    alpha: float
    shown: bool


def equivalence(
    a: ArrayLike,
    b: ArrayLike,
    *,
    margin: float,
    clusters: ArrayLike | None = None,
    clusters2: ArrayLike | None = None,
    alpha: float = 0.05,
) -> MarginTest:
    """Test whether two systems differ by less than ``margin`` in either direction (two one-sided tests).

    Parameters
    ----------
    a, b
        (n,) aligned numbers of two systems on the same examples.
    margin
        The largest difference that does not matter, in the units of the values.
    clusters, clusters2
        (n,) codes, as in ``paired_difference``.
    alpha
        The level of both one-sided tests.

    Returns
    -------
    MarginTest
        With the interval of confidence ``1 - 2 alpha``: equivalence is shown exactly where it lies inside ±margin.
        Undefined without pairs or where the differences do not vary.

    Raises
    ------
    InputError
        A margin that is not positive.

    References
    ----------
    Schuirmann (1987), doi:10.1007/BF01068419; Lakens (2017), doi:10.1177/1948550617697177.

    Examples
    --------
    >>> result = equivalence([1.0, 2.0, 3.0, 4.0], [1.1, 1.9, 3.1, 3.9], margin=0.5)
    >>> result.shown, round(result.p_value, 4)
    (True, 0.0016)
    """
    margin, alpha = _checked(margin, alpha)
    found = paired_difference(a, b, clusters=clusters, clusters2=clusters2, confidence=1 - 2 * alpha)
    nearer = -margin if found.value < 0 else margin
    return _result(found, margin - abs(found.value), nearer, margin, alpha, "two one-sided tests")


def non_inferiority(
    a: ArrayLike,
    b: ArrayLike,
    *,
    margin: float,
    clusters: ArrayLike | None = None,
    clusters2: ArrayLike | None = None,
    alpha: float = 0.025,
) -> MarginTest:
    """Test whether ``a`` is worse than ``b`` by less than ``margin`` (higher is better).

    Parameters
    ----------
    a, b, margin, clusters, clusters2
        As in ``equivalence``.
    alpha
        The one-sided level.

    Returns
    -------
    MarginTest
        With the interval of confidence ``1 - 2 alpha``: non-inferiority is shown exactly where it lies above -margin.

    Raises
    ------
    InputError
        A margin that is not positive.

    References
    ----------
    Piaggio et al. (2012), CONSORT for non-inferiority and equivalence trials, doi:10.1001/jama.2012.87802.

    Examples
    --------
    >>> non_inferiority([1.0, 2.0, 3.0, 4.0], [1.1, 1.9, 3.1, 3.9], margin=0.5).shown
    True
    """
    margin, alpha = _checked(margin, alpha)
    found = paired_difference(a, b, clusters=clusters, clusters2=clusters2, confidence=1 - 2 * alpha)
    return _result(found, found.value + margin, -margin, margin, alpha, "one-sided test against the margin")


def _checked(margin: float, alpha: float) -> tuple[float, float]:
    if not number("margin", margin) > 0:
        raise InputError(f"margin must be positive, got {margin!r}")
    return float(margin), fraction("alpha", alpha, high=0.5)


def _result(
    found: PairedDifference, room: float, null: float, margin: float, alpha: float, method: str
) -> MarginTest:
    """Return the test; ``room`` is how far the difference lies within the margin."""
    reason, statistic, p_value = found.undefined, NAN, NAN
    if reason is None and not found.standard_error > 0:
        reason = "the differences are too few or do not vary: nothing can be tested"
    if reason is None:
        statistic = (found.value - null) / found.standard_error
        p_value = float(special.stdtr(found.df, -room / found.standard_error))
    return MarginTest(
        value=NAN if reason else found.value,
        low=NAN if reason else found.low,
        high=NAN if reason else found.high,
        confidence=found.confidence,
        method=f"{method}, {found.method}",
        n=found.n,
        standard_error=found.standard_error,
        undefined=reason,
        notes=() if reason else found.notes,
        omitted=found.omitted,
        null=null,
        p_value=p_value,
        statistic=statistic,
        df=found.df,
        margin=margin,
        alpha=alpha,
        shown=p_value <= alpha,
    )
