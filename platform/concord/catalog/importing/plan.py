"""A mapping compiled for one file: how each line becomes staging rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from concord.catalog.importing import bindings
from concord.catalog.importing.check import mapping_problems
from concord.catalog.importing.fields import SLICES, Empty, Field
from concord.catalog.importing.mapping import bound_fields, columns_used
from concord.catalog.importing.records import Record, kinds
from concord.catalog.importing.values import as_text, folded
from concord.core.errors import Invalid


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
        try:
            return self.record.parse({name: getter(values) for name, getter in self.getters})
        except Empty:
            if self.skip_empty:
                return None
            raise


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
    wanted = sorted({name for entry in mapping["records"] for name in columns_used(entry)})
    places = {name: place for place, name in enumerate(wanted)}
    plan = Plan(mapping, wanted, [_entry(entry, places, mapping) for entry in mapping["records"]])
    plan.entries.sort(key=lambda entry: entry.record.order)
    return plan


def _entry(entry: Mapping[str, Any], places: Mapping[str, int], mapping: Mapping[str, Any]) -> Entry:
    cls, bound = kinds()[entry["kind"]], bound_fields(entry)
    getters: list[tuple[str, bindings.Getter]] = []
    for spec in cls.fields:
        if spec.name in bound:
            binding = _as_all(spec, bound[spec.name], mapping)
            getters.append((spec.name, bindings.compile_binding(spec, binding, places)))
            if spec.keep_raw:
                getters.append((f"{spec.name}__raw", bindings.raw_text(binding, places)))
    columns = {name: ", ".join(bindings.columns_of(binding)) or name for name, binding in bound.items()}
    record = cls(entry, frozenset(bound))
    return Entry(
        record, columns, getters, _condition(entry.get("when"), places), bool(entry.get("skip_empty"))
    )


def _as_all(spec: Field, binding: Mapping[str, Any], mapping: Mapping[str, Any]) -> Mapping[str, Any]:
    """The binding with what the mapping says of all cells, where it says nothing else itself."""
    if spec.type == SLICES:
        return {name: _as_all(Field(name), inner, mapping) for name, inner in binding.items()}
    if "column" not in binding:
        return binding
    keys = ["decimal"] if spec.empty_is_value else ["decimal", "empty"]  # an answer may read "None"
    return {**{key: mapping[key] for key in keys if key in mapping}, **binding}


def _condition(when: Any, places: Mapping[str, int]) -> Callable[[list[Any]], bool] | None:
    if when is None:
        return None
    place, equals = places[str(when["column"])], when["equals"]
    wanted = {folded(as_text("when", value)) for value in (equals if isinstance(equals, list) else [equals])}

    def keep(values: list[Any]) -> bool:
        found = values[place]
        return found is not None and folded(as_text("when", found)) in wanted

    return keep
