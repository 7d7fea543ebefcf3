"""Kinds of record: what a line of a file can become. Each app registers those that it owns.

The engine reads the file, applies the mapping and turns every line into typed values; a record only parses those values into
a staging row. How staged rows get into the tables is known to the kind's writer, a service.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from concord.catalog.importing.fields import Field


class Record:
    """Base of the kinds. One instance stands for one entry of the mapping's `records`.

    The order of kinds is the order of dependence: what is written first has the smaller `order`.
    """

    kind: ClassVar[str]
    label: ClassVar[str]
    order: ClassVar[int]
    fields: ClassVar[tuple[Field, ...]]
    columns: ClassVar[
        dict[str, str]
    ]  # of the staging table: name -> PostgreSQL type; the engine adds `line bigint`
    options: ClassVar[tuple[str, ...]] = ()  # further keys that the mapping's entry may have
    needs_dataset: ClassVar[bool] = True

    def __init__(self, spec: Mapping[str, Any], bound: frozenset[str]) -> None:
        self.spec = spec
        self.bound = bound

    @classmethod
    def recognise(cls, columns: list[str], rows: list[list[Any]], name: str) -> dict[str, Any] | None:
        """The mapping's entry for a file that was exported as such records; None for any other file."""
        return None

    def problems(self) -> list[str]:
        """What is wrong with the mapping's entry itself, in sentences; called before any line is read."""
        return []

    def parse(self, row: dict[str, Any]) -> tuple[Any, ...]:
        """The staging row (in the order of `columns`) of one line's typed values; pure and quick; raises `Reject`."""
        return tuple(row.get(name) for name in self.columns)


R = TypeVar("R", bound=type[Record])
_kinds: dict[str, type[Record]] = {}


def register_record(cls: R) -> R:
    """Class decorator: make the kind known. Import the module in `AppConfig.ready()`."""
    known = _kinds.get(cls.kind)
    if known is not None and known.__qualname__ != cls.__qualname__:
        raise ValueError(f"two kinds of record are called {cls.kind!r}")
    _kinds[cls.kind] = cls
    return cls


def kinds() -> dict[str, type[Record]]:
    """All registered kinds, in the order in which they are written."""
    return dict(sorted(_kinds.items(), key=lambda item: item[1].order))
