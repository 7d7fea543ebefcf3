"""Every estimator of Concord: arrays in, small frozen results out. NumPy and SciPy only.

The sub-packages are imported when they are first used, so that ``import concord.stats`` stays cheap.

>>> from concord.stats import comparison
>>> round(comparison.proportion(8, 10).low, 4)
0.4902
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import TYPE_CHECKING

from concord.stats._arrays import InputError
from concord.stats._results import Adjusted, Estimate, TestedEstimate

if TYPE_CHECKING:
    from concord.stats import (
        aggregation,
        agreement,
        calibration,
        comparison,
        fairness,
        joint,
        planning,
        ranking,
        tails,
    )

_PACKAGES = frozenset(
    {
        "aggregation",
        "agreement",
        "calibration",
        "comparison",
        "fairness",
        "joint",
        "planning",
        "ranking",
        "tails",
    }
)

__all__ = [
    "Adjusted",
    "Estimate",
    "InputError",
    "TestedEstimate",
    "aggregation",
    "agreement",
    "calibration",
    "comparison",
    "fairness",
    "joint",
    "planning",
    "ranking",
    "tails",
]


def __getattr__(name: str) -> ModuleType:
    if name in _PACKAGES:
        return importlib.import_module(f"concord.stats.{name}")
    raise AttributeError(f"module 'concord.stats' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_PACKAGES})
