"""Bindings: how one field of a record gets its value from a line. Compiled once per import into plain closures."""

import hashlib
import math
from collections.abc import Callable, Mapping
from typing import Any

from concord.catalog.importing.fields import ANY, BOOLEAN, INTEGER, JSON, NUMBER, SLICES, Empty, Field, Reject
from concord.catalog.importing.values import (
    as_text,
    boolean_of,
    clean_json,
    clean_text,
    folded,
    integer_of,
    is_finite_number,
    json_of,
    name_of,
    number_of,
)

Values = list[Any]
Getter = Callable[[Values], Any]
OPTIONS = {
    "column", "value", "map", "contains", "default", "unmapped", "scale", "required", "hash", "prefix", "same_as", "empty",
    "decimal",
}  # fmt: skip
UNMAPPED = {"reject", "unparsed", "keep"}
DECIMALS = {".", ","}


def columns_of(binding: Any) -> list[str]:
    """The file's columns that a binding (or a table of bindings, for slices) reads."""
    if not isinstance(binding, Mapping):
        return []
    if "column" in binding and not isinstance(binding["column"], Mapping):
        others = binding.get("same_as")
        return [str(binding["column"]), *(map(str, others.values()) if isinstance(others, Mapping) else ())]
    return [name for inner in binding.values() if isinstance(inner, Mapping) for name in columns_of(inner)]


def problems(name: str, field: Field, binding: Any) -> list[str]:
    """What is wrong with a binding, in sentences."""
    if field.type == SLICES and isinstance(binding, Mapping):
        inner = Field(field.name)
        return [p for key, value in binding.items() for p in problems(f"{name}.{key}", inner, value)]
    if not isinstance(binding, Mapping):
        return [f'{name}: write {{"column": ...}} or {{"value": ...}}, not {binding!r}.']
    if ("column" in binding) == ("value" in binding):
        return [f'{name}: a binding has either "column" or "value".']
    found = [
        f"{name}: {key!r} is unknown; a binding may have {', '.join(sorted(OPTIONS))}."
        for key in sorted(set(binding) - OPTIONS)
    ]
    found += [
        f'{name}: "{key}" is a table from what stands in the file to what it means.'
        for key in ("map", "contains", "same_as")
        if key in binding and not isinstance(binding[key], Mapping)
    ]
    if str(binding.get("unmapped", "reject")) not in UNMAPPED:
        found.append(f'{name}: "unmapped" is one of {", ".join(sorted(UNMAPPED))}.')
    if "scale" in binding and not (is_finite_number(binding["scale"]) and field.type in (NUMBER, INTEGER)):
        found.append(f'{name}: "scale" is a number, for numeric fields only.')
    return found + text_problems(binding, f"{name}: ")


def text_problems(said: Mapping[str, Any], where: str = "") -> list[str]:
    """What is wrong with how cells are read: said of one binding, or of a mapping for all of them."""
    found = []
    if said.get("decimal", ".") not in DECIMALS:
        found.append(f'{where}"decimal" is the mark before the fraction: "." or ",".')
    empty = said.get("empty", [])
    if not (isinstance(empty, list) and all(isinstance(text, str) for text in empty)):
        found.append(f'{where}"empty" is a list of the texts that mean an empty cell.')
    return found


def compile_binding(field: Field, binding: Mapping[str, Any], places: Mapping[str, int]) -> Getter:
    """A function from a line's values to the field's typed value. It raises `Reject` (never anything else)."""
    if field.type == SLICES:
        return _slices(binding, places)
    source, is_empty = _source(binding, places), _emptiness(field, binding)
    required = bool(binding.get("required", field.required))
    understand, convert = _understanding(field, binding), _converter(field, binding)

    def get(values: Values) -> Any:
        raw = source(values)
        if is_empty(raw):
            if "default" in binding:
                return convert(binding["default"])
            if required:
                raise Empty(field.name)
            return None
        meant = understand(raw)
        return None if meant is None else convert(meant)

    return get if "column" in binding else _once(get)


def _once(get: Getter) -> Getter:
    """A constant means the same on every line."""
    try:
        constant = get([])
    except Reject:
        return get
    return lambda values: constant


def raw_text(binding: Mapping[str, Any], places: Mapping[str, int]) -> Getter:
    """What stood in the file, as text, for fields that keep it."""
    source, none = _source(binding, places), _nothing(binding)

    def get(values: Values) -> str:
        found = source(values)
        return "" if found is None or none(found) else clean_text("value", as_text("value", found))

    return get if "column" in binding else _once(get)


