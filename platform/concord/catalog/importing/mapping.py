"""A mapping's parts: of which kind an entry is, which bindings it has, which columns it reads."""

from collections.abc import Mapping
from typing import Any

from concord.catalog.importing.bindings import columns_of
from concord.catalog.importing.records import kinds


def kind_of(entry: Mapping[str, Any]) -> str:
    """The entry's kind, or "" where it names none."""
    return entry["kind"] if isinstance(entry.get("kind"), str) else ""


def bound_fields(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Field -> binding; a field's name as a key of the entry itself is a constant."""
    cls = kinds()[entry["kind"]]
    constants = {field.name: {"value": entry[field.name]} for field in cls.fields if field.name in entry}
    return {**constants, **entry.get("fields", {})}


def columns_used(entry: Any) -> list[str]:
    """The file's columns that an entry reads, once for each use."""
    if not isinstance(entry, Mapping) or kind_of(entry) not in kinds():
        return []
    used = [name for binding in bound_fields(entry).values() for name in columns_of(binding)]
    when = entry.get("when")
    return [*used, str(when["column"])] if isinstance(when, Mapping) and "column" in when else used


def unused_columns(mapping: Mapping[str, Any], columns: list[str]) -> list[str]:
    """The columns of a file that a mapping leaves aside."""
    used = {name for entry in mapping["records"] for name in columns_used(entry)}
    return [name for name in columns if name not in used]
