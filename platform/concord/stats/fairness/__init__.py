"""Who is treated differently, and is the difference more than the few people asked?"""

from __future__ import annotations

from concord.stats.fairness.bbq import bbq_bias
from concord.stats.fairness.equalised_odds import EqualisedOdds, GroupRates, equalised_odds
from concord.stats.fairness.gap import Gap, gap
from concord.stats.fairness.groups import GroupEstimate, group_estimates
from concord.stats.fairness.in_group_agreement import InGroupAgreement, in_group_agreement
from concord.stats.fairness.intersections import Intersections, intersections
from concord.stats.fairness.logistic_dif import LogisticDif, logistic_dif
from concord.stats.fairness.mantel_haenszel import MantelHaenszel, mantel_haenszel_dif

__all__ = [
    "EqualisedOdds",
    "Gap",
    "GroupEstimate",
    "GroupRates",
    "InGroupAgreement",
    "Intersections",
    "LogisticDif",
    "MantelHaenszel",
    "bbq_bias",
    "equalised_odds",
    "gap",
    "group_estimates",
    "in_group_agreement",
    "intersections",
    "logistic_dif",
    "mantel_haenszel_dif",
]
