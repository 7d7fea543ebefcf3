"""Small evidence by hand: long-form arrays without a database."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from concord.estimates.enums import Direction, Estimand, Kind, Level
from concord.estimates.question import Question
from concord.estimates.ratings import Ratings
from concord.estimates.scores import Scores
from concord.scorecards.evidence import DimensionEvidence, Target

LABELS = {1.0: "comply", 2.0: "refuse"}
PREFERENCE = {1.0: 1.0, 2.0: 0.5, 3.0: 0.0}


def ints(values: Any) -> np.ndarray:
    return np.asarray(values, dtype=np.int64)


def ratings(rows: Sequence[tuple[int, int, int, float]], cannot_judge: int = 0) -> Ratings:
    """Rows of (system, example, rater, value); an output's id is 1000 times its system plus its example."""
    table = np.array(rows, dtype=np.float64).reshape(-1, 4)
    systems, examples = ints(table[:, 0]), ints(table[:, 1])
    outputs = systems * 1000 + examples
    nothing = np.full(len(table), -1)
    return Ratings(
        units=outputs,
        outputs=outputs,
        other_outputs=nothing,
        systems=systems,
        other_systems=nothing,
        examples=examples,
        raters=ints(table[:, 2]),
        values=table[:, 3],
        swapped=np.zeros(len(table), dtype=bool),
        seconds=np.full(len(table), np.nan),
        cannot_judge=cannot_judge,
    )


def scores(rows: Sequence[tuple[int, int, float]]) -> Scores:
    """Rows of (system, example, value); nan is unparsed."""
    table = np.array(rows, dtype=np.float64).reshape(-1, 3)
    systems, examples = ints(table[:, 0]), ints(table[:, 1])
    nothing = np.full(len(table), -1)
    return Scores(
        outputs=systems * 1000 + examples,
        other_outputs=nothing,
        systems=systems,
        other_systems=nothing,
        examples=examples,
        values=table[:, 2],
    )


def votes(rows: Sequence[tuple[int, int, int, int, float]]) -> Ratings:
    """Rows of (left system, right system, example, rater, value)."""
    table = np.array(rows, dtype=np.float64).reshape(-1, 5)
    left, right, examples = ints(table[:, 0]), ints(table[:, 1]), ints(table[:, 2])
    return Ratings(
        units=left * 1_000_000 + right * 1000 + examples,
        outputs=left * 1000 + examples,
        other_outputs=right * 1000 + examples,
        systems=left,
        other_systems=right,
        examples=examples,
        raters=ints(table[:, 3]),
        values=table[:, 4],
        swapped=np.zeros(len(table), dtype=bool),
        seconds=np.full(len(table), np.nan),
    )


def verdicts(rows: Sequence[tuple[int, int, int, float]]) -> Scores:
    """A machine's comparisons: rows of (left system, right system, example, value)."""
    found = votes([(left, right, example, -1, value) for left, right, example, value in rows])
    return Scores(
        outputs=found.outputs,
        other_outputs=found.other_outputs,
        systems=found.systems,
        other_systems=found.other_systems,
        examples=found.examples,
        values=found.values,
    )


def rate(**changes: Any) -> Question:
    fields: dict[str, Any] = {
        "name": "unsafe",
        "estimand": Estimand.RATE,
        "labels": (1.0,),
        "direction": Direction.LOWER,
        "kind": Kind.CHOICE,
        "level": Level.NOMINAL,
        "label_names": LABELS,
    }
    return Question(**(fields | changes))


def mean(**changes: Any) -> Question:
    names = {float(value): str(value) for value in range(1, 6)}
    return Question(**({"name": "quality", "label_names": names} | changes))


def preference(**changes: Any) -> Question:
    fields: dict[str, Any] = {
        "name": "better",
        "estimand": Estimand.WIN_RATE,
        "kind": Kind.PREFERENCE,
        "level": Level.NOMINAL,
        "outcomes": PREFERENCE,
        "label_names": {1.0: "left", 2.0: "tie", 3.0: "right"},
    }
    return Question(**(fields | changes))


def target(rows: Sequence[tuple[int, int]]) -> Target:
    table = ints(rows).reshape(-1, 2)
    return Target(outputs=table[:, 0] * 1000 + table[:, 1], systems=table[:, 0], examples=table[:, 1])


def dimension(
    question: Question, people: Ratings | None = None, machine: Scores | None = None, **more: Any
) -> DimensionEvidence:
    return DimensionEvidence(question=question, ratings=people, scores=machine, **more)
