"""One rater at work: next, submit, skip, hand back, drafts, undo."""

import uuid
from typing import Any

import pytest

from annotation.models import Assignment, Rating, Unit
from annotation.services.assigning import next_task
from annotation.services.expiring import expire_leases
from annotation.services.joining import seat_for
from annotation.services.studies import change_study, close_study, pause_study
from annotation.services.submitting import (
    Answer,
    read_answers,
    return_all,
    return_task,
    save_draft,
    skip,
    submit,
    undo_last,
)
from concord.core.actors import BACKGROUND
from concord.core.errors import Conflict, Forbidden, Invalid, Missing

pytestmark = pytest.mark.django_db


def answer_all(task: Any, value: float = 3) -> dict[int, Answer]:
    return {question.id: Answer(value) for question in task.questions}


def invariant_holds() -> bool:
    """wanted = free + given + on screens, for every unit."""
    return all(
        unit.wanted == unit.free + unit.given + Assignment.objects.filter(unit=unit, state="leased").count()
        for unit in Unit.objects.all()
    )


def test_a_rater_gets_every_unit_once_and_then_nothing(study: Any, rater: Any) -> None:
    made = study(examples=4, systems=3)
    seat = seat_for(user=rater, study_id=made.pk)
    seen = []
    while task := next_task(seat=seat):
        seen.append(task.sides[0].text)
        submit(seat=seat, key=task.key, answers=answer_all(task))
    assert len(seen) == len(set(seen)) == 12
    assert Rating.objects.filter(current=True).count() == 12
    assert invariant_holds()


def test_asking_again_gives_the_same_task_and_ahead_the_following_ones(study: Any, rater: Any) -> None:
    seat = seat_for(user=rater, study_id=study().pk)
    first, second = next_task(seat=seat), next_task(seat=seat, ahead=1)
    assert first.key != second.key
    assert next_task(seat=seat).key == first.key
    assert next_task(seat=seat, ahead=1).key == second.key
    submit(seat=seat, key=first.key, answers=answer_all(first))
    assert next_task(seat=seat).key == second.key


def test_the_same_key_twice_is_one_rating(study: Any, rater: Any) -> None:
    seat = seat_for(user=rater, study_id=study().pk)
    task = next_task(seat=seat)
    once = submit(seat=seat, key=task.key, answers=answer_all(task, 4), seconds=9.5)
    twice = submit(seat=seat, key=task.key, answers=answer_all(task, 1))
    assert (once.counted, once.repeated, once.given) == (True, False, 1)
    assert (twice.counted, twice.repeated, twice.given) == (True, True, 1)
    assert [(rating.value, rating.seconds) for rating in Rating.objects.all()] == [(4, 9.5)]


def test_an_expired_lease_still_counts_while_its_unit_has_room(study: Any, rater: Any) -> None:
    seat = seat_for(user=rater, study_id=study().pk)
    task = next_task(seat=seat)
    Assignment.objects.update(expires_at="2020-01-01T00:00Z")
    assert expire_leases() == 1
    assert invariant_holds()
    assert submit(seat=seat, key=task.key, answers=answer_all(task)).counted
    assert invariant_holds()


def test_an_answer_to_a_unit_that_was_filled_meanwhile_is_kept_and_not_counted(
    study: Any, rater: Any, other_rater: Any
) -> None:
    made = study(examples=1, systems=1, wanted=1)
    slow, quick = seat_for(user=rater, study_id=made.pk), seat_for(user=other_rater, study_id=made.pk)
    late = next_task(seat=slow)
    assert next_task(seat=quick) is None
    Assignment.objects.update(expires_at="2020-01-01T00:00Z")
    expire_leases()
    task = next_task(seat=quick)
    assert submit(seat=quick, key=task.key, answers=answer_all(task, 5)).counted
    for repeated in (False, True):
        result = submit(seat=slow, key=late.key, answers=answer_all(late, 2))
        assert (result.counted, result.repeated) == (False, repeated)
        assert "kept" in result.message
    assert list(Rating.objects.order_by("id").values_list("value", "current")) == [(5, True), (2, False)]
    assert invariant_holds()


def test_an_expired_task_comes_back_to_its_rater_and_a_skipped_one_does_not(study: Any, rater: Any) -> None:
    seat = seat_for(user=rater, study_id=study(examples=2, systems=1).pk)
    first = next_task(seat=seat)
    Assignment.objects.update(expires_at="2020-01-01T00:00Z")
    expire_leases()
    assert next_task(seat=seat).key == first.key
    skip(seat=seat, key=first.key)
    skip(seat=seat, key=first.key)
    second = next_task(seat=seat)
    assert second.key != first.key
    with pytest.raises(Conflict):
        submit(seat=seat, key=first.key, answers=answer_all(first))
    skip(seat=seat, key=second.key)
    assert next_task(seat=seat) is None
    assert invariant_holds()


def test_a_skipped_task_cannot_be_handed_back_to_come_again(study: Any, rater: Any) -> None:
    seat = seat_for(user=rater, study_id=study(examples=1, systems=1).pk)
    task = next_task(seat=seat)
    skip(seat=seat, key=task.key)
    with pytest.raises(Conflict):
        return_task(seat=seat, key=task.key)
    assert next_task(seat=seat) is None
    assert invariant_holds()


