"""Cells as typed values: text, names, numbers, yes and no, JSON. What cannot be converted is a `Reject` with its reason."""

import json
import math
import re
from typing import Any

from concord.catalog.importing.fields import Empty, Reject

LARGEST = 2**31 - 1
TRUE, FALSE = {"true", "yes", "y", "1", "t"}, {"false", "no", "n", "0", "f"}
WHOLE = re.compile(r"(-?\d+)\.0+")


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


def folded(text: str) -> str:
    """A name without outer blanks; a whole number loses its point, as a column with gaps is written 8.0 for 8."""
    text = text.strip()
    whole = WHOLE.fullmatch(text)
    return whole[1] if whole else text


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


def name_of(name: str, raw: Any, limit: int, *, verbatim: bool = False) -> str:
    """A name by which things are found: in every format and file the same for the same thing."""
    text = clean_text(name, as_text(name, raw))
    text = text.strip() if verbatim else folded(text)
    if len(text) > limit:
        raise Reject(name, f"has {len(text):,} characters; at most {limit} fit")
    if not text:
        raise Empty(name)
    return text


def number_of(name: str, raw: Any, decimal: str = ".") -> float:
    """A finite number; `decimal` is the mark that text has before its fraction."""
    if isinstance(raw, str):
        if "_" in raw or (
            decimal != "." and "." in raw
        ):  # 1_000 is a number for Python only; 1.234,5 could be two
            raise Reject(name, f"{raw[:80]!r} is not a number with the decimal mark {decimal}")
        raw = raw.replace(decimal, ".")
    try:
        value = float(raw)
    except (TypeError, ValueError, OverflowError):
        raise Reject(name, f"{str(raw)[:80]!r} is not a number") from None
    if not math.isfinite(value):
        raise Reject(name, f"{str(raw)[:80]!r} is not a finite number")
    return value


def is_finite_number(raw: Any) -> bool:
    try:
        return isinstance(raw, int | float) and math.isfinite(raw)
    except OverflowError:
        return False


def integer_of(name: str, raw: Any, scale: float = 1.0, decimal: str = ".") -> int:
    value = number_of(name, raw, decimal) * scale
    if not value.is_integer() or abs(value) > LARGEST:
        raise Reject(name, f"{str(raw)[:80]!r} is not a whole number")
    return int(value)


def boolean_of(name: str, raw: Any) -> bool:
    text = folded(as_text(name, raw)).casefold()
    if text in TRUE:
        return True
    if text in FALSE:
        return False
    raise Reject(name, f"{text[:80]!r} is neither yes nor no")


def json_of(name: str, raw: Any) -> Any:
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
