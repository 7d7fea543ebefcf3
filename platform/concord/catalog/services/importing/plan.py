"""A mapping, read and checked: which records each line gives, and how."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from concord.catalog.services.criteria import criterion_fields
from concord.catalog.services.importing import binding as bindings
from concord.catalog.services.importing.registry import Record, Reject, kinds
from concord.core.errors import DomainError, Invalid

TOP = {"name", "format", "encoding", "delimiter", "dataset", "version", "criteria", "records"}
SPEC = {"kind", "fields", "when", "skip_empty"}
MAX_RECORDS = 50


@dataclass
class Entry:
    """One entry of `records`: its record object and, compiled, how a line becomes one of its staging rows."""

    record: Record
    columns: dict[str, str]  # field -> the file's column, for messages
    getters: list[tuple[str, bindings.Getter]]
    keep: Callable[[list[Any]], bool] | None
    skip_empty: bool

    def read(self, values: list[Any]) -> tuple[Any, ...] | None:
        """The staging row, or None where the line gives no such record. Raises `Reject`."""
        if self.keep is not None and not self.keep(values):
            return None
        row = {}
        for name, getter in self.getters:
            try:
                row[name] = getter(values)
            except Reject as reject:
                if self.skip_empty and reject.reason == "is empty":
                    return None
                raise
        return self.record.parse(row)


@dataclass
class Plan:
    """What an import will do: entries in the order in which they are written."""

    mapping: dict[str, Any]
    wanted: list[str]
    entries: list[Entry] = field(default_factory=list)

    @property
    def needs_dataset(self) -> bool:
        return any(entry.record.needs_dataset for entry in self.entries)


def make_plan(mapping: Any, columns: list[str]) -> Plan:
    """The mapping as a plan for a file with these columns. Raises `Invalid` with every problem found."""
    found = mapping_problems(mapping, columns)
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise Invalid(f"The mapping cannot be used: {found[0]}{more}", code="bad_mapping", problems=found)
    wanted = sorted({name for entry in mapping["records"] for name in _columns_used(entry)})
    places = {name: place for place, name in enumerate(wanted)}
    plan = Plan(mapping, wanted, [_entry(entry, places) for entry in mapping["records"]])
    plan.entries.sort(key=lambda entry: entry.record.order)
    return plan


def check_shape(mapping: Any) -> None:
    """Refuse what is no mapping at all, complete or not: what is kept, pages must be able to show. Raises `Invalid`."""
    if not isinstance(mapping, dict):
        raise Invalid("A mapping is a JSON object.", code="bad_mapping")
    lists = [mapping.get(key, []) for key in ("records", "criteria")]
    if not all(isinstance(found, list) and all(isinstance(part, dict) for part in found) for found in lists):
        raise Invalid('"records" and "criteria" are lists of objects.', code="bad_mapping")
    for entry in lists[0]:
        if not isinstance(entry.get("fields", {}), dict):
            raise Invalid('"fields" is a table from field to binding.', code="bad_mapping")
    try:
        bindings.clean_json("mapping", mapping)
    except Reject as reject:
        raise Invalid(f"The mapping {reject.reason}.", code="bad_mapping") from None


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
    if version is not None and not (isinstance(version, int) and version > 0):
        return ['"version" is the number of a version of the dataset.']
    return []


def _entry_problems(entry: Any, columns: set[str]) -> list[str]:
    if not isinstance(entry, Mapping) or _kind(entry) not in kinds():
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
    bound = _bound(entry)
    for name, binding in bound.items():
        found += bindings.problems(name, table[name], binding) if name in table else []
    found += [
        f"{entry['kind']} need {name}: say which column it is."
        for name, spec in table.items()
        if spec.required and name not in bound
    ]
    found += [f"the file has no column {name!r}." for name in _columns_used(entry) if name not in columns]
    found += _when_problems(entry.get("when"))
    return found or cls(entry, frozenset(bound)).problems()


def _kind(entry: Mapping[str, Any]) -> str:
    return entry["kind"] if isinstance(entry.get("kind"), str) else ""


def _when_problems(when: Any) -> list[str]:
    if when is None or (isinstance(when, Mapping) and set(when) == {"column", "equals"}):
        return []
    return ['"when" is {"column": ..., "equals": a value or a list of them}.']


def _bound(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Field -> binding; a field's name as a key of the entry itself is a constant."""
    cls = kinds()[entry["kind"]]
    constants = {field.name: {"value": entry[field.name]} for field in cls.fields if field.name in entry}
    return {**constants, **entry.get("fields", {})}


def _columns_used(entry: Any) -> list[str]:
    if not isinstance(entry, Mapping) or _kind(entry) not in kinds():
        return []
    used = [name for binding in _bound(entry).values() for name in bindings.columns_of(binding)]
    when = entry.get("when")
    return [*used, str(when["column"])] if isinstance(when, Mapping) and "column" in when else used


def unused_columns(mapping: Mapping[str, Any], columns: list[str]) -> list[str]:
    """The columns of a file that a mapping leaves aside."""
    used = {name for entry in mapping["records"] for name in _columns_used(entry)}
    return [name for name in columns if name not in used]


def _entry(entry: Mapping[str, Any], places: Mapping[str, int]) -> Entry:
    cls, bound = kinds()[entry["kind"]], _bound(entry)
    getters: list[tuple[str, bindings.Getter]] = []
    for spec in cls.fields:
        if spec.name in bound:
            getters.append((spec.name, bindings.compile_binding(spec, bound[spec.name], places)))
            if spec.keep_raw:
                getters.append((f"{spec.name}__raw", bindings.raw_text(bound[spec.name], places)))
    columns = {name: ", ".join(bindings.columns_of(binding)) or name for name, binding in bound.items()}
    record = cls(entry, frozenset(bound))
    return Entry(
        record, columns, getters, _condition(entry.get("when"), places), bool(entry.get("skip_empty"))
    )


def _condition(when: Any, places: Mapping[str, int]) -> Callable[[list[Any]], bool] | None:
    if when is None:
        return None
    place, equals = places[str(when["column"])], when["equals"]
    wanted = {str(value) for value in (equals if isinstance(equals, list) else [equals])}

    def keep(values: list[Any]) -> bool:
        found = values[place]
        return found is not None and (
            found in wanted if isinstance(found, str) else bindings.as_text("when", found) in wanted
        )

    return keep
