"""Slices: the named parts of a dataset version (language, topic, hazard...)."""

from typing import Any

import numpy
from django.db import connection
from django.db.models import Q
from numpy.typing import NDArray

from concord.catalog.models import Example

SHOWN_VALUES = 200


def slice_names(version_id: int) -> list[str]:
    """The names of all slices that any example of the version has, sorted."""
    return list(slice_values(version_id))


def slice_values(version_id: int) -> dict[str, dict[str, int]]:
    """Slice name -> value -> number of examples; the commonest values first, at most `SHOWN_VALUES` of each."""
    found: dict[str, dict[str, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.key, s.value, count(*) FROM catalog_example e, jsonb_each_text(e.slices) s "
            "WHERE e.version_id = %s GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2",
            [version_id],
        )
        for name, value, count in cursor.fetchall():
            values = found.setdefault(name, {})
            if len(values) < SHOWN_VALUES:
                values[value] = count
    return found


def examples_where(version_id: int, where: dict[str, Any]) -> NDArray[numpy.int64]:
    """Ids of the examples whose slices have all the values in `where`; a list of values means any of them.

    An empty `where` gives every example of the version. Ids are sorted.
    """
    rows = Example.objects.filter(version_id=version_id)
    for name, value in where.items():
        rows = rows.filter(_any_of(name, value if isinstance(value, list) else [value]))
    return numpy.fromiter(rows.order_by("id").values_list("id", flat=True).iterator(), dtype=numpy.int64)


def _any_of(name: str, values: list[Any]) -> Q:
    """Containment for each value: a lookup by key would take a name like `a__in` for something else."""
    found = Q(pk__in=[])
    for value in values:
        found |= Q(slices__contains={name: value})
    return found
