"""People and machine judged the same thing: one number from both."""

from __future__ import annotations

from concord.stats.joint._judged import Judged
from concord.stats.joint._reasons import Reason
from concord.stats.joint._result import PredictionPowered
from concord.stats.joint.alternative_annotator_test import (
    AlternativeAnnotatorTest,
    alternative_annotator_test,
)
from concord.stats.joint.choice_propensities import ChoicePropensities, choice_propensities
from concord.stats.joint.joint_figure import JointFigure, joint_difference, joint_level
from concord.stats.joint.judge_bias import PositionBias, length_bias, position_bias, self_preference
from concord.stats.joint.prediction_powered_bradley_terry import (
    PredictionPoweredBradleyTerry,
    prediction_powered_bradley_terry,
)
from concord.stats.joint.prediction_powered_comparison import (
    prediction_powered_difference,
    prediction_powered_win_rate,
)
from concord.stats.joint.prediction_powered_mean import prediction_powered_mean
from concord.stats.joint.prediction_powered_stratified import prediction_powered_stratified
from concord.stats.joint.rated_like_rest import RatedLikeRest, rated_like_rest
from concord.stats.joint.rogan_gladen import RoganGladen, rogan_gladen
from concord.stats.joint.spending import Budget, Labels, best_next_labels, budget

__all__ = [
    "AlternativeAnnotatorTest",
    "Budget",
    "ChoicePropensities",
    "JointFigure",
    "Judged",
    "Labels",
    "PositionBias",
    "PredictionPowered",
    "PredictionPoweredBradleyTerry",
    "RatedLikeRest",
    "Reason",
    "RoganGladen",
    "alternative_annotator_test",
    "best_next_labels",
    "budget",
    "choice_propensities",
    "joint_difference",
    "joint_level",
    "length_bias",
    "position_bias",
    "prediction_powered_bradley_terry",
    "prediction_powered_difference",
    "prediction_powered_mean",
    "prediction_powered_stratified",
    "prediction_powered_win_rate",
    "rated_like_rest",
    "rogan_gladen",
    "self_preference",
]