def test_handing_back_frees_the_unit_for_others(study: Any, rater: Any, other_rater: Any) -> None:
    made = study(examples=1, systems=1, wanted=1)
    one, two = seat_for(user=rater, study_id=made.pk), seat_for(user=other_rater, study_id=made.pk)
    task = next_task(seat=one)
    return_task(seat=one, key=task.key)
    assert next_task(seat=two) is not None
    assert return_all(seat=two) == 1
    assert next_task(seat=one).key == task.key
    assert invariant_holds()


def test_undo_puts_the_last_answer_back_on_the_screen_before_the_prefetched_one(
    study: Any, rater: Any
) -> None:
    seat = seat_for(user=rater, study_id=study().pk)
    first = next_task(seat=seat)
    next_task(seat=seat, ahead=1)
    submit(seat=seat, key=first.key, answers=answer_all(first, 2), comment="hm", seconds=3)
    undone = undo_last(seat=seat)
    question = first.questions[0].id
    assert undone.key == first.key == next_task(seat=seat).key
    assert undone.draft == {"answers": {str(question): 2.0}, "comment": "hm"}
    submit(seat=seat, key=first.key, answers=answer_all(first, 5))
    old, new = Rating.objects.order_by("id")
    assert (old.value, old.current, new.value, new.current, new.supersedes_id) == (2, False, 5, True, old.pk)
    seat.refresh_from_db()
    assert seat.given == 1
    assert invariant_holds()


def test_undo_goes_back_step_by_step_and_then_says_so(study: Any, rater: Any) -> None:
    seat = seat_for(user=rater, study_id=study().pk)
    keys = []
    for _ in range(2):
        task = next_task(seat=seat)
        keys.append(task.key)
        submit(seat=seat, key=task.key, answers=answer_all(task))
    assert [undo_last(seat=seat).key, undo_last(seat=seat).key] == keys[::-1]
    with pytest.raises(Conflict) as refusal:
        undo_last(seat=seat)
    assert refusal.value.code == "nothing_to_undo"
    assert Unit.objects.filter(given__gt=0).count() == 0
    assert invariant_holds()


def test_a_swapped_preference_is_stored_in_the_units_own_orientation(
    study: Any, rater: Any, other_rater: Any
) -> None:
    made = study("side_by_side", examples=1, systems=2)
    stored = {}
    for user in (rater, other_rater):
        seat = seat_for(user=user, study_id=made.pk)
        task = next_task(seat=seat)
        prefers_system_0 = 2 if task.sides[0].text.endswith("no 0") else -2
        submit(seat=seat, key=task.key, answers=answer_all(task, prefers_system_0))
        rating = Rating.objects.get(rater=seat.rater)
        stored[rating.swapped] = rating.value
    assert stored == {False: 2, True: 2}


def test_undo_shows_a_swapped_answer_as_it_was_given(study: Any, rater: Any, other_rater: Any) -> None:
    made = study("side_by_side", examples=1, systems=2)
    for user in (rater, other_rater):
        seat = seat_for(user=user, study_id=made.pk)
        task = next_task(seat=seat)
        submit(seat=seat, key=task.key, answers=answer_all(task, 1))
        assert list(undo_last(seat=seat).draft["answers"].values()) == [1]


@pytest.mark.parametrize(
    "answer", [Answer(6), Answer(2.5), Answer(float("nan")), Answer(None, " "), Answer(float("inf"))]
)
def test_an_answer_that_does_not_fit_is_refused_by_name(study: Any, rater: Any, answer: Answer) -> None:
    seat = seat_for(user=rater, study_id=study().pk)
    task = next_task(seat=seat)
    question = task.questions[0].id
    with pytest.raises(Invalid) as refusal:
        submit(seat=seat, key=task.key, answers={question: answer})
    assert set(refusal.value.details["errors"]) == {question}
    assert not Rating.objects.exists()
    assert next_task(seat=seat).key == task.key


def test_missing_and_foreign_questions_are_named(study: Any, rater: Any, criterion: Any) -> None:
    asked = [criterion(slug="one"), criterion("numeric", slug="two", minimum=0, maximum=10)]
    seat = seat_for(user=rater, study_id=study(criteria=asked).pk)
    task = next_task(seat=seat)
    with pytest.raises(Invalid) as refusal:
        submit(seat=seat, key=task.key, answers={asked[1].pk: Answer(10.5), 999_999: Answer(1)})
    assert set(refusal.value.details["errors"]) == {asked[0].pk, asked[1].pk, 999_999}


def test_cannot_judge_is_a_rating_without_a_value_and_with_a_reason(study: Any, rater: Any) -> None:
    seat = seat_for(user=rater, study_id=study().pk)
    task = next_task(seat=seat)
    raw = {str(task.questions[0].id): {"cannot_judge": "in a language I do not read\x00"}}
    assert submit(seat=seat, key=task.key, answers=read_answers(raw)).counted
    rating = Rating.objects.get()
    assert (rating.value, rating.reason) == (None, "in a language I do not read")


