"""Krippendorff's alpha with a bootstrap over units."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, InputError, fraction, generator, one_of, repeats
from concord.stats.agreement._alpha.bootstrap import resampled_alphas
from concord.stats.agreement._alpha.build import Level, build_terms, check_level, unit_of_measurement
from concord.stats.agreement._alpha.clusters import belong_together, cluster_of_units, over_clusters
from concord.stats.agreement._alpha.raters import over_raters
from concord.stats.agreement._alpha.result import Alpha, Sample, alpha_estimate, level_name
from concord.stats.agreement._alpha.terms import Terms
from concord.stats.agreement._ratings import pairable, ratings


def krippendorff_alpha(
    units: ArrayLike,
    raters: ArrayLike,
    values: ArrayLike,
    *,
    level: Level,
    categories: ArrayLike | None = None,
    confidence: float = 0.95,
    n_resamples: int = 1000,
    resample: str = "units",
    clusters: ArrayLike | None = None,
    rng: np.random.Generator | None = None,
) -> Alpha:
    """Return Krippendorff's alpha of long-form ratings, with an interval from resampling the units.

    Parameters
    ----------
    units, raters
        (n,) integer codes; rater -1 is anonymous (every such rating is a rater of its own).
    values
        (n,) numbers; nan is a missing rating. A rater's later rating of a unit supersedes the earlier one.
    level
        "nominal", "ordinal", "interval", "ratio", a function from ``agreement.distances`` (``masi``, ``jaccard``,
        ``angular(24)``) or one's own (K, K) matrix of distances between ``categories``.
    categories
        The possible values in rank order; default: the observed ones, sorted. Values outside it are refused.
    resample
        "units" answers "what if other units had been rated by raters like these"; "units+raters" what if by other raters, too:
        the interval is then that of a jackknife both ways, from three raters on, and nothing is resampled.
    clusters
        (n,) codes of what units belong to, say the example that several outputs answer: the interval is then that of a
        jackknife over clusters, and nothing is resampled. Where no cluster has two units it changes nothing.
    n_resamples
        0 gives no interval.

    Returns
    -------
    Alpha
        Undefined (nan) where no unit has two ratings, or where all ratings are equal (0/0).

    Raises
    ------
    InputError
        Lengths differ, codes are not whole numbers, a value is infinite, not a number or not among ``categories``, or
        negative at the ratio level; a unit lies in two clusters, or there are clusters where raters are resampled.

    Notes
    -----
    ``alpha = 1 - D_o / D_e``; with ``m_u`` ratings in unit u and N in all,
    ``D_o = sum_u sum_{i != j} d(v_i, v_j) / (m_u - 1) / N`` and ``D_e = sum_{i != j} d(v_i, v_j) / (N (N - 1))``.
    The interval is the bias-corrected and accelerated bootstrap over units with tails widened for few units. Continuous interval
    values of up to 1,000 units get the wider of it and the bootstrap-t; other values of fewer than 15 units the wider of it and
    Student's t around alpha less its jackknifed bias, as alpha lies too low where few units have many ratings each.
    Where fewer than ten units differ from the commonest answers, or none disagrees, half an imagined unit opens the end that the
    resamples never reach: the interval is then rather wide, and a note says so.
    With ``clusters``, alpha is computed without each cluster (or each of 200 groups of them) from the sums that its units leave;
    the jackknife's error goes with Student's t of one degree of freedom less than there are clusters.
    With "units+raters" the variance is ``V_u + V_r - V_1`` of leaving out each unit, each rater and each rating, at least
    ``V_u``; Student's t has Satterthwaite's degrees of freedom. Beyond 12 categories (save at the interval level) raters and
    ratings are left out in 50 groups.
    Krippendorff's own bootstrap draws single disagreements as if they were independent and covers far less than it says.

    References
    ----------
    Krippendorff (2011), "Computing Krippendorff's alpha-reliability". Efron (1987), doi:10.1080/01621459.1987.10478410.
    Cameron, Gelbach & Miller (2011), doi:10.1198/jbes.2010.07136, for the variance both ways.

    Examples
    --------
    >>> units = [1, 1, 2, 2, 3, 3, 4, 4]
    >>> raters = [0, 1, 0, 1, 0, 1, 0, 1]
    >>> result = krippendorff_alpha(units, raters, [1, 1, 2, 2, 3, 3, 1, 2], level="nominal")
    >>> round(result.value, 4), result.n
    (0.6667, 4)
    """
    confidence = fraction("confidence", confidence)
    n_resamples = repeats("n_resamples", n_resamples)
    one_of("resample", resample, ("units", "units+raters"))
    if clusters is not None and resample != "units":
        raise InputError(f"clusters go with resample='units', got {resample!r}")
    check_level(level)
    source = generator(rng)
    data = pairable(ratings(units, raters, values))
    terms, names = build_terms(data, level, categories) if data.n_units else (None, np.array([]))
    unit = unit_of_measurement(terms, data, names) if terms and level_name(level) == "interval" else 1.0
    sample = Sample(
        data.unit_codes, len(data.unit), data.n_raters, data.omitted, level_name(level), names, unit
    )

    def draw(known: Terms) -> FloatArray:
        return resampled_alphas(known, n_resamples, source)

    if clusters is not None:
        cluster = cluster_of_units(units, clusters, data.unit_codes)
        if terms is not None and n_resamples and belong_together(cluster):
            return over_clusters(alpha_estimate(terms, sample, confidence, None, source), terms, cluster)
    if resample == "units+raters" and terms is not None and n_resamples:
        alone = alpha_estimate(terms, sample, confidence, None, source)
        return over_raters(alone, terms, data, level, categories)
    return alpha_estimate(terms, sample, confidence, draw, source)


__all__ = ["Alpha", "krippendorff_alpha"]
