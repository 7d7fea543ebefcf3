"""Bindings: how one field of a record gets its value from a line. Compiled once per import into plain closures."""

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from concord.catalog.services.importing.registry import (
    ANY,
    BOOLEAN,
    INTEGER,
    JSON,
    NUMBER,
    SLICES,
    Field,
    Reject,
)

Values = list[Any]
Getter = Callable[[Values], Any]
OPTIONS = {"column", "value", "map", "contains", "default", "unmapped", "scale", "required", "hash", "prefix"}
UNMAPPED = {"reject", "unparsed", "keep"}
LARGEST = 2**31 - 1
TRUE, FALSE = {"true", "yes", "y", "1", "t"}, {"false", "no", "n", "0", "f"}


def columns_of(binding: Any) -> list[str]:
    """The file's columns that a binding (or a table of bindings, for slices) reads."""
    if not isinstance(binding, Mapping):
        return []
    if "column" in binding:
        return [str(binding["column"])]
    return [name for inner in binding.values() if isinstance(inner, Mapping) for name in columns_of(inner)]


def problems(name: str, field: Field, binding: Any) -> list[str]:
    """What is wrong with a binding, in sentences."""
    if (
        field.type == SLICES
        and isinstance(binding, Mapping)
        and not ("column" in binding or "value" in binding)
    ):
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
        for key in ("map", "contains")
        if key in binding and not isinstance(binding[key], Mapping)
    ]
    if str(binding.get("unmapped", "reject")) not in UNMAPPED:
        found.append(f'{name}: "unmapped" is one of {", ".join(sorted(UNMAPPED))}.')
    if "scale" in binding and not (_is_number(binding["scale"]) and field.type in (NUMBER, INTEGER)):
        found.append(f'{name}: "scale" is a number, for numeric fields only.')
    return found


def compile_binding(field: Field, binding: Mapping[str, Any], places: Mapping[str, int]) -> Getter:
    """A function from a line's values to the field's typed value. It raises `Reject` (never anything else)."""
    if field.type == SLICES:
        return _slices(binding, places)
    source = _source(binding, places)
    required = bool(binding.get("required", field.required))
    understand, convert = _understanding(field, binding), _converter(field, binding)

    def get(values: Values) -> Any:
        raw = source(values)
        if _is_empty(raw, field):
            if "default" in binding:
                return convert(binding["default"])
            if required:
                raise Reject(field.name, "is empty")
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
    source = _source(binding, places)

    def get(values: Values) -> str:
        found = source(values)
        return "" if found is None else clean_text("value", as_text("value", found))

    return get if "column" in binding else _once(get)


def _source(binding: Mapping[str, Any], places: Mapping[str, int]) -> Getter:
    if "column" not in binding:
        constant = binding["value"]
        return lambda values: constant
    place = places[str(binding["column"])]
    return lambda values: values[place]


def _is_empty(raw: Any, field: Field) -> bool:
    if raw is None:
        return True
    if isinstance(raw, str):
        return not field.empty_is_value and (not raw or raw.isspace())
    return isinstance(raw, float) and math.isnan(raw)


def _understanding(field: Field, binding: Mapping[str, Any]) -> Getter:
    """`contains` and `map`: what the cell means. None stands for unparsed."""
    table, parts = binding.get("map"), binding.get("contains")
    if table is None and parts is None:
        return _lenient_number(field) if binding.get("unmapped") == "unparsed" else (lambda raw: raw)
    exact = {str(key): value for key, value in (table or {}).items()}
    folded = {key.strip().casefold(): value for key, value in exact.items()}
    hints = [(str(key), value) for key, value in (parts or {}).items()]
    unmapped, has_default = binding.get("unmapped", "reject"), "default" in binding

    def understand(raw: Any) -> Any:
        text = as_text(field.name, raw)
        if text in exact:
            return exact[text]
        if (fold := text.strip().casefold()) in folded:
            return folded[fold]
        for part, value in hints:
            if part in text:
                return value
        if has_default:
            return binding["default"]
        if unmapped == "unparsed":
            return None
        if unmapped == "keep":
            return raw
        raise Reject(field.name, f"{text[:80]!r} is not in the mapping")

    return understand


