"""Do raters agree, and would the data be worth trusting if others had rated?"""

from __future__ import annotations

from concord.stats.agreement import distances
from concord.stats.agreement._kappa.result import Kappa
from concord.stats.agreement.alpha_difference import alpha_difference
from concord.stats.agreement.alpha_parts import (
    LeaveOneOut,
    alpha_by_slice,
    alpha_without_each_rater,
)
from concord.stats.agreement.cohen import cohen_kappa
from concord.stats.agreement.conger import conger_kappa
from concord.stats.agreement.correlation import Correlation, correlation
from concord.stats.agreement.counts import AlphaCounts
from concord.stats.agreement.fleiss import fleiss_kappa
from concord.stats.agreement.gwet import gwet_ac
from concord.stats.agreement.icc import Icc, icc
from concord.stats.agreement.kendall import KendallW, kendall_w
from concord.stats.agreement.krippendorff import Alpha, krippendorff_alpha
from concord.stats.agreement.percent import percent_agreement
from concord.stats.agreement.reliability import raters_needed, reliability_of_means
from concord.stats.agreement.spans import SpanAgreement, span_agreement

__all__ = [
    "Alpha",
    "AlphaCounts",
    "Correlation",
    "Icc",
    "Kappa",
    "KendallW",
    "LeaveOneOut",
    "SpanAgreement",
    "alpha_by_slice",
    "alpha_difference",
    "alpha_without_each_rater",
    "cohen_kappa",
    "conger_kappa",
    "correlation",
    "distances",
    "fleiss_kappa",
    "gwet_ac",
    "icc",
    "kendall_w",
    "krippendorff_alpha",
    "percent_agreement",
    "raters_needed",
    "reliability_of_means",
    "span_agreement",
]
