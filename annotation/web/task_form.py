"""A task's questions as a form: what the page shows for each, and what came back from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from annotation.selectors.tasks import Question, Task
from concord.catalog.states import CriterionKind

CANNOT = "cannot_judge"
LETTERS = "xyzabdefghjklmopqrtvw"  # none that the page uses for something else


@dataclass(frozen=True)
class Option:
    """One label as a radio button. `key` is the digit or letter that picks it, empty where there is none."""

    value: str
    label: str
    help: str
    key: str
    checked: bool


@dataclass(frozen=True)
class Row:
    """One question with its options and what is answered so far."""

    question: Question
    options: tuple[Option, ...]
    number: str
    cannot: bool
    reason: str
    error: str

    @property
    def is_number(self) -> bool:
        return not self.options


def rows_of(task: Task, errors: Mapping[Any, str] | None = None) -> tuple[Row, ...]:
    """The questions of a task, filled with its draft."""
    answers = task.draft.get("answers")
    given = answers if isinstance(answers, Mapping) else {}
    said = errors or {}
    return tuple(
        _row(question, given.get(str(question.id)), said.get(question.id, "")) for question in task.questions
    )


def _row(question: Question, given: Any, error: str) -> Row:
    cannot = isinstance(given, Mapping)
    shown = "" if given is None or cannot else text_of(given)
    keys = keys_of(question)
    return Row(
        question=question,
        options=tuple(
            Option(text_of(label.value), label.label, label.help, key, checked=text_of(label.value) == shown)
            for label, key in zip(question.labels, keys, strict=True)
        ),
        number="" if question.labels else shown,
        cannot=cannot,
        reason=str(given.get(CANNOT, "")) if cannot else "",
        error=error,
    )


def keys_of(question: Question) -> list[str]:
    """The key for each label. A key that reads like a label picks that label: 7 on a scale from 0 to 10 is never the place.

    Where labels are digits, what is none (10) gets a letter; else a Likert scale of single digits goes by its values, and
    everything else by its place, the tenth being 0.
    """
    texts = [label.label.strip() for label in question.labels]
    if any(_is_digit(text) for text in texts):
        letters = iter(LETTERS)
        return [text if _is_digit(text) else next(letters, "") for text in texts]
    values = [text_of(label.value) for label in question.labels]
    if question.kind == CriterionKind.LIKERT and all(_is_digit(value) for value in values):
        return values
    return [str((place + 1) % 10) if place < 10 else "" for place in range(len(values))]


def _is_digit(text: str) -> bool:
    return len(text) == 1 and text in "0123456789"


def text_of(value: Any) -> str:
    """A number as a form carries it: 4, not 4.0; whatever is no number as it is."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def answers_in(post: Mapping[str, Any]) -> dict[str, Any]:
    """What a plain form said, in the shape that `read_answers` takes; unanswered questions are left out."""
    answers: dict[str, Any] = {}
    for name, value in post.items():
        if not name.startswith("q-") or value == "":
            continue
        pk = name.removeprefix("q-")
        answers[pk] = {CANNOT: str(post.get(f"reason-{pk}", ""))} if value == CANNOT else value
    return answers
