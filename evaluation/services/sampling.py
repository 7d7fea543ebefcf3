"""The settings of generation: names, limits and defaults."""

from typing import Any

from concord.core.errors import Invalid

LIMITS: dict[str, tuple[float, float]] = {
    "max_tokens": (1, 131_072),
    "temperature": (0, 5),
    "top_p": (0.01, 1),
    "seed": (0, 2**31 - 1),
}
WHOLE = {"max_tokens", "seed"}
DEFAULTS: dict[str, Any] = {
    "max_tokens": 256,
    "temperature": 0.0,
    "top_p": 1.0,
    "seed": 0,
    "stop": [],
    "normalise": "sum",
}
NORMALISE = ("sum", "tokens", "characters")


def check_sampling(given: dict[str, Any]) -> dict[str, Any]:
    """The settings with defaults filled in. Raises `Invalid`, naming the setting and the value."""
    if not isinstance(given, dict):
        raise Invalid("Settings are an object.", code="bad_settings", field="settings")
    for name, value in given.items():
        if name not in DEFAULTS:
            raise Invalid(
                f"There is no setting {str(name)[:40]!r}; there are {', '.join(DEFAULTS)}.",
                code="bad_settings",
                field="settings",
            )
        if name in LIMITS:
            _check_number(name, value)
    stop, normalise = given.get("stop", []), given.get("normalise", "sum")
    if (
        not isinstance(stop, list)
        or len(stop) > 16
        or not all(isinstance(text, str) and text for text in stop)
    ):
        raise Invalid("stop is a list of at most 16 texts.", code="bad_settings", field="settings")
    if normalise not in NORMALISE:
        raise Invalid(f"normalise is one of {', '.join(NORMALISE)}.", code="bad_settings", field="settings")
    return {**DEFAULTS, **{name: int(value) if name in WHOLE else value for name, value in given.items()}}


def _check_number(name: str, value: Any) -> None:
    low, high = LIMITS[name]
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not low <= value <= high or (name in WHOLE and value != int(value)):
        kind = "whole number" if name in WHOLE else "number"
        raise Invalid(
            f"{name} is a {kind} from {low:g} to {high:g}, not {value!r}.",
            code="bad_settings",
            field="settings",
        )
