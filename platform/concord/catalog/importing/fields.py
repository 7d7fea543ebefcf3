"""What a record is made of: named, typed values; and the reason why a line has none that fit."""

from dataclasses import dataclass

from concord.catalog.importing.sources import shown

TEXT, NUMBER, INTEGER, BOOLEAN = "text", "number", "integer", "boolean"
JSON, ANY, SLICES = "json", "any", "slices"


class Reject(Exception):
    """This line cannot become a record. `column` is a field name (shown as the file's column), `reason` a short sentence."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(shown(reason))
        self.column = column
        self.reason = shown(reason)  # it may repeat what stood in the file


class Empty(Reject):
    """Nothing stands where an answer was expected; an entry may say that such a line gives no record."""

    def __init__(self, column: str, reason: str = "is empty") -> None:
        super().__init__(column, reason)


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
    verbatim: bool = False  # a name in which "2.0" is another than "2"
    keep_raw: bool = False  # the value as it stood in the file is given to `parse` as "<name>__raw"
