"""What every simulated claim is run with: families found from fewer draws."""

import numpy as np
import pytest

from concord.stats.comparison import _max_normal


@pytest.fixture(autouse=True)
def _quick_families(monkeypatch: pytest.MonkeyPatch) -> None:
    """Find each family's critical value from 4,096 draws on a coarse grid: it moves by a hundredth at most, either way."""
    monkeypatch.setattr(_max_normal, "_DRAWS", 1 << 12)
    monkeypatch.setattr(_max_normal, "_GROUPS", 64)
    monkeypatch.setattr(_max_normal, "_GRID", np.linspace(0.0, 9.0, 61))
