"""How results look where a person prints them: long parts are shortened, nothing is rounded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MOST = 6  # so many items of a part are shown in full


def fields_of(result: Any) -> str:
    """Return ``Name(field=value, ...)`` with long arrays, lists and mappings shortened."""
    shown = (f"{item.name}={brief(getattr(result, item.name))}" for item in fields(result) if item.repr)
    return f"{type(result).__qualname__}({', '.join(shown)})"


def brief(value: object) -> str:
    """Return the repr of a part of a result, shortened where it is long."""
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, np.generic):
        return repr(value.item())
    if isinstance(value, Mapping):
        items = [f"{brief(key)}: {brief(item)}" for key, item in list(value.items())[:_MOST]]
        return f"{{{_listed(items, len(value))}}}"
    if isinstance(value, list | tuple):
        if len(value) > 1 and all(is_dataclass(item) for item in value):
            return f"<{len(value)} of {type(value[0]).__qualname__}>"
        listed = _listed([brief(item) for item in value[:_MOST]], len(value))
        return f"[{listed}]" if isinstance(value, list) else f"({listed}{',' * (len(value) == 1)})"
    return repr(value)


def _array(array: NDArray[Any]) -> str:
    if array.size <= _MOST:
        return str(array.tolist())
    if array.ndim == 1:
        return f"[{_listed([repr(item) for item in array[:3].tolist()], len(array))}]"
    return f"<{' x '.join(map(str, array.shape))} array>"


def _listed(items: list[str], n: int) -> str:
    return ", ".join(items) + (f", ... {n} in all" if n > len(items) else "")
