"""Simulated raters: programs that answer through the same services as people, and are marked as simulated everywhere."""

import math
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from annotation.models import Study, StudyRater
from annotation.selectors.tasks import Question, Task
from annotation.services.assigning import next_task
from annotation.services.joining import rater_named, seat_rater
from annotation.services.submitting import Answer, submit


@dataclass(frozen=True)
class Skill:
    """How a simulated rater errs: chance of a careless answer, lean to the left, shift on scales; and its pace in seconds."""

    name: str
    slip: float
    lean_left: float = 0.0
    shift: float = 0.0
    pace: float = 20.0


SKILLS = (
    Skill("Simulated Ada (careful)", slip=0.02, pace=34),
    Skill("Simulated Ben (good)", slip=0.07, shift=0.2, pace=24),
    Skill("Simulated Cleo (strict)", slip=0.06, shift=-0.6, pace=28),
    Skill("Simulated Dan (hasty)", slip=0.22, lean_left=0.4, pace=8),
)

Truth = Callable[
    [Task, int], dict[str, float]
]  # the facts about the shown side, by criterion name; "quality" for comparisons


class SimulatedRater:
    """Answers a study's questions from the truth, with the errors of its skill."""

    def __init__(self, skill: Skill, truth: Truth, rng: np.random.Generator) -> None:
        self.skill, self.truth, self.rng = skill, truth, rng

    def answers(self, task: Task) -> dict[int, Answer]:
        sides = [self.truth(task, index) for index in range(len(task.sides))]
        return {question.id: Answer(value=self._value(question, sides)) for question in task.questions}

    def seconds(self) -> float:
        return float(self.skill.pace * self.rng.lognormal(0, 0.4))

    def _value(self, question: Question, sides: list[dict[str, float]]) -> float:
        values = [label.value for label in question.labels]
        if self.rng.random() < self.skill.slip:
            return float(self.rng.choice(values))
        if question.kind == "preference":
            return self._preference(sides[0]["quality"], sides[1]["quality"])
        fact = sides[0][question.name]
        if question.kind == "likert":
            seen = fact + self.skill.shift + self.rng.normal(0, 0.4)
            return float(np.clip(round(seen), min(values), max(values)))
        return fact

    def _preference(self, left: float, right: float) -> float:
        """1 left, 2 tie, 3 right, 4 both bad: a noisy comparison with a small lean to the left."""
        gap = left - right + self.skill.lean_left + self.rng.normal(0, 0.5)
        if max(left, right) < 2:
            return 4.0
        if math.fabs(gap) < 0.5:
            return 2.0
        return 1.0 if gap > 0 else 3.0


def rate(
    study: Study, truth: Truth, *, skills: tuple[Skill, ...] = SKILLS[:3], most: int | None = None
) -> int:
    """Let simulated raters work through a live study, at most `most` tasks each; returns how many answers were counted.

    Who errs where hangs on the names of study and rater alone: every demonstration shows the same figures.
    """
    counted = 0
    for skill in skills:
        person = SimulatedRater(
            skill,
            truth,
            np.random.default_rng([zlib.crc32(name.encode()) for name in (study.name, skill.name)]),
        )
        counted += _work(_seat(study, skill), person, most)
    return counted


def _seat(study: Study, skill: Skill) -> StudyRater:
    rater = rater_named(workspace=study.workspace, name=skill.name, is_simulated=True)
    return seat_rater(study=study, rater=rater)


def _work(seat: StudyRater, person: SimulatedRater, most: int | None) -> int:
    counted = 0
    while (most is None or counted < most) and (task := next_task(seat=seat)) is not None:
        counted += submit(
            seat=seat, key=task.key, answers=person.answers(task), seconds=person.seconds()
        ).counted
    return counted
