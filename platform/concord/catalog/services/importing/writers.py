"""Writers: how the staged rows of one kind of record get into the tables, by set-based SQL, and out of them again."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, Generic, TypeVar

from concord.catalog.importing.records import Record, kinds
from concord.catalog.services.importing.stage import Stage
from concord.catalog.services.importing.undo import Undo

R = TypeVar("R", bound=Record)


class Writer(ABC, Generic[R]):
    """Base of the writers. One instance stands beside one record of a plan and sees its rows in a staging table."""

    kind: ClassVar[str]

    def __init__(self, record: R) -> None:
        self.record = record

    def resolve(self, stage: Stage) -> None:
        """Reject staged rows whose names lead nowhere or whose values do not fit (`stage.reject...`). Writes nothing."""

    def prepare(self, stage: Stage) -> None:
        """Make what the rows stand on (a study, a scorer). Called in the writing transaction, just before `write`."""

    @abstractmethod
    def write(self, stage: Stage) -> int:
        """Move the staged rows into the tables by set-based SQL, stamping `batch_id`; returns how many were written."""

    @classmethod
    @abstractmethod
    def undo(cls, undo: Undo) -> None:
        """Delete what `write` and `prepare` made for `undo.batch`; `undo.delete` refuses where later work stands on it."""


W = TypeVar("W", bound=type[Writer[Any]])
_writers: dict[str, type[Writer[Any]]] = {}


def register_writer(record: type[Record]) -> Callable[[W], W]:
    """Class decorator: this is the writer of that kind of record. Import the module in `AppConfig.ready()`."""

    def register(cls: W) -> W:
        known = _writers.get(record.kind)
        if known is not None and known.__qualname__ != cls.__qualname__:
            raise ValueError(f"two writers take {record.kind!r}")
        cls.kind = record.kind
        _writers[record.kind] = cls
        return cls

    return register


def writer_of(record: Record) -> Writer[Any]:
    """The writer that takes this record's staged rows."""
    return _writers[record.kind](record)


def writers() -> dict[str, type[Writer[Any]]]:
    """All writers by kind of record, in the order of writing."""
    return {kind: _writers[kind] for kind in kinds()}
