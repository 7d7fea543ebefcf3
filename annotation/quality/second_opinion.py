"""Krippendorff's alpha once more, by the package `krippendorff` where it is installed (the extra `reference`).

Our own figure does not depend on it: the package is GPL-3.0, so it is asked where it is there and never required.
"""

from importlib import import_module, metadata
from typing import Any

import numpy as np

from concord.estimates.arrays import Floats, Ints

PACKAGE = "krippendorff"
MOST_CELLS = 20_000_000  # it wants a table of units by values
MOST_VALUES = 200
SAME = 1e-9


def reference_version() -> str | None:
    """The installed version, or None."""
    try:
        return metadata.version(PACKAGE)
    except metadata.PackageNotFoundError:
        return None


def second_opinion(units: Ints, values: Floats, *, level: str, ours: float) -> dict[str, Any] | None:
    """What the package says about the same ratings, and whether that is `ours`; None where it cannot be asked."""
    version = reference_version()
    if version is None or not np.isfinite(ours):
        return None
    unit, value = np.unique(units, return_inverse=True)[1], np.unique(values, return_inverse=True)
    shape = (int(unit.max()) + 1, len(value[0]))
    if shape[1] > MOST_VALUES or shape[0] * shape[1] > MOST_CELLS:
        return None
    counts = np.bincount(unit * shape[1] + value[1], minlength=shape[0] * shape[1]).reshape(shape)
    try:
        theirs = float(
            import_module(PACKAGE).alpha(
                value_counts=counts, value_domain=value[0], level_of_measurement=level
            )
        )
    except (ImportError, ValueError, ArithmeticError):
        return None
    return {"package": f"{PACKAGE} {version}", "value": theirs, "same": bool(abs(theirs - ours) <= SAME)}
