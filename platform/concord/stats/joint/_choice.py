"""By how much a joint figure could be off if people had chosen what they rated by its quality: the machine is the witness.

Had the rated items better labels than the others by ``d``, a machine that errs as often on what was chosen would score them
higher by ``J d``, where ``J`` is the slope of its (weighted) scores on people's labels. The figure takes that much back, and
``d - J d`` stays. So a gap ``G`` of the scores bounds the error by ``|G| (1 - J) / J``; a machine that follows people little
(``J`` near 0) bounds nothing.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from concord.stats._arrays import FloatArray, compact, tally
from concord.stats._normal import t_quantile
from concord.stats.joint._sides import Side, Sums

# The bounds of the gap and of the slope leave out 5 % each, on one side.
_ONE_SIDED = 0.90
# Above this part of its half-width, such an error would make an interval of 95 % hold less than 92 %.
SMALL = 0.25


def could_be_off(sides: tuple[Side, ...], weights: FloatArray) -> float:
    """Return the largest error of the figure that fits the machine's scores, on the scale of the sides' labels; inf: any."""
    if not weights.any():
        return math.inf
    return float(sum(_of(side, weights) for side in sides))


def _of(side: Side, weights: FloatArray) -> float:
    gap, error, worth = _gap(side, weights)
    if not worth > 2:
        return math.inf
    t = t_quantile(_ONE_SIDED, worth - 2)
    slope, slope_error = _slope(side, weights)
    lowest, highest = slope - t * slope_error, slope + t * slope_error
    if not lowest > 0:
        return math.inf
    return (gap + t * error) * max(abs(1 - end) / end for end in (lowest, highest))


def _gap(side: Side, weights: FloatArray) -> tuple[float, float, float]:
    """Return the gap of the machine's means of rated items and of the pool, its error, and what the rated clusters are worth."""
    sums = Sums.of((replace(side, sign=1.0),))
    added = ((sums.machine - sums.pool) @ weights)[0]
    worth = sums.worth
    error = math.sqrt(float(added @ added) * worth / (worth - 1)) if worth > 1 else math.inf
    return abs(float(side.gap @ weights)), error, worth


def _slope(side: Side, weights: FloatArray) -> tuple[float, float]:
    """Return the slope of the machine's weighted scores on people's labels, and its error (sandwich over clusters).

    Few labels often show none of the machine's errors: half an item a standard deviation above the mean that is scored as far
    below is added, and half one the other way; of labels of 0 and 1 that is about half an error each way.
    """
    place, codes = compact(side.group) if side.group is not None else (np.arange(len(side.y)), side.y)
    half = float(np.square(tally(place, len(codes), side.share)).sum()) / 2  # of what a cluster weighs
    labels, scores = (_with_errors(side.share, side.y, 1.0), _with_errors(side.share, side.f @ weights, -1.0))
    share = np.append(side.share, (half, half)) / (1 + 2 * half)
    x, z = labels - share @ labels, scores - share @ scores
    spread = float(share @ (x * x))
    if not spread > 0:
        return 0.0, 0.0
    slope = float(share @ (x * z)) / spread
    place, size = np.append(place, (len(codes), len(codes) + 1)), len(codes) + 2
    each = tally(place, size, share * x * (z - slope * x))
    n = float(1 / np.square(tally(place, size, share)).sum())
    return slope, math.sqrt(float(each @ each) * n / (n - 2)) / spread if n > 2 else math.inf


def _with_errors(share: FloatArray, values: FloatArray, sign: float) -> FloatArray:
    """Return the values, and two more a standard deviation from their mean."""
    mean = float(share @ values)
    away = sign * math.sqrt(float(share @ np.square(values - mean)))
    return np.append(values, (mean + away, mean - away))