def _source(binding: Mapping[str, Any], places: Mapping[str, int]) -> Getter:
    if "column" not in binding:
        constant = binding["value"]
        return lambda values: constant
    place = places[str(binding["column"])]
    if "same_as" in binding:
        return _same_as(place, {str(said): places[str(other)] for said, other in binding["same_as"].items()})
    return lambda values: values[place]


def _same_as(place: int, others: Mapping[str, int]) -> Getter:
    """What it means that a cell repeats the cell of another column: a winner who is told by name is left or right."""

    def get(values: Values) -> Any:
        found = values[place]
        if found is None:
            return None
        name = folded(as_text("same_as", found)).casefold()
        alike = [
            said
            for said, other in others.items()
            if values[other] is not None and folded(as_text("same_as", values[other])).casefold() == name
        ]
        return alike[0] if len(alike) == 1 else found

    return get


def _emptiness(field: Field, binding: Mapping[str, Any]) -> Callable[[Any], bool]:
    """Whether nothing stands in a cell."""
    none, blank = _nothing(binding), not field.empty_is_value

    def is_empty(raw: Any) -> bool:
        if isinstance(raw, str):
            return (blank and not raw.strip()) or none(raw)
        return raw is None or (isinstance(raw, float) and math.isnan(raw))

    return is_empty


def _nothing(binding: Mapping[str, Any]) -> Callable[[Any], bool]:
    """Whether a cell holds one of the texts that `empty` names."""
    texts = {text.strip().casefold() for text in binding.get("empty", [])}
    if not texts:
        return lambda raw: False
    return lambda raw: isinstance(raw, str) and raw.strip().casefold() in texts


def _understanding(field: Field, binding: Mapping[str, Any]) -> Getter:
    """`contains` and `map`: what the cell means. None stands for unparsed."""
    table, parts = binding.get("map"), binding.get("contains")
    if table is None and parts is None:
        return _lenient_number(field, binding) if binding.get("unmapped") == "unparsed" else (lambda raw: raw)
    exact = {str(key): value for key, value in (table or {}).items()}
    alike = {folded(key).casefold(): value for key, value in exact.items()}
    hints = [(str(key), value) for key, value in (parts or {}).items()]
    unmapped, has_default = binding.get("unmapped", "reject"), "default" in binding

    def understand(raw: Any) -> Any:
        text = as_text(field.name, raw)
        if text in exact:
            return exact[text]
        if (fold := folded(text).casefold()) in alike:
            return alike[fold]
        for part, value in hints:
            if part in text:
                return value
        if has_default:
            return binding["default"]
        if unmapped == "unparsed":
            return None
        if unmapped == "keep":
            return raw
        nearly = any(part.casefold() in text.casefold() for part, _ in hints)
        why = " (a part of it is, but for capital letters)" if nearly else ""
        raise Reject(field.name, f"{text[:80]!r} is not in the mapping{why}")

    return understand


def _lenient_number(field: Field, binding: Mapping[str, Any]) -> Getter:
    decimal = str(binding.get("decimal", "."))

    def understand(raw: Any) -> Any:
        try:
            return number_of(field.name, raw, decimal)
        except Reject:
            return None

    return understand


def _converter(field: Field, binding: Mapping[str, Any]) -> Getter:
    name = field.name
    if binding.get("hash"):
        return lambda raw: hashlib.sha256(as_text(name, raw).encode("utf-8", "surrogatepass")).hexdigest()[
            :16
        ]
    if field.type in (NUMBER, INTEGER):
        scale, decimal = float(binding.get("scale", 1)), str(binding.get("decimal", "."))
        if field.type == INTEGER:
            return lambda raw: integer_of(name, raw, scale, decimal)
        return lambda raw: number_of(name, raw, decimal) * scale
    if field.type == BOOLEAN:
        return lambda raw: boolean_of(name, raw)
    if field.type == JSON:
        return lambda raw: json_of(name, raw)
    if field.type == ANY:
        return lambda raw: clean_json(name, raw)
    limit, prefix = field.max_length, str(binding.get("prefix", ""))
    if limit is None:
        return lambda raw: clean_text(name, as_text(name, raw))
    if prefix:
        return lambda raw: name_of(name, prefix + folded(as_text(name, raw)), limit)
    return lambda raw: name_of(name, raw, limit, verbatim=field.verbatim)


def _slices(binding: Mapping[str, Any], places: Mapping[str, int]) -> Getter:
    getters = [
        (str(key), compile_binding(Field("slices", required=False, max_length=200), inner, places))
        for key, inner in binding.items()
    ]

    def get(values: Values) -> dict[str, str]:
        found = ((key, getter(values)) for key, getter in getters)
        return {key: value for key, value in found if value is not None}

    return get
