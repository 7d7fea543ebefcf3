"""Answers right or wrong by two groups: what both tests of differential item functioning check first."""

from __future__ import annotations

from concord.stats._arrays import BoolArray, FloatArray, IntArray, zeros_and_ones


def check_answers(y: FloatArray, group: IntArray, known: BoolArray) -> None:
    """Refuse anything but 0 and 1 in the rows that are known."""
    zeros_and_ones("correct", y, where=known)
    zeros_and_ones("groups", group, where=known)
