"""People and machine judged the same thing: one number from both."""

from __future__ import annotations

from concord.stats.joint._result import PredictionPowered
from concord.stats.joint.prediction_powered_mean import prediction_powered_mean
from concord.stats.joint.rogan_gladen import RoganGladen, rogan_gladen

__all__ = ["PredictionPowered", "RoganGladen", "prediction_powered_mean", "rogan_gladen"]
