"""The digest of what went in: equal digests mean equal evidence and the same question."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np


def digest(definition: Any, evidence: Any) -> str:
    """Return the SHA-256 over the definition (and the version of the methods) and every array, by name, type, shape and bytes."""
    total = hashlib.sha256()
    total.update(json.dumps(definition, sort_keys=True, default=str).encode())
    for name, value in _leaves("", evidence):
        total.update(name.encode() + b"\0")
        if isinstance(value, np.ndarray):
            total.update(f"{value.dtype.str}{value.shape}".encode())
            total.update(np.ascontiguousarray(value).tobytes())
        else:
            total.update(repr(value).encode())
    return total.hexdigest()


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if is_dataclass(value) and not isinstance(value, type):
        for item in fields(value):
            yield from _leaves(f"{path}.{item.name}", getattr(value, item.name))
    elif isinstance(value, Mapping):
        for key in sorted(value, key=str):
            yield from _leaves(f"{path}[{key}]", value[key])
    elif isinstance(value, tuple | list):
        for place, item in enumerate(value):
            yield from _leaves(f"{path}[{place}]", item)
    else:
        yield path, value
