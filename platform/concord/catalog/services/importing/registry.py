"""What a kind of record must say and do so that the import engine can take it in.

The engine reads the file, applies the mapping and turns every line into typed values; a record class only parses those
values into a staging row, and then works on whole staging tables with set-based SQL.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

if TYPE_CHECKING:
    from concord.catalog.services.importing.stage import Stage
    from concord.catalog.services.importing.undo import Undo

TEXT, NUMBER, INTEGER, BOOLEAN = "text", "number", "integer", "boolean"
JSON, ANY, SLICES = "json", "any", "slices"


class Reject(Exception):
    """This line cannot become a record. `column` is a field name (shown as the file's column), `reason` a short sentence."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a record: its type, whether a line without it is rejected, and names by which columns often go."""

    name: str
    type: str = TEXT
    required: bool = True
    help: str = ""
    synonyms: tuple[str, ...] = ()
    max_length: int | None = None
    empty_is_value: bool = False  # an empty cell is an answer of its own (a model may answer nothing)
    keep_raw: bool = False  # the value as it stood in the file is given to `parse` as "<name>__raw"


class Record(ABC):
    """Base of the kinds. One instance stands for one entry of the mapping's `records`.

    The order of kinds is the order of dependence: what is written first has the smaller `order`.
    """

    kind: ClassVar[str]
    label: ClassVar[str]
    order: ClassVar[int]
    fields: ClassVar[tuple[Field, ...]]
    columns: ClassVar[
        dict[str, str]
    ]  # the staging table: name -> PostgreSQL type; `line bigint` is added by the engine
    options: ClassVar[tuple[str, ...]] = ()  # further keys that the mapping's entry may have
    needs_dataset: ClassVar[bool] = True

    def __init__(self, spec: Mapping[str, Any], bound: frozenset[str]) -> None:
        self.spec = spec
        self.bound = bound

    def problems(self) -> list[str]:
        """What is wrong with the mapping's entry itself, in sentences; called before any line is read."""
        return []

    def parse(self, row: dict[str, Any]) -> tuple[Any, ...]:
        """The staging row (in the order of `columns`) of one line's typed values; pure and quick; raises `Reject`."""
        return tuple(row.get(name) for name in self.columns)

    def resolve(self, stage: "Stage") -> None:  # noqa: B027
        """Reject staged rows whose names lead nowhere or whose values do not fit (`stage.reject...`). Writes nothing."""

    def prepare(self, stage: "Stage") -> None:  # noqa: B027
        """Make what the rows stand on (a study, a scorer). Called in the writing transaction, just before `write`."""

    @abstractmethod
    def write(self, stage: "Stage") -> int:
        """Move the staged rows into the tables by set-based SQL, stamping `batch_id`; returns how many were written."""

    @classmethod
    @abstractmethod
    def undo(cls, undo: "Undo") -> None:
        """Delete what `write` and `prepare` made for `undo.batch`; `undo.delete` refuses where later work stands on it."""


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
