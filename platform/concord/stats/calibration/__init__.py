"""Does a probability of 80 % come true 80 % of the time?"""

from __future__ import annotations

from concord.stats.calibration.brier import Brier, brier
from concord.stats.calibration.ece import Bins, Ece, ece, reliability_bins
from concord.stats.calibration.recalibration import Isotonic, Platt, isotonic, platt

__all__ = [
    "Bins",
    "Brier",
    "Ece",
    "Isotonic",
    "Platt",
    "brier",
    "ece",
    "isotonic",
    "platt",
    "reliability_bins",
]
