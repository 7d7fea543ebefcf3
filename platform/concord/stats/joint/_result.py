"""What a prediction-powered estimate says."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from concord.stats._arrays import FloatArray
from concord.stats._results import TestedEstimate


@dataclass(frozen=True, kw_only=True)
class PredictionPowered(TestedEstimate):
    """People's labels and a machine's predictions joined. ``n`` counts the labels.

    ``lam`` is the weight of the machine (0: people only, 1: full trust, corrected); ``weights`` (k,) are those of several judges,
    whose sum it is. ``human_only`` is what the labels alone say, ``machine_only`` the mean of all predictions, uncorrected (of
    several judges, the mean of theirs). ``rectifier`` is the correction: mean label less mean prediction on the labelled items.
    ``effective_n`` is how many labels would give the same standard error without the machine, nan where the labels do not vary.
    """

    lam: float
    human_only: TestedEstimate
    machine_only: float
    rectifier: float
    n_labelled: int
    n_unlabelled: int
    effective_n: float
    weights: FloatArray = field(default_factory=lambda: np.empty(0))
