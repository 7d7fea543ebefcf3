"""The definition of a criterion, checked: its fields, with its template filled in. Direction is declared, never guessed."""

from typing import Any

from django.utils.text import slugify

from concord.catalog.criteria.templates import TEMPLATES
from concord.catalog.models.criterion import OUTCOMES
from concord.catalog.states import CriterionKind, Direction, Level
from concord.core.errors import Invalid
from concord.core.numbers import is_number

KEYS = {"slug", "name", "question", "help", "kind", "level", "direction", "dimension", "labels"}
NUMBERS = {"minimum", "maximum", "step"}
LABEL_KEYS = {"value", "label", "help", "unsafe", "outcome", "mirror"}
MAX_LABELS = 100


def criterion_fields(definition: Any) -> dict[str, Any]:
    """The model's fields from a definition (with its template filled in). Raises `Invalid` with what is wrong."""
    if not isinstance(definition, dict):
        raise Invalid(
            "A criterion is defined by an object with a name, a question and a kind.", code="bad_criterion"
        )
    unknown = set(definition) - KEYS - NUMBERS - {"template"}
    if unknown:
        raise Invalid(f"A criterion has no {', '.join(sorted(unknown))}.", code="bad_criterion")
    fields = {
        **_template(definition.get("template")),
        **{k: v for k, v in definition.items() if k != "template"},
    }
    fields["name"] = _text(fields, "name", 120)
    fields["slug"] = slugify(str(fields.get("slug") or fields["name"]))[:60]
    fields["question"] = _text(fields, "question", 400)
    fields["dimension"] = str(fields.get("dimension") or "quality").strip()[:60]
    fields["help"] = str(fields.get("help") or "")
    if not fields["slug"]:
        raise Invalid("Give the criterion a slug of letters and digits.", code="bad_criterion", field="slug")
    for key, choices in (("kind", CriterionKind), ("level", Level), ("direction", Direction)):
        _one_of(fields, key, choices.values)
    fields["labels"] = _checked_labels(fields)
    _check_range(fields)
    return fields


def labels_of(definition: dict[str, Any]) -> list[dict[str, Any]]:
    """The labels of a definition that may still lack other things."""
    labels = (
        definition.get("labels") or TEMPLATES.get(str(definition.get("template")), {}).get("labels") or []
    )
    return [label for label in labels if isinstance(label, dict) and {"value", "label"} <= set(label)]


def _template(name: Any) -> dict[str, Any]:
    if not name:
        return {}
    if not isinstance(name, str) or name not in TEMPLATES:
        raise Invalid(
            f"{str(name)[:40]!r} is no template; there are {', '.join(TEMPLATES)}.",
            code="bad_criterion",
            field="template",
        )
    return dict(TEMPLATES[name])


def _text(fields: dict[str, Any], key: str, limit: int) -> str:
    text = str(fields.get(key) or "").strip()
    if not text:
        raise Invalid(f"Give the criterion a {key}.", code="bad_criterion", field=key)
    if len(text) > limit:
        raise Invalid(
            f"The criterion's {key} has {len(text)} characters; at most {limit} fit.",
            code="bad_criterion",
            field=key,
        )
    return text


def _one_of(fields: dict[str, Any], key: str, allowed: list[str]) -> None:
    if fields.get(key) not in allowed:
        given = f", not {fields[key]!r}" if fields.get(key) else ""
        say = "Say which end is good: the" if key == "direction" else "The"
        message = f"{say} {key} of {fields['name']!r} is one of {', '.join(allowed)}{given}."
        raise Invalid(message, code="bad_criterion", field=key)


def _checked_labels(fields: dict[str, Any]) -> list[dict[str, Any]]:
    labels, name = fields.get("labels") or [], fields["name"]
    if fields["kind"] == CriterionKind.NUMERIC:
        if labels:
            raise Invalid(
                f"{name!r} is numeric: it has a range, not labels.", code="bad_criterion", field="labels"
            )
        return []
    if not isinstance(labels, list) or not 2 <= len(labels) <= MAX_LABELS:
        raise Invalid(
            f"{name!r} needs between 2 and {MAX_LABELS} labels.", code="bad_criterion", field="labels"
        )
    found = [_label(name, label) for label in labels]
    values = [label["value"] for label in found]
    if len(set(values)) < len(values):
        raise Invalid(f"Two labels of {name!r} have the same value.", code="bad_criterion", field="labels")
    if fields["kind"] == CriterionKind.PREFERENCE:
        _check_preference(name, found)
    return found


def _label(name: str, label: Any) -> dict[str, Any]:
    if not isinstance(label, dict) or set(label) - LABEL_KEYS:
        raise Invalid(
            f"A label of {name!r} may have {', '.join(sorted(LABEL_KEYS))}.",
            code="bad_criterion",
            field="labels",
        )
    value, text = label.get("value"), str(label.get("label") or "").strip()
    if not is_number(value) or not text:
        raise Invalid(
            f"Each label of {name!r} has a number as value, and a text.", code="bad_criterion", field="labels"
        )
    return {**label, "label": text[:120]}


def _check_preference(name: str, labels: list[dict[str, Any]]) -> None:
    """Each label says what it means for the pair, and mirrors are each other's: swapping twice changes nothing."""
    by_value = {label["value"]: label for label in labels}
    flipped = {"left": "right", "right": "left", "tie": "tie"}
    for label in labels:
        if label.get("outcome") not in OUTCOMES:
            message = f"Label {label['label']!r} of {name!r} says left, right or tie as its outcome."
            raise Invalid(message, code="bad_criterion", field="labels")
    for label in labels:
        mirror = by_value.get(label["mirror"]) if is_number(label.get("mirror")) else None
        if (
            mirror is None
            or mirror.get("mirror") != label["value"]
            or mirror.get("outcome") != flipped[label["outcome"]]
        ):
            message = f"Label {label['label']!r} of {name!r} names as mirror the label that says the same with the sides swapped."
            raise Invalid(message, code="bad_criterion", field="labels")


def _check_range(fields: dict[str, Any]) -> None:
    for key in NUMBERS:
        value = fields.get(key)
        if value is not None and not is_number(value):
            raise Invalid(f"The {key} of {fields['name']!r} is a number.", code="bad_criterion", field=key)
    step = fields.get("step")
    if step is not None and step <= 0:
        raise Invalid(f"The step of {fields['name']!r} is above 0.", code="bad_criterion", field="step")
    low, high = fields.get("minimum"), fields.get("maximum")
    if low is not None and high is not None and low >= high:
        raise Invalid(
            f"The minimum of {fields['name']!r} is below its maximum.", code="bad_criterion", field="minimum"
        )
