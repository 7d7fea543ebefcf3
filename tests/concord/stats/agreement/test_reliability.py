"""Spearman and Brown's formula, and its inverse."""

from __future__ import annotations

import pytest

from concord.stats import InputError
from concord.stats.agreement import raters_needed, reliability_of_means


def test_spearman_brown() -> None:
    assert reliability_of_means(0.17, raters=4) == pytest.approx(0.45, abs=5e-3)
    assert raters_needed(0.29, target=0.8) == 10
    assert raters_needed(0.0, target=0.8) is None
    assert raters_needed(1.0, target=0.8) == 1
    with pytest.raises(InputError):
        reliability_of_means(1.5, raters=2)
