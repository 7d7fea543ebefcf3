"""Answers right or wrong by two groups: what both tests of differential item functioning check first."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from concord.stats._arrays import BoolArray, FloatArray, InputError, IntArray


def check_answers(y: FloatArray, group: IntArray) -> None:
    """Refuse anything but 0 and 1."""
    if not np.isin(y, (0, 1)).all() or not np.isin(group, (0, 1)).all():
        raise InputError("correct and groups must be 0 or 1")


def dropped(known: BoolArray) -> Mapping[str, int]:
    """Return how many answers were missing, as results name it."""
    return {"missing values": int((~known).sum())} if not known.all() else {}
