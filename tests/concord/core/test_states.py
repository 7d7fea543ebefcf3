"""A state moves along its table only, once, and leaves a history row."""

import threading
from typing import Any

import pytest
from django.db import connection

from annotation.models import Study
from annotation.states import STUDY_MOVES, StudyState
from concord.core.errors import Conflict
from concord.core.models import AuditEvent, StateChange
from concord.core.states import move


@pytest.fixture
def study(workspace: Any, owner: Any) -> Study:
    return Study.objects.create(workspace=workspace, name="Digits", kind="scale", created_by=owner)


@pytest.mark.django_db
def test_allowed_move_is_made_with_its_fields_and_a_history_row(study: Study, owner: Any) -> None:
    move(study, StudyState.LIVE, moves=STUDY_MOVES, actor=owner, why="ready", instructions="Read first.")
    assert (study.state, study.instructions) == (StudyState.LIVE, "Read first.")
    change = StateChange.objects.get()
    assert (change.before, change.after, change.actor, change.why) == ("draft", "live", owner, "ready")
    assert (change.model, change.object_id) == ("annotation.study", study.pk)


@pytest.mark.django_db
def test_every_move_is_in_the_audit_log(study: Study, owner: Any) -> None:
    move(study, StudyState.LIVE, moves=STUDY_MOVES, actor=owner)
    move(study, StudyState.PAUSED, moves=STUDY_MOVES, why="the night")
    first, second = AuditEvent.objects.order_by("pk")
    assert (first.verb, first.actor, first.workspace_id) == ("study.live", owner, study.workspace_id)
    assert (second.verb, second.actor, second.part) == ("study.paused", None, "background work")
    assert second.details == {"before": "live", "why": "the night"}


@pytest.mark.django_db
def test_other_move_is_refused_and_changes_nothing(study: Study) -> None:
    with pytest.raises(Conflict) as refusal:
        move(study, StudyState.PAUSED, moves=STUDY_MOVES, instructions="changed")
    assert refusal.value.code == "illegal_move"
    assert refusal.value.details == {"state": "draft", "to": "paused"}
    study.refresh_from_db()
    assert (study.state, study.instructions) == (StudyState.DRAFT, "")
    assert not StateChange.objects.exists()
    assert not AuditEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_many_who_move_at_once_one_wins(study: Study) -> None:
    barrier, outcomes = threading.Barrier(5), []

    def go_live() -> None:
        mine = Study.objects.get(pk=study.pk)
        barrier.wait()
        try:
            move(mine, StudyState.LIVE, moves=STUDY_MOVES)
            outcomes.append("moved")
        except Conflict:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=go_live) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["moved", "refused", "refused", "refused", "refused"]
    assert StateChange.objects.count() == 1
