"""Do raters agree, and would the data be worth trusting if others had rated?"""

from __future__ import annotations

from concord.stats.agreement import distances
from concord.stats.agreement._kappa_result import Kappa
from concord.stats.agreement.cohen import cohen_kappa
from concord.stats.agreement.krippendorff import Alpha, krippendorff_alpha
from concord.stats.agreement.percent import percent_agreement

__all__ = ["Alpha", "Kappa", "cohen_kappa", "distances", "krippendorff_alpha", "percent_agreement"]
