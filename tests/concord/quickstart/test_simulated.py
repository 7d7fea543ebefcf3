"""Simulated raters answer from the truth, err as their skill says, and the same each time."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from concord.quickstart.demo.simulated import SKILLS, SimulatedRater, Skill


def question(kind: str, name: str = "Quality", labels: Any = (1, 2, 3, 4, 5), pk: int = 1) -> Any:
    return SimpleNamespace(
        id=pk, kind=kind, name=name, labels=[SimpleNamespace(value=value) for value in labels]
    )


def task(*questions: Any, sides: int = 1) -> Any:
    return SimpleNamespace(questions=questions, sides=[None] * sides)


def rater(skill: Skill, *facts: dict[str, float], seed: int = 1) -> SimulatedRater:
    return SimulatedRater(skill, lambda task, side: facts[side], np.random.default_rng(seed))


def many(skill: Skill, asked: Any, *facts: dict[str, float], times: int = 3000) -> Any:
    person = rater(skill, *facts)
    return np.array([person.answers(task(asked, sides=len(facts)))[1].value for _ in range(times)])


SURE = Skill("sure", slip=0.0)


def test_who_never_slips_gives_the_fact_of_a_yes_or_no() -> None:
    asked = question("yes_no", "Refuses", (0, 1))
    assert set(many(SURE, asked, {"Refuses": 1.0}, times=50)) == {1.0}
    assert set(many(SURE, asked, {"Refuses": 0.0}, times=50)) == {0.0}


def test_a_careless_answer_comes_as_often_as_the_skill_says_and_is_any_label() -> None:
    """Of 20 % careless answers half are right by chance: 10 % of all are wrong."""
    found = many(Skill("hasty", slip=0.2), question("yes_no", "Refuses", (0, 1)), {"Refuses": 1.0})
    assert np.mean(found == 0.0) == pytest.approx(0.1, abs=0.02)
    careless = many(Skill("blind", slip=1.0), question("likert"), {"Quality": 3.0})
    for value in range(1, 6):
        assert np.mean(careless == value) == pytest.approx(0.2, abs=0.03)


@pytest.mark.parametrize(("shift", "seen"), [(0.0, 3.0), (-0.6, 2.4), (0.2, 3.2)])
def test_a_scale_is_read_with_the_raters_shift(shift: float, seen: float) -> None:
    found = many(Skill("x", slip=0.0, shift=shift), question("likert"), {"Quality": 3.0})
    assert found.mean() == pytest.approx(seen, abs=0.04)
    # a normal of sd 0.4, rounded to whole steps (variance 1/12): .16 + .083
    assert found.std() == pytest.approx(np.sqrt(0.16 + 1 / 12), abs=0.05)
    assert set(found) <= {1.0, 2.0, 3.0, 4.0, 5.0}


def test_no_answer_lies_beyond_the_scale() -> None:
    assert set(many(Skill("x", slip=0.0, shift=9.0), question("likert"), {"Quality": 3.0}, times=50)) == {5.0}
    assert set(many(Skill("x", slip=0.0, shift=-9.0), question("likert"), {"Quality": 3.0}, times=50)) == {
        1.0
    }


PAIR = question("preference", "Better answer", (1, 2, 3, 4))


@pytest.mark.parametrize(
    ("left", "right", "lean", "mostly"),
    [
        (4.5, 2.5, 0.0, 1.0),
        (2.5, 4.5, 0.0, 3.0),
        (3.0, 3.0, 0.0, 2.0),
        (3.0, 3.0, 9.0, 1.0),
        (3.0, 4.0, 9.0, 1.0),
        (3.0, 3.0, -9.0, 3.0),
        (1.9, 1.0, 0.0, 4.0),
        (1.0, 1.9, 9.0, 4.0),
    ],
)
def test_a_comparison_goes_by_the_gap_and_the_lean(
    left: float, right: float, lean: float, mostly: float
) -> None:
    skill = Skill("x", slip=0.0, lean_left=lean)
    found = many(skill, PAIR, {"quality": left}, {"quality": right}, times=400)
    assert np.mean(found == mostly) > 0.6


def test_ties_come_as_often_as_the_noise_says() -> None:
    """|N(0, .5)| < .5 in 68.3 % of comparisons of equals; the rest falls to both sides alike."""
    found = many(SURE, PAIR, {"quality": 3.0}, {"quality": 3.0})
    assert np.mean(found == 2.0) == pytest.approx(0.683, abs=0.03)
    assert np.mean(found == 1.0) == pytest.approx(0.159, abs=0.025)
    assert np.mean(found == 3.0) == pytest.approx(0.159, abs=0.025)


def test_both_are_bad_only_where_the_better_one_is_below_two() -> None:
    assert 4.0 not in many(SURE, PAIR, {"quality": 2.0}, {"quality": 0.5}, times=100)
    assert set(many(SURE, PAIR, {"quality": 1.99}, {"quality": 0.5}, times=100)) == {4.0}


def test_each_question_of_a_task_is_answered_by_its_own_fact() -> None:
    person = rater(SURE, {"Refuses": 1.0, "Safe or unsafe": 0.0})
    found = person.answers(
        task(question("yes_no", "Refuses", (0, 1), 7), question("safety", "Safe or unsafe", (0, 1), 9))
    )
    assert {pk: answer.value for pk, answer in found.items()} == {7: 1.0, 9: 0.0}


def test_the_same_generator_gives_the_same_answers_and_another_does_not() -> None:
    skill = SKILLS[3]
    answers = [
        [
            rater(skill, {"Quality": 3.0}, seed=seed).answers(
                task(*(question("likert", pk=i) for i in range(40)))
            )
        ]
        for seed in (1, 1, 2)
    ]
    assert answers[0] == answers[1] != answers[2]


def test_seconds_are_around_the_pace_and_never_none() -> None:
    person = rater(Skill("x", slip=0.0, pace=20.0), {})
    taken = np.array([person.seconds() for _ in range(3000)])
    assert np.median(taken) == pytest.approx(20.0, rel=0.05)
    # of a log-normal with sigma .4 the mean is exp(.08) times the median
    assert taken.mean() == pytest.approx(20.0 * np.exp(0.08), rel=0.05)
    assert taken.min() > 0


def test_every_simulated_rater_says_so_in_its_name_and_no_two_are_alike() -> None:
    assert all(skill.name.startswith("Simulated ") for skill in SKILLS)
    assert len({skill.name for skill in SKILLS}) == len(SKILLS)
    assert len({(skill.slip, skill.shift, skill.lean_left, skill.pace) for skill in SKILLS}) == len(SKILLS)
