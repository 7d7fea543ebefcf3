"""Numbers as people read them: estimate, interval, n; rounded to what the interval can bear; missing is a word, never 0."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

UNDEFINED = "undefined"
# How a figure is shown: factor and unit. A difference of two shares is in percentage points, never in percent.
SCALES = {
    "": (1.0, ""),
    "percent": (100.0, "\u00a0%"),
    "points": (100.0, "\u00a0pp"),
    "ms": (1.0, "\u00a0ms"),
}


@dataclass(frozen=True, kw_only=True)
class Parts:
    """An estimate as text. `undefined` is the reason where there is no value, and then the rest is empty."""

    value: str = ""
    low: str = ""
    high: str = ""
    n: str = ""
    undefined: str = ""


def _get(estimate: Any, name: str) -> Any:
    """An estimate's entry, of a mapping or of an object."""
    return estimate.get(name) if isinstance(estimate, Mapping) else getattr(estimate, name, None)


def as_float(value: Any) -> float | None:
    """A finite float, or None for whatever is none."""
    try:
        shown = float(value)
    except (TypeError, ValueError):
        return None
    return shown if math.isfinite(shown) else None


def number(value: Any, digits: int | None = None) -> str:
    """With thousands separators; `digits` decimals, or as many as three significant figures need."""
    shown = as_float(value)
    if shown is None:
        return UNDEFINED
    if digits is None:
        digits = 0 if shown == int(shown) else max(0, 2 - _magnitude(shown))
    text = f"{shown:,.{int(digits)}f}"
    return _minus("0" + text[2:] if text.strip("-0.,") == "" and text.startswith("-") else text)


def decimals(low: float, high: float) -> int:
    """Decimals that an interval can bear: down to the first digit of its half-width, one more where that digit is 1 or 2."""
    half = abs(high - low) / 2
    if half == 0 or not math.isfinite(half):
        return 3
    magnitude = _magnitude(half)
    leading = int(half / 10**magnitude + 1e-9)
    return min(6, max(0, -magnitude + (1 if leading <= 2 else 0)))


def column_digits(estimates: Iterable[Any], *, factor: float = 1.0) -> int | None:
    """Decimals for a whole column of estimates: what the middle one of their intervals can bear; None without any interval."""
    ends = [(as_float(_get(one, "low")), as_float(_get(one, "high"))) for one in estimates if one is not None]
    borne = sorted(
        decimals(low * factor, high * factor)
        for low, high in ends
        if low is not None and high is not None and high > low
    )
    return borne[len(borne) // 2] if borne else None


def aligned(column: Iterable[dict[str, Any] | None], scale: str = "") -> None:
    """Give every estimate of a column the same number of decimals."""
    rows = [one for one in column if one is not None]
    digits = column_digits(rows, factor=SCALES[scale][0])
    for one in rows:
        one["digits"] = digits


def in_column(column: Iterable[Any], scale: str = "") -> list[dict[str, Any] | None]:
    """What is printed of a column's estimates, objects or mappings, all with the same number of decimals."""
    rows = [None if one is None else _printed(one) for one in column]
    aligned(rows, scale)
    return rows


def _printed(estimate: Any) -> dict[str, Any]:
    numbers = {name: as_float(_get(estimate, name)) for name in ("value", "low", "high")}
    return {**numbers, "n": _get(estimate, "n"), "undefined": _get(estimate, "undefined")}


def estimate_parts(
    estimate: Any, *, percent: bool = False, scale: str = "", digits: int | None = None
) -> Parts:
    """The texts of an estimate, given as an object or a mapping with value, low, high, n and undefined.

    `scale` is one of `SCALES`; `percent=True` is short for "percent". `digits` are those of its column, where it stands in one;
    an entry of that name says so too (`aligned` sets it).
    """
    if estimate is None:
        return Parts(undefined="not computed")
    value = as_float(_get(estimate, "value"))
    if value is None:
        return Parts(undefined=str(_get(estimate, "undefined") or UNDEFINED))
    low, high, n = as_float(_get(estimate, "low")), as_float(_get(estimate, "high")), _get(estimate, "n")
    factor, unit = SCALES["percent" if percent else scale]
    count = "" if n is None else number(n, 0)
    digits = _get(estimate, "digits") if digits is None else digits
    if low is None or high is None:
        return Parts(value=number(value * factor, digits) + unit, n=count)
    digits = decimals(low * factor, high * factor) if digits is None else digits
    texts = [number(each * factor, digits) for each in (value, low, high)]
    return Parts(value=texts[0] + unit, low=texts[1] + unit, high=texts[2] + unit, n=count)


def duration(value: Any) -> str:
    """Seconds as 430 ms, 4.2 s, 38 s, 3 min 20 s, 2 h 5 min, 3 d 4 h."""
    shown = as_float(value)
    if shown is None:
        return UNDEFINED
    if shown < 1:
        return f"{shown * 1000:.0f}\u00a0ms"
    if shown < 10:
        return f"{shown:.1f}\u00a0s"
    whole = round(shown)
    for size, unit, below, smaller in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            rest = whole % size // below
            return f"{whole // size}\u00a0{unit}" + (f" {rest}\u00a0{smaller}" if rest else "")
    return f"{whole}\u00a0s"


def since(passed: float) -> str:
    """How long ago, in the largest whole unit."""
    if passed < 10:
        return "just now"
    for size, unit in (
        (86400 * 365, "year"),
        (86400 * 30, "month"),
        (86400, "day"),
        (3600, "hour"),
        (60, "minute"),
        (1, "second"),
    ):
        if passed >= size:
            count = int(passed // size)
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "just now"


def _magnitude(value: float) -> int:
    return math.floor(math.log10(abs(value))) if value else 0


def _minus(text: str) -> str:
    return text.replace("-", "\u2212")
