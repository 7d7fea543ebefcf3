"""What a rater's page receives, and what it never does."""

import json
from typing import Any

import pytest

from annotation.models import Study
from annotation.services.assigning import next_task
from annotation.services.joining import seat_for
from annotation.services.submitting import Answer, submit

pytestmark = pytest.mark.django_db


def test_a_task_names_no_system_no_reference_no_slice_and_nobody_elses_answer(
    study: Any, workspace: Any, rater: Any, other_rater: Any
) -> None:
    from concord.catalog.models import Example, System

    made = study("side_by_side", examples=2, systems=2, instructions="Judge.")
    System.objects.filter(workspace=workspace).update(
        description="secret description", version="secret version"
    )
    Example.objects.update(slices={"hazard": "secret slice"}, reference="secret gold")
    for user in (rater, other_rater):
        seat = seat_for(user=user, study_id=made.pk)
        while task := next_task(seat=seat):
            sent = json.dumps(task.as_dict())
            for secret in ("secret", "system ", "outcome", "mirror", "unsafe", "other.rater", "Rater ("):
                assert secret not in sent
            answers = {one.id: Answer(None, "secret reason") for one in task.questions}
            submit(seat=seat, key=task.key, answers=answers, comment="secret comment")


def test_the_reference_is_shown_only_where_the_study_says_so(study: Any, rater: Any) -> None:
    made = study()
    seat = seat_for(user=rater, study_id=made.pk)
    assert next_task(seat=seat).reference is None
    Study.objects.filter(pk=made.pk).update(show_reference=True)
    assert next_task(seat=seat).reference[0]["text"].startswith("gold ")


def test_the_prompt_can_be_hidden(study: Any, rater: Any) -> None:
    seat = seat_for(user=rater, study_id=study(show_prompt=False).pk)
    assert next_task(seat=seat).prompt == []


def test_sides_alternate_over_the_raters_of_a_pair_and_the_order_is_recorded(
    study: Any, rater: Any, other_rater: Any
) -> None:
    from annotation.models import Assignment

    made = study("side_by_side", examples=1, systems=2)
    shown = set()
    for user in (rater, other_rater):
        task = next_task(seat=seat_for(user=user, study_id=made.pk))
        shown.add(task.sides[0].text)
        assert [side.name for side in task.sides] == ["A", "B"]
    assert len(shown) == 2
    assert set(Assignment.objects.values_list("swapped", flat=True)) == {True, False}
