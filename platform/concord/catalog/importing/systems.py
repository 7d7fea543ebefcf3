"""Systems as a kind of record; outputs name theirs with the same fields."""

from concord.catalog.importing.fields import Field
from concord.catalog.importing.records import Record, register_record

SYSTEM = Field(
    "system",
    max_length=160,
    help="the system's name",
    synonyms=("system", "model", "model_name", "name", "engine", "llm"),
)
VERSION = Field(
    "system_version",
    required=False,
    max_length=80,
    help="its version, where names are not enough",
    synonyms=("model_version",),
)


@register_record
class Systems(Record):
    """What is evaluated, where a file describes it."""

    kind, label, order, needs_dataset = "systems", "systems", 10, False
    fields = (
        SYSTEM,
        VERSION,
        Field("description", required=False, synonyms=("description", "note", "notes", "org")),
    )
    columns = {"system": "text", "system_version": "text", "description": "text", "kind": "text"}
