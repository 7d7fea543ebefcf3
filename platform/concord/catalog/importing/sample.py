"""The first lines of a file, from which a mapping is proposed."""

from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from concord.catalog.importing.files import opened
from concord.catalog.importing.readers import SAMPLE
from concord.catalog.importing.sources import shown
from concord.catalog.models import ImportBatch


@dataclass
class Sample:
    """The first lines of a file."""

    columns: list[str]
    rows: list[list[Any]] = field(default_factory=list)

    def values(self, column: str) -> list[Any]:
        place = self.columns.index(column)
        return [row[place] for row in self.rows if row[place] not in (None, "")]

    def distinct(self, column: str) -> list[str]:
        return list(dict.fromkeys(str(value) for value in self.values(column)))

    def is_numeric(self, column: str) -> bool:
        values = self.values(column)
        return bool(values) and all(is_number(value) for value in values)

    def is_long(self, column: str) -> bool:
        values = self.values(column)
        return bool(values) and sum(len(str(value)) for value in values) / len(values) > 24


def sample_of(batch: ImportBatch) -> Sample:
    """The columns and first good lines of the batch's file, as texts that can be shown and kept in a mapping."""
    with opened(batch) as source:
        columns = source.columns()
        lines = (line.values for line in source.lines([name for name in columns if name]) if not line.error)
        rows = [[_shown(value) for value in row] for row in islice(lines, SAMPLE)]
        return Sample([name for name in columns if name], rows)


def _shown(value: Any) -> Any:
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, list):
        return [_shown(one) for one in value]
    if isinstance(value, dict):
        return {shown(str(key)): _shown(one) for key, one in value.items()}
    return value


def is_number(value: Any) -> bool:
    """Whether a cell reads as a number."""
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return not isinstance(value, bool)
