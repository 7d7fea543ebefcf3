"""What is wrong with a mapping, in sentences, before any line is read."""

from collections.abc import Mapping
from typing import Any

from concord.catalog.criteria.definition import criterion_fields
from concord.catalog.importing import bindings
from concord.catalog.importing.fields import Reject
from concord.catalog.importing.mapping import bound_fields, columns_used, kind_of
from concord.catalog.importing.records import kinds
from concord.catalog.importing.values import clean_json
from concord.core.errors import DomainError, Invalid

FILE = ("name", "format", "encoding", "delimiter", "skip_lines", "header", "decimal", "empty")
TOP = {*FILE, "dataset", "version", "criteria", "records"}
SPEC = {"kind", "fields", "when", "skip_empty"}
MAX_RECORDS = 50
LARGEST_VERSION = 2**31 - 1


def check_shape(mapping: Any) -> None:
    """Refuse what is no mapping at all, complete or not: what is kept, pages must be able to show. Raises `Invalid`."""
    if not isinstance(mapping, dict):
        raise Invalid("A mapping is a JSON object.", code="bad_mapping", field="mapping")
    lists = [mapping.get(key, []) for key in ("records", "criteria")]
    if not all(isinstance(found, list) and all(isinstance(part, dict) for part in found) for found in lists):
        raise Invalid('"records" and "criteria" are lists of objects.', code="bad_mapping", field="mapping")
    for entry in lists[0]:
        if not isinstance(entry.get("fields", {}), dict):
            raise Invalid('"fields" is a table from field to binding.', code="bad_mapping", field="mapping")
    try:
        clean_json("mapping", mapping)
    except Reject as reject:
        raise Invalid(f"The mapping {reject.reason}.", code="bad_mapping", field="mapping") from None


def mapping_problems(mapping: Any, columns: list[str]) -> list[str]:
    """Everything that is wrong with a mapping, in sentences; empty when it can be used."""
    if (
        not isinstance(mapping, Mapping)
        or not isinstance(mapping.get("records"), list)
        or not mapping["records"]
    ):
        return ['A mapping is an object with a list "records" that says what each line gives.']
    if len(mapping["records"]) > MAX_RECORDS:
        return [f"At most {MAX_RECORDS} records can be read from one line."]
    found = [f"{key!r} is no part of a mapping." for key in sorted(set(mapping) - TOP)]
    found += bindings.text_problems(mapping)
    found += _criteria_problems(mapping.get("criteria", []))
    for number, entry in enumerate(mapping["records"], 1):
        found += [f"record {number}: {problem}" for problem in _entry_problems(entry, set(columns))]
    return found or _dataset_problems(mapping)


def _criteria_problems(definitions: Any) -> list[str]:
    if not isinstance(definitions, list):
        return ['"criteria" is a list of definitions.']
    found = []
    for definition in definitions:
        try:
            criterion_fields(definition)
        except DomainError as error:
            found.append(error.message)
    return found


def _dataset_problems(mapping: Mapping[str, Any]) -> list[str]:
    needs = any(kinds()[entry["kind"]].needs_dataset for entry in mapping["records"])
    name, version = mapping.get("dataset"), mapping.get("version")
    if needs and not (isinstance(name, str) and name.strip() and len(name) <= 160):
        return ['Say which dataset the examples belong to ("dataset": its name, at most 160 characters).']
    if version is not None and not (type(version) is int and 0 < version <= LARGEST_VERSION):
        return ['"version" is the number of a version of the dataset.']
    return []


def _entry_problems(entry: Any, columns: set[str]) -> list[str]:
    if not isinstance(entry, Mapping) or kind_of(entry) not in kinds():
        return [f'"kind" is one of {", ".join(kinds())}.']
    cls = kinds()[entry["kind"]]
    table, given = {field.name: field for field in cls.fields}, entry.get("fields", {})
    if not isinstance(given, Mapping):
        return ['"fields" is a table from field to binding.']
    found = [
        f"{entry['kind']} have no {key!r}."
        for key in sorted(set(entry) - SPEC - set(table) - set(cls.options))
    ]
    found += [
        f"{entry['kind']} have no field {key!r}; they have {', '.join(table)}."
        for key in given
        if key not in table
    ]
    bound = bound_fields(entry)
    only = f"; it has only {min(columns)[:80]!r}: say its delimiter" if len(columns) == 1 else ""
    for name, binding in bound.items():
        found += bindings.problems(name, table[name], binding) if name in table else []
    found += [
        f"{entry['kind']} need {name}: say which column it is."
        for name, spec in table.items()
        if spec.required and name not in bound
    ]
    found += [
        f"the file has no column {name!r}{only}." for name in columns_used(entry) if name not in columns
    ]
    found += _when_problems(entry.get("when"))
    return found or cls(entry, frozenset(bound)).problems()


def _when_problems(when: Any) -> list[str]:
    if when is None:
        return []
    if isinstance(when, Mapping) and set(when) == {"column", "equals"}:
        equals = when["equals"] if isinstance(when["equals"], list) else [when["equals"]]
        if all(isinstance(value, str | int | float) for value in equals):
            return []
    return ['"when" is {"column": ..., "equals": a value or a list of them}.']
