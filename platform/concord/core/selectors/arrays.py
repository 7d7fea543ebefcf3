"""Columns of numbers straight from PostgreSQL: a binary COPY read as one NumPy record array, no row object ever made."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

HEADER, TRAILER = 19, 2  # signature, flags and length of the extension; the end marker


def columns(
    query: str, kinds: Mapping[str, type], parameters: list[Any] | None = None
) -> dict[str, NDArray[Any]]:
    """The columns of `query`, in the order of `kinds` (int or float, cast here). No column may be null.

    A row is a count of fields, then for each its length and its big-endian bytes: fixed, because no value is null.
    """
    names = list(kinds)
    casts = ", ".join(f"q.{name}::{'float8' if kinds[name] is float else 'bigint'}" for name in names)
    with (
        connection.cursor() as cursor,
        # The driver's own cursor: Django's debugging wrapper does not pass parameters on.
        cursor.cursor.copy(
            f"COPY (SELECT {casts} FROM ({query}) q) TO STDOUT (FORMAT BINARY)", parameters
        ) as copy,
    ):
        data = b"".join(bytes(part) for part in copy)
    rows = np.frombuffer(data[HEADER:-TRAILER], dtype=_row(names, kinds))
    return {name: rows[name].astype(np.float64 if kinds[name] is float else np.int64) for name in names}


def _row(names: list[str], kinds: Mapping[str, type]) -> np.dtype[Any]:
    parts: list[tuple[str, str]] = [("fields", ">i2")]
    for name in names:
        parts += [(f"{name}_size", ">i4"), (name, ">f8" if kinds[name] is float else ">i8")]
    return np.dtype(parts)
