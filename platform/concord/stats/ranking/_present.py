"""What holds for the systems with votes, put back among all systems: nan for the others, and a note that names their number."""

from __future__ import annotations

import numpy as np

from concord.stats._arrays import FloatArray, IntArray


def spread(values: FloatArray, present: IntArray, n_systems: int) -> FloatArray:
    """Return the values (P,) of the systems present at their places among all, (S,)."""
    result = np.full(n_systems, np.nan)
    result[present] = values
    return result


def spread_square(values: FloatArray, present: IntArray, n_systems: int) -> FloatArray:
    """Return a table (P, P) of the systems present as one of all, (S, S)."""
    result = np.full((n_systems, n_systems), np.nan)
    result[np.ix_(present, present)] = values
    return result


def unplaced(number: int, one: str, several: str) -> tuple[str, ...]:
    """Return the note on systems that nothing is known of."""
    if not number:
        return ()
    said = f"1 system {one}" if number == 1 else f"{number} systems {several}"
    return (f"{said} and therefore no strength.",)
