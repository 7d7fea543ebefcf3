"""How far a study and its raters are, and what its pages list: counted by hand on small studies."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from annotation.models import Rater, Rating, Study, StudyRater, StudySnapshot, Unit
from annotation.selectors.history import MOST, alpha_history
from annotation.selectors.my_studies import studies_to_rate
from annotation.selectors.pages import (
    EXPORT,
    exported_ratings,
    latest_ratings,
    neighbours,
    on_screens,
    ratings_of,
    studies_of,
    systems_in,
    units_of,
)
from annotation.selectors.progress import StudyProgress, seat_progress, study_progress
from annotation.services.assigning import next_task
from annotation.services.joining import seat_for, seat_rater
from annotation.services.studies import pause_study
from annotation.services.submitting import Answer, submit, undo_last
from concord.catalog.models import Output, OutputSet

pytestmark = pytest.mark.django_db


def answer(seat: Any, *values: float | None, seconds: float | None = None) -> None:
    for value in values:
        task = next_task(seat=seat)
        given = {one.id: Answer(value, "" if value is not None else "unclear") for one in task.questions}
        submit(seat=seat, key=task.key, answers=given, seconds=seconds, comment="hm" if value == 1 else "")


@pytest.fixture
def seats(study: Any, workspace: Any) -> Any:
    """A live study of 3 units that wants 2 ratings of each, with three seats."""
    made = study(examples=3, systems=1, wanted=2)
    names = ("one", "two", "three")
    return made, [
        seat_rater(study=made, rater=Rater.objects.create(workspace=workspace, name=name)) for name in names
    ]


def test_what_a_rater_can_still_reach_is_bounded_by_the_units_and_by_what_is_wanted(seats: Any) -> None:
    _, (one, two, three) = seats
    assert (seat_progress(one).given, seat_progress(one).total, seat_progress(one).can_undo) == (0, 3, False)
    answer(one, 1, 2, seconds=30)
    found = seat_progress(one)
    # Two of three units are left for nobody but the third: one to go, at 30 s each.
    assert (found.given, found.total, found.seconds_each, found.minutes_left) == (2, 3, 30.0, 1)
    assert found.can_undo
    answer(two, 1, 2, 3)
    # 6 are wanted and 5 given: a newcomer can reach one, not three.
    assert (seat_progress(three).given, seat_progress(three).total) == (0, 1)
    answer(one, 3)
    assert (seat_progress(one).total, seat_progress(one).minutes_left) == (3, 0)
    assert seat_progress(three).total == 0


def test_minutes_are_rounded_and_at_least_one(seats: Any) -> None:
    _, (one, *_) = seats
    assert seat_progress(one).minutes_left is None, "no pace is known yet"
    answer(one, 1)
    assert seat_progress(one).minutes_left is None, "nothing was measured"
    for seconds, minutes in ((1, 1), (100, 3), (150, 5)):  # two units are left
        StudyRater.objects.filter(pk=one.pk).update(active_seconds=seconds)
        assert seat_progress(one).minutes_left == minutes


def test_a_study_counts_ratings_screens_and_finished_units(seats: Any) -> None:
    made, (one, two, _) = seats
    answer(one, 1, 2, 3, seconds=10)
    answer(two, 1, seconds=30)
    next_task(seat=two)
    found = study_progress(made)
    assert (found.units, found.wanted, found.given, found.on_screen, found.finished_units) == (3, 6, 4, 1, 1)
    assert found.seconds_each == 15.0
    assert found.seconds_left == 30.0
    assert (found.share, found.is_complete) == (pytest.approx(2 / 3), False)


@pytest.mark.parametrize(
    ("wanted", "given", "complete", "share"),
    [(0, 0, False, 0), (4, 3, False, 0.75), (4, 4, True, 1), (4, 5, True, 1.25)],
)
def test_a_study_is_complete_when_all_that_is_wanted_is_given(
    wanted: int, given: int, complete: bool, share: float
) -> None:
    found = StudyProgress(2, wanted, given, 0, 0)
    assert (found.is_complete, found.share, found.seconds_left) == (complete, share, None)


def test_the_list_of_studies_multiplies_nothing(seats: Any, workspace: Any, other_workspace: Any) -> None:
    made, (one, two, _) = seats
    answer(one, 1, 2)
    answer(two, 1)
    (found,) = studies_of(workspace)
    assert (found.pk, found.given, found.asked_for, found.raters) == (made.pk, 3, 6, 2)
    assert list(studies_of(other_workspace)) == []


def test_systems_count_the_examples_that_they_answered_once_each(material: Any, workspace: Any) -> None:
    version, (first, second, third) = material(examples=3, systems=3)
    again = OutputSet.objects.create(workspace=workspace, kind="import", name="again")
    examples = list(version.examples.all())
    Output.objects.create(output_set=again, system=first, example=examples[0], text="twice")
    Output.objects.filter(system=second, example__in=examples[:2]).delete()
    third.archived_at = timezone.now()
    third.save()
    assert {system.name: count for system, count in systems_in(version)} == {"system 0": 3, "system 1": 1}


def test_units_are_searched_narrowed_and_have_neighbours(seats: Any) -> None:
    made, (one, two, _) = seats
    answer(one, 1, 2)
    answer(two, 1)
    first, second, third = units_of(made)
    assert [unit.position for unit in (first, second, third)] == [1, 2, 3]
    assert list(units_of(made, only="done")) == [first]
    assert list(units_of(made, only="open")) == [second, third]
    assert list(units_of(made, search=second.example.key.upper())) == [second]
    assert list(units_of(made, search=second.example.key, only="done")) == []
    assert list(units_of(made, search="nothing")) == []
    found = [neighbours(unit) for unit in (first, second, third)]
    assert [(one.before, one.after) for one in found] == [
        (None, second.pk), (first.pk, third.pk), (second.pk, None),
    ]  # fmt: skip
    next_task(seat=two)
    assert [on_screens(unit) for unit in (first, second, third)] == [0, 1, 0]


def test_the_latest_ratings_are_the_newest_that_count_in_words(seats: Any) -> None:
    made, (one, two, _) = seats
    answer(one, 1, None, 3)
    answer(two, 5)
    undo_last(seat=two)
    assert [found.answer for found in latest_ratings(made)] == [
        "3 of 5", "could not be judged: unclear", "1 of 5",
    ]  # fmt: skip
    unit = units_of(made)[0]
    answer(two, 4)
    assert [(found.answer, found.rating.current) for found in ratings_of(unit)] == [
        ("1 of 5", True), ("4 of 5", True), ("5 of 5", False),
    ]  # fmt: skip


def test_the_export_row_by_row(seats: Any) -> None:
    made, (one, two, _) = seats
    answer(one, 1, None, seconds=2.5)
    answer(two, 5)
    undo_last(seat=two)
    rows = [dict(zip(EXPORT, row, strict=True)) for row in exported_ratings(made)]
    kept = [
        {name: value for name, value in row.items() if name not in ("rating", "unit", "given_at")}
        for row in rows
    ]
    keys = list(units_of(made).values_list("example__key", flat=True))
    same = {
        "epoch": 1,
        "criterion": "quality",
        "system": "system 0",
        "other_system": "",
        "shown_swapped": False,
    }
    assert kept == [
        {**same, "example": keys[0], "rater": "one", "value": 1, "label": "1 of 5", "reason": "", "comment": "hm",
         "seconds": 2.5, "current": True},
        {**same, "example": keys[1], "rater": "one", "value": None, "label": "", "reason": "unclear", "comment": "",
         "seconds": 2.5, "current": True},
        {**same, "example": keys[0], "rater": "two", "value": 5, "label": "5 of 5", "reason": "", "comment": "",
         "seconds": None, "current": False},
    ]  # fmt: skip
    assert [row["rating"] for row in rows] == list(Rating.objects.order_by("id").values_list("pk", flat=True))
    assert rows[0]["given_at"] == Rating.objects.earliest("id").created_at.isoformat()


def test_pairs_are_exported_with_both_systems_and_their_versions(study: Any, rater: Any) -> None:
    made = study("side_by_side", examples=1, systems=2)
    made.systems.filter(name="system 1").update(version="v2")
    answer(seat_for(user=rater, study_id=made.pk), 2)
    (row,) = (dict(zip(EXPORT, row, strict=True)) for row in exported_ratings(made))
    assert {row["system"], row["other_system"]} == {"system 0", "system 1 v2"}


def test_studies_with_something_left_come_before_those_one_is_through_with(
    study: Any, rater: Any, designer: Any
) -> None:
    made = study(examples=1, systems=1)
    assert [(one.state, one.seated, one.total, one.is_through) for one in studies_to_rate(rater)] == [
        ("live", False, 0, False)
    ]
    answer(seat_for(user=rater, study_id=made.pk), 1)
    (mine,) = studies_to_rate(rater)
    assert (mine.seated, mine.given, mine.total, mine.is_through) == (True, 1, 1, True)
    pause_study(study=made, actor=designer)
    assert [one.state for one in studies_to_rate(rater)] == ["paused"]
    Study.objects.update(state="closed")
    assert [one.state for one in studies_to_rate(rater)] == ["closed"], "rated in, so it is shown"
    StudyRater.objects.all().delete()
    assert studies_to_rate(rater) == []
    Study.objects.update(state="draft")
    assert studies_to_rate(rater) == []


def snapshot(
    study: Any, ratings: int, alpha: dict[str, Any], *, age: int = 0, name: str = "Quality"
) -> StudySnapshot:
    made: StudySnapshot = StudySnapshot.objects.create(
        study=study,
        digest=f"{StudySnapshot.objects.count():064d}",
        content={"criteria": [{"name": name, "alpha": alpha}]},
        ratings=ratings,
        seconds=0,
    )
    StudySnapshot.objects.filter(pk=made.pk).update(computed_at=timezone.now() - timedelta(hours=age))
    return made


def figure(value: float | None, low: float | None = None, high: float | None = None) -> dict[str, Any]:
    return {"value": value, "low": low, "high": high}


def test_agreement_over_time_is_in_the_order_of_ratings_without_what_has_no_value(study: Any) -> None:
    made = study(live=False)
    assert (alpha_history(made).lines, alpha_history(made).snapshots) == ((), ())
    last = snapshot(made, 30, figure(1.0, 0.8, 1.0), age=1)
    assert alpha_history(made).lines == (), "one moment is no history"
    first, none = snapshot(made, 10, figure(0.5, 0.0, 1.0), age=3), snapshot(made, 20, figure(None), age=2)
    found = alpha_history(made)
    assert found.snapshots == (first.pk, none.pk, last.pk)
    (line,) = found.lines
    assert (line.name, [(one.ratings, one.alpha["value"]) for one in line.moments]) == (
        "Quality",
        [(10, 0.5), (30, 1.0)],
    )


def test_the_same_ratings_are_one_moment_and_the_newest_of_them(study: Any) -> None:
    made = study(live=False)
    snapshot(made, 10, figure(0.1), age=3)
    snapshot(made, 10, figure(0.5), age=1)
    snapshot(made, 5, figure(0.9), age=0)
    (line,) = alpha_history(made).lines
    assert [(one.ratings, one.alpha["value"]) for one in line.moments] == [(5, 0.9), (10, 0.5)]


def test_only_the_last_moments_and_only_questions_that_are_still_asked(study: Any) -> None:
    made = study(live=False)
    for place in range(MOST + 2):
        snapshot(made, place + 1, figure(place / 100), age=100 - place)
    snapshot(made, 99, figure(0.5), age=0, name="New question")
    assert alpha_history(made).lines == (), "the new question has one moment and the old one is gone"
    snapshot(made, 100, figure(0.7))
    (line,) = alpha_history(made).lines
    # The twelve newest are 99 and 100 ratings and ten of the others, of which the newest had 14.
    assert [one.ratings for one in line.moments] == [*range(5, 15), 100]


def test_units_of_another_study_are_not_neighbours(study: Any) -> None:
    made = study(examples=1, systems=1)
    only = Unit.objects.get(study=made)
    assert (neighbours(only).before, neighbours(only).after) == (None, None)
