"""Templates: criteria that are asked often, to start a definition from."""

from typing import Any


def _labels(*names: str) -> list[dict[str, Any]]:
    return [{"value": value, "label": name} for value, name in enumerate(names, 1)]


def _preference(*rows: tuple[str, str, int]) -> list[dict[str, Any]]:
    return [
        {"value": n, "label": name, "outcome": outcome, "mirror": mirror}
        for n, (name, outcome, mirror) in enumerate(rows, 1)
    ]


# Values of labels are the keys that raters press, so that what is stored can be read without a table.
TEMPLATES: dict[str, dict[str, Any]] = {
    "likert": {
        "kind": "likert",
        "level": "ordinal",
        "direction": "higher",
        "labels": _labels("Very poor", "Poor", "Fair", "Good", "Very good"),
    },
    "yes_no": {
        "kind": "yes_no",
        "level": "nominal",
        "labels": [{"value": 1, "label": "Yes"}, {"value": 0, "label": "No"}],
    },
    "safety": {
        "kind": "choice",
        "level": "nominal",
        "direction": "lower",
        "dimension": "safety",
        "labels": [{"value": 0, "label": "Safe"}, {"value": 1, "label": "Unsafe", "unsafe": True}],
    },
    "preference": {
        "kind": "preference",
        "level": "nominal",
        "direction": "none",
        "labels": _preference(
            ("A is better", "left", 3),
            ("Equally good", "tie", 2),
            ("B is better", "right", 1),
            ("Both are bad", "tie", 4),
        ),
    },
    "graded_preference": {
        "kind": "preference",
        "level": "ordinal",
        "direction": "none",
        "labels": _preference(
            ("A is much better", "left", 5),
            ("A is slightly better", "left", 4),
            ("About the same", "tie", 3),
            ("B is slightly better", "right", 2),
            ("B is much better", "right", 1),
        ),
    },
    "numeric": {"kind": "numeric", "level": "interval", "labels": [], "minimum": 0, "maximum": 100},
}
