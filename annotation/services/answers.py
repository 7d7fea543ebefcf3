"""Checking what a rater answered, and turning it into the unit's own orientation."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from annotation.models import StudyRater
from annotation.selectors.tasks import asked_rows, parsed
from concord.catalog.states import CriterionKind
from concord.core.errors import Invalid

LONGEST_REASON = 400


@dataclass(frozen=True)
class Answer:
    """A value, or no value and the reason why it could not be judged."""

    value: float | None = None
    reason: str = ""


@dataclass(frozen=True)
class Scale:
    """What may be answered to one criterion, and what each answer becomes when the sides were swapped."""

    criterion_id: int
    name: str
    required: bool
    values: frozenset[float]
    mirrors: Mapping[float, float]
    minimum: float | None
    maximum: float | None


def read_answers(raw: Mapping[str, Any]) -> dict[int, Answer]:
    """Answers as they come in JSON: `{"<criterion>": 4}` or `{"<criterion>": {"cannot_judge": "why"}}`; null is no answer."""
    if not isinstance(raw, Mapping):
        raise Invalid("Answers are an object from criterion to value.", code="answers")
    return {_criterion(key): _answer(key, value) for key, value in raw.items() if value is not None}


def _criterion(key: Any) -> int:
    try:
        return int(key)
    except (TypeError, ValueError):
        raise Invalid(f"{key!r} is not the id of a criterion.", code="answers") from None


def _answer(key: Any, value: Any) -> Answer:
    if isinstance(value, Mapping) and "cannot_judge" in value:
        return Answer(None, clean_text(str(value["cannot_judge"]), LONGEST_REASON, "The reason"))
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Invalid(f"The answer to criterion {key} is neither a number nor a reason.", code="answers")
    try:
        return Answer(float(value))
    except (ValueError, OverflowError):
        raise Invalid(
            f"The answer to criterion {key} is not a number: {value!r:.40}.", code="answers"
        ) from None


def clean_text(text: str, longest: int, what: str) -> str:
    """Without the null characters that PostgreSQL refuses; too long is said, not cut."""
    text = text.replace("\x00", "").strip()
    if len(text) > longest:
        raise Invalid(f"{what} has {len(text)} characters; at most {longest} are kept.", code="too_long")
    return text


def scales_of(seat: StudyRater) -> tuple[Scale, ...]:
    """The scales of the study's criteria, in order."""
    return tuple(_scale(row) for row in asked_rows(seat))


def _scale(row: tuple[Any, ...]) -> Scale:
    pk, name, _, _, kind, labels, low, high, _, required = row
    labels = parsed(labels) or []
    values = frozenset(float(one["value"]) for one in labels)
    return Scale(pk, name, required, values, mirrors_of(kind, labels), low, high)


def mirrors_of(kind: str, labels: list[dict[str, Any]]) -> dict[float, float]:
    """For each label of a preference, the one that says the same when the sides are exchanged.

    Declared by `mirror`; where a criterion has just one label for left and one for right, these two mirror each other.
    """
    if kind != CriterionKind.PREFERENCE:
        return {}
    left = [float(one["value"]) for one in labels if one.get("outcome") == "left"]
    right = [float(one["value"]) for one in labels if one.get("outcome") == "right"]
    implied = {left[0]: right[0], right[0]: left[0]} if len(left) == len(right) == 1 else {}
    return implied | {float(one["value"]): float(one["mirror"]) for one in labels if "mirror" in one}


def checked(scales: tuple[Scale, ...], answers: Mapping[int, Answer], *, swapped: bool) -> dict[int, Answer]:
    """The answers in the unit's own orientation. Raises `Invalid` (code `answers`) naming each criterion that is wrong."""
    by_id = {scale.criterion_id: scale for scale in scales}
    errors = {pk: "This study does not ask that." for pk in answers if pk not in by_id}
    for scale in scales:
        answer = answers.get(scale.criterion_id)
        if problem := _problem(scale, answer):
            errors[scale.criterion_id] = problem
    if not errors and not answers:
        errors = {scale.criterion_id: "Answer at least one question." for scale in scales[:1]}
    if errors:
        raise Invalid(
            "Some answers are missing or do not fit. Nothing was saved.", code="answers", errors=errors
        )
    return {pk: turned(by_id[pk], answer) if swapped else answer for pk, answer in answers.items()}


def turned(scale: Scale, answer: Answer) -> Answer:
    """The same statement with the sides exchanged; its own inverse."""
    if answer.value is None:
        return answer
    return Answer(scale.mirrors.get(answer.value, answer.value), answer.reason)


def _problem(scale: Scale, answer: Answer | None) -> str:
    if answer is None:
        return f"Please answer “{scale.name}”, or say why it cannot be judged." if scale.required else ""
    if answer.value is None:
        return "" if answer.reason.strip() else "Please say in a few words why it cannot be judged."
    if not math.isfinite(answer.value):
        return "The answer must be a finite number."
    if scale.values:
        return "" if answer.value in scale.values else f"{answer.value:g} is not one of the labels."
    if scale.minimum is not None and answer.value < scale.minimum:
        return f"{answer.value:g} is below {scale.minimum:g}."
    if scale.maximum is not None and answer.value > scale.maximum:
        return f"{answer.value:g} is above {scale.maximum:g}."
    return ""