def _lenient_number(field: Field) -> Getter:
    def understand(raw: Any) -> Any:
        try:
            return _number(field.name, raw)
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
        scale = float(binding.get("scale", 1))
        return (
            (lambda raw: _number(name, raw) * scale)
            if field.type == NUMBER
            else (lambda raw: _integer(name, raw, scale))
        )
    if field.type == BOOLEAN:
        return lambda raw: _boolean(name, raw)
    if field.type == JSON:
        return lambda raw: _json(name, raw)
    if field.type == ANY:
        return lambda raw: clean_json(name, raw)
    limit, prefix = field.max_length, str(binding.get("prefix", ""))
    if prefix and limit is not None:
        return lambda raw: _name(name, prefix + as_text(name, raw), limit)
    return (
        (lambda raw: clean_text(name, as_text(name, raw)))
        if limit is None
        else (lambda raw: _name(name, raw, limit))
    )


def as_text(name: str, raw: Any) -> str:
    """A cell as text: whole floats lose their point (a table with gaps turns 8 into 8.0)."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e15:
        return str(int(raw))
    if isinstance(raw, dict | list):
        raise Reject(name, "holds a list or an object where text was expected")
    return str(raw)


def clean_text(name: str, text: str) -> str:
    """The text, if PostgreSQL can hold it."""
    if "\x00" in text:
        raise Reject(name, "holds a null byte")
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            raise Reject(name, "holds half a character (a lone surrogate)") from None
    return text


def _name(name: str, raw: Any, limit: int) -> str:
    text = clean_text(name, as_text(name, raw)).strip()
    if len(text) > limit:
        raise Reject(name, f"has {len(text):,} characters; at most {limit} fit")
    if not text:
        raise Reject(name, "is empty")
    return text


def _number(name: str, raw: Any) -> float:
    try:
        value = float(raw)
    except (TypeError, ValueError, OverflowError):
        raise Reject(name, f"{str(raw)[:80]!r} is not a number") from None
    if not math.isfinite(value):
        raise Reject(name, f"{str(raw)[:80]!r} is not a finite number")
    return value


def _is_number(raw: Any) -> bool:
    try:
        return isinstance(raw, int | float) and math.isfinite(raw)
    except OverflowError:
        return False


def _integer(name: str, raw: Any, scale: float) -> int:
    value = _number(name, raw) * scale
    if not value.is_integer() or abs(value) > LARGEST:
        raise Reject(name, f"{str(raw)[:80]!r} is not a whole number")
    return int(value)


def _boolean(name: str, raw: Any) -> bool:
    text = as_text(name, raw).strip().casefold()
    if text in TRUE:
        return True
    if text in FALSE:
        return False
    raise Reject(name, f"{text[:80]!r} is neither yes nor no")


def _json(name: str, raw: Any) -> Any:
    if isinstance(raw, str):
        try:
            raw = json.loads(raw)
        except (ValueError, RecursionError):
            raise Reject(name, "is not JSON") from None
    return clean_json(name, raw)


def clean_json(name: str, value: Any) -> Any:
    """JSON that PostgreSQL can hold: no null bytes, no lone surrogates, no NaN."""
    try:
        clean_text(
            name,
            json.dumps(value, ensure_ascii=False, allow_nan=False, default=str).replace("\\u0000", "\x00"),
        )
    except (ValueError, RecursionError) as error:
        raise Reject(name, f"cannot be kept as JSON: {error}") from None
    return value


def _slices(binding: Mapping[str, Any], places: Mapping[str, int]) -> Getter:
    getters = [
        (str(key), compile_binding(Field("slices", required=False, max_length=200), inner, places))
        for key, inner in binding.items()
    ]

    def get(values: Values) -> dict[str, str]:
        found = ((key, getter(values)) for key, getter in getters)
        return {key: value for key, value in found if value is not None}

    return get