@pytest.mark.parametrize(
    "answers",
    [(Answer(3), Answer(4.5)), (Answer(None, "no"), Answer(7)), (Answer(None, "no"), Answer(None, "no"))],
)
def test_several_questions_are_answered_in_one_go(
    study: Any, rater: Any, criterion: Any, answers: tuple[Answer, Answer]
) -> None:
    asked = [criterion(slug="one"), criterion("numeric", slug="two", minimum=0, maximum=10)]
    seat = seat_for(user=rater, study_id=study(criteria=asked).pk)
    given = {one.pk: answer for one, answer in zip(asked, answers, strict=True)}
    submit(seat=seat, key=next_task(seat=seat).key, answers=given, comment="one comment")
    saved = {rating.criterion_id: rating for rating in Rating.objects.all()}
    assert {pk: (one.value, one.reason) for pk, one in saved.items()} == {
        pk: (answer.value, answer.reason) for pk, answer in given.items()
    }
    assert [saved[one.pk].comment for one in asked] == ["one comment", ""]
    assert Unit.objects.get(given=1)


@pytest.mark.parametrize("raw", [{"x": 1}, {"1": True}, {"1": [1]}, {"1": "much"}, [1], {"1": {"value": 2}}])
def test_nonsense_for_answers_is_refused(raw: Any) -> None:
    with pytest.raises(Invalid):
        read_answers(raw)


def test_a_draft_comes_back_and_is_forgotten_once_answered(study: Any, rater: Any) -> None:
    seat = seat_for(user=rater, study_id=study().pk)
    task = next_task(seat=seat)
    save_draft(seat=seat, key=task.key, draft={"answers": {"1": 2}, "comment": "half\x00way"})
    assert next_task(seat=seat).draft["comment"] == "halfway"
    submit(seat=seat, key=task.key, answers=answer_all(task))
    save_draft(seat=seat, key=task.key, draft={"answers": {}})
    assert Assignment.objects.get(key=task.key).draft is None
    with pytest.raises(Invalid):
        save_draft(seat=seat, key=task.key, draft={"comment": "x" * 30_000})


def test_nobody_answers_for_another_rater(study: Any, rater: Any, other_rater: Any) -> None:
    made = study()
    mine, theirs = seat_for(user=rater, study_id=made.pk), seat_for(user=other_rater, study_id=made.pk)
    task = next_task(seat=mine)
    for key in (task.key, str(uuid.uuid4()), "no key"):
        with pytest.raises(Missing):
            submit(seat=theirs, key=key, answers=answer_all(task))


def test_a_paused_study_takes_what_is_on_the_screen_and_gives_no_more(
    study: Any, rater: Any, designer: Any
) -> None:
    made = study()
    seat = seat_for(user=rater, study_id=made.pk)
    task = next_task(seat=seat)
    pause_study(study=made, actor=designer)
    assert submit(seat=seat, key=task.key, answers=answer_all(task)).counted
    with pytest.raises(Conflict) as refusal:
        next_task(seat=seat)
    assert refusal.value.code == "study_paused"


def test_an_answer_to_a_closed_study_is_kept_and_not_counted(study: Any, rater: Any, designer: Any) -> None:
    made = study()
    seat = seat_for(user=rater, study_id=made.pk)
    task = next_task(seat=seat)
    close_study(study=made, actor=designer)
    result = submit(seat=seat, key=task.key, answers=answer_all(task))
    assert not result.counted
    assert "closed" in result.message
    assert Rating.objects.get().current is False
    assert invariant_holds()


def test_asking_for_fewer_ratings_never_drops_one_and_asking_for_more_opens_units(
    study: Any, rater: Any
) -> None:
    made = study(examples=1, systems=2, wanted=3)
    seat = seat_for(user=rater, study_id=made.pk)
    task = next_task(seat=seat)
    submit(seat=seat, key=task.key, answers=answer_all(task))
    next_task(seat=seat)
    change_study(actor=BACKGROUND, study=made, wanted=1)
    assert sorted(Unit.objects.values_list("wanted", "free", "open")) == [(1, 0, False), (1, 0, False)]
    assert invariant_holds()
    change_study(actor=BACKGROUND, study=made, wanted=2)
    assert Unit.objects.filter(open=True, free=1).count() == 2
    assert invariant_holds()


def test_strangers_viewers_and_closed_seats_do_not_rate(
    study: Any, stranger: Any, viewer: Any, rater: Any
) -> None:
    from annotation.services.joining import set_seat_active

    made = study()
    with pytest.raises(Missing):
        seat_for(user=stranger, study_id=made.pk)
    with pytest.raises(Forbidden):
        seat_for(user=viewer, study_id=made.pk)
    seat = set_seat_active(actor=BACKGROUND, seat=seat_for(user=rater, study_id=made.pk), active=False)
    with pytest.raises(Forbidden):
        next_task(seat=seat)
    with pytest.raises(Forbidden):
        seat_for(user=rater, study_id=made.pk)
