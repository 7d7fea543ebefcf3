"""What a rater's page receives. Built here and nowhere else, so that no template can leak what a rater must not know."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from annotation.models import StudyRater
from annotation.selectors.hot import all_rows, first_row
from concord.core.errors import Missing


@dataclass(frozen=True)
class Label:
    value: float
    label: str
    help: str = ""


@dataclass(frozen=True)
class Question:
    """One criterion as it is asked. `outcomes` and `mirrors` stay out: they belong to the analysis."""

    id: int
    name: str
    question: str
    help: str
    kind: str
    labels: tuple[Label, ...]
    minimum: float | None
    maximum: float | None
    step: float | None
    required: bool


@dataclass(frozen=True)
class Side:
    """One output as shown. `name` is "A" or "B" in a pair, empty when it stands alone; never the system's name."""

    name: str
    text: str
    text_kind: str
    content: list[Any] | None


@dataclass(frozen=True)
class Task:
    """One unit on one rater's screen, in the order of sides in which it is to be shown."""

    key: str
    kind: str
    prompt: list[Any]
    choices: list[Any] | None
    reference: list[Any] | None
    sides: tuple[Side, ...]
    questions: tuple[Question, ...]
    draft: dict[str, Any] = field(default_factory=dict)
    lease_seconds_left: int = 0

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


# The columns are named one by one on purpose: no system, no slices, no gold, nobody else's ratings.
TASK = """
SELECT a.key, a.swapped, a.draft, GREATEST(0, extract(epoch FROM a.expires_at - now()))::int,
       e.content, e.choices, CASE WHEN s.show_reference THEN e.reference END, s.show_prompt, s.kind,
       o.text, o.text_kind, o.content, p.text, p.text_kind, p.content
FROM annotation_assignment a
JOIN annotation_study s ON s.id = a.study_id
JOIN annotation_unit u ON u.id = a.unit_id
JOIN catalog_example e ON e.id = u.example_id
JOIN catalog_output o ON o.id = u.output_id
LEFT JOIN catalog_output p ON p.id = u.other_output_id
WHERE a.id = %s
"""

QUESTIONS = """
SELECT c.id, c.name, c.question, c.help, c.kind, c.labels, c.minimum, c.maximum, c.step, q.required
FROM annotation_studycriterion q JOIN catalog_criterion c ON c.id = q.criterion_id
WHERE q.study_id = %s ORDER BY q.position, q.id
"""


def task_payload(*, assignment_id: int, seat: StudyRater) -> Task:
    """The blind payload of one assignment of this seat."""
    row = first_row(TASK, [assignment_id])
    if row is None:
        raise Missing("This task is gone.")
    key, swapped, draft, left, content, choices, reference, show_prompt, kind, *outputs = row
    return Task(
        key=str(UUID(str(key))),
        kind=kind,
        prompt=parsed(content) or [] if show_prompt else [],
        choices=parsed(choices) if show_prompt else None,
        reference=_reference_blocks(parsed(reference)),
        sides=_sides(outputs, swapped),
        questions=questions_of(seat),
        draft=parsed(draft) or {},
        lease_seconds_left=left,
    )


def asked_rows(seat: StudyRater) -> list[tuple[Any, ...]]:
    """The study's criteria as they lie in the tables, read once per seat (which lives as long as a request)."""
    kept: dict[str, Any] = vars(seat)
    if "asked_rows" not in kept:
        kept["asked_rows"] = all_rows(QUESTIONS, [seat.study_id])
    return list(kept["asked_rows"])


def questions_of(seat: StudyRater) -> tuple[Question, ...]:
    """The study's questions in their order, without anything that tells which answer is wanted."""
    return tuple(
        Question(pk, name, question, text, kind, _labels(parsed(labels)), low, high, step, required)
        for pk, name, question, text, kind, labels, low, high, step, required in asked_rows(seat)
    )


def _labels(raw: Any) -> tuple[Label, ...]:
    return tuple(Label(float(one["value"]), str(one["label"]), str(one.get("help", ""))) for one in raw or [])


def _sides(outputs: list[Any], swapped: bool) -> tuple[Side, ...]:
    text, kind, content, other_text, other_kind, other_content = outputs
    if other_text is None:
        return (Side("", text, kind, parsed(content)),)
    pair = [(text, kind, parsed(content)), (other_text, other_kind, parsed(other_content))]
    if swapped:
        pair.reverse()
    return tuple(Side(name, *shown) for name, shown in zip("AB", pair, strict=True))


def _reference_blocks(reference: Any) -> list[Any] | None:
    """A reference answer as blocks: a list of blocks stays, anything else becomes text."""
    if reference is None:
        return None
    if isinstance(reference, list) and all(
        isinstance(block, dict) and "type" in block for block in reference
    ):
        return reference
    accepted = reference if isinstance(reference, list) else [reference]
    return [{"type": "text", "text": "\n".join(str(one) for one in accepted)}]


def parsed(value: Any) -> Any:
    """JSON columns arrive as text through a plain cursor."""
    return json.loads(value) if isinstance(value, str | bytes) else value
