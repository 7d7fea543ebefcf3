"""Ratings as long-form arrays, straight from PostgreSQL: the one shape that feeds every estimator."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ratings:
    """Current ratings with a value, one position per rating, ordered by rating id.

    `other_outputs` and `other_systems` are -1 where one output was judged alone, `raters` is -1 where the rater is not known,
    `seconds` is nan where it was not measured. `cannot_judge` counts the current ratings without a value, which are left out.
    """

    units: Ints
    outputs: Ints
    other_outputs: Ints
    systems: Ints
    other_systems: Ints
    examples: Ints
    raters: Ints
    values: Floats
    swapped: NDArray[np.bool_]
    seconds: Floats
    cannot_judge: int

    def __len__(self) -> int:
        return len(self.values)


COLUMNS = """
COPY (
    SELECT r.unit_id, u.output_id, coalesce(u.other_output_id, -1), o.system_id, coalesce(p.system_id, -1), u.example_id,
           coalesce(r.rater_id, -1), r.value, r.swapped::int::bigint, coalesce(r.seconds, 'NaN')
    FROM annotation_rating r
    JOIN annotation_unit u ON u.id = r.unit_id
    JOIN catalog_output o ON o.id = u.output_id
    LEFT JOIN catalog_output p ON p.id = u.other_output_id
    WHERE r.study_id = {study} AND r.criterion_id = {criterion} AND r.current AND r.value IS NOT NULL
    ORDER BY r.id
) TO STDOUT (FORMAT BINARY)
"""

HEADER = 19  # signature, flags, length of the extension
# A row is a count of fields, then for each its length and its big-endian bytes. A null has no bytes: no column may be null.
NAMES = (
    "units",
    "outputs",
    "other_outputs",
    "systems",
    "other_systems",
    "examples",
    "raters",
    "values",
    "swapped",
    "seconds",
)
ROW = np.dtype(
    [("fields", ">i2")]
    + [
        (part, kind)
        for name in NAMES
        for part, kind in ((f"{name}_size", ">i4"), (name, ">f8" if name in ("values", "seconds") else ">i8"))
    ]
)


def ratings_long(*, study_id: int, criterion_id: int) -> Ratings:
    """Every current rating of a study on one criterion. About 90 bytes a rating pass through memory once."""
    sql = COLUMNS.format(study=int(study_id), criterion=int(criterion_id))
    with connection.cursor() as cursor:
        rows = np.frombuffer(_copied(cursor, sql), dtype=ROW)
        cursor.execute(
            "SELECT count(*) FROM annotation_rating WHERE study_id = %s AND criterion_id = %s AND current AND value IS NULL",
            [study_id, criterion_id],
        )
        cannot_judge = int(cursor.fetchone()[0])
    return Ratings(
        **{
            name: rows[name].astype(np.int64)
            for name in NAMES
            if name not in ("values", "seconds", "swapped")
        },
        values=rows["values"].astype(np.float64),
        swapped=rows["swapped"].astype(bool),
        seconds=rows["seconds"].astype(np.float64),
        cannot_judge=cannot_judge,
    )


def _copied(cursor: Any, sql: str) -> bytes:
    """The rows of a binary COPY, without its header and trailer."""
    with cursor.copy(sql) as copy:
        return bytes(b"".join(bytes(part) for part in copy)[HEADER:-2])
