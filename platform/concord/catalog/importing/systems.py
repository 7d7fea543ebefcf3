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
    verbatim=True,
    help="its version, where names are not enough",
    synonyms=("model_version",),
)


FULL_NAME = 241  # characters of a name, a blank and a version
LEFT_VERSION, RIGHT_VERSION = (
    Field(
        f"{side}_system_version", required=False, max_length=80, verbatim=True, help="the same on that side"
    )
    for side in ("left", "right")
)


def full_name(system: str, version: str | None) -> str:
    """By which ratings, scores and timings find a system's outputs: its name, and its version where one is told."""
    return f"{system} {version}" if version else system


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
