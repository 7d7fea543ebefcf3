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


# Two small tables of moves, to be tried one by one.
WAYS = {
    "draft": frozenset({"live"}),
    "live": frozenset({"paused", "closed"}),
    "paused": frozenset({"live", "closed"}),
    "closed": frozenset[str](),
}
PAIRS = [(before, after) for before in WAYS for after in WAYS]


@pytest.mark.django_db
@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_each_move_of_the_table_is_made_and_no_other(study: Study, before: str, after: str) -> None:
    Study.objects.update(state=before)
    if after in WAYS[before]:
        move(study, after, moves=WAYS)
        assert study.state == after
        assert list(StateChange.objects.values_list("before", "after")) == [(before, after)]
        assert AuditEvent.objects.get().verb == f"study.{after}"
    else:
        with pytest.raises(Conflict, match=f"This study is {before}; it cannot become {after}") as refusal:
            move(study, after, moves=WAYS)
        assert refusal.value.details == {"state": before, "to": after}
        assert Study.objects.get().state == before
        assert not StateChange.objects.exists()


@pytest.mark.django_db
def test_the_history_tells_from_where_it_really_came_and_not_what_was_remembered(
    study: Study, owner: Any
) -> None:
    remembered = Study.objects.get(pk=study.pk)
    move(study, "live", moves=WAYS, actor=owner)
    assert remembered.state == "draft"
    move(remembered, "paused", moves=WAYS)
    assert list(StateChange.objects.order_by("pk").values_list("before", "after", "actor")) == [
        ("draft", "live", owner.pk),
        ("live", "paused", None),
    ]
    assert remembered.state == "paused"


@pytest.mark.django_db
def test_what_no_longer_exists_cannot_move(study: Study) -> None:
    Study.objects.all().delete()
    with pytest.raises(Conflict) as refusal:
        move(study, "live", moves=WAYS)
    assert refusal.value.details["state"] is None


@pytest.mark.django_db
def test_only_this_row_moves(study: Study, workspace: Any, owner: Any) -> None:
    other = Study.objects.create(workspace=workspace, name="Other", kind="scale", created_by=owner)
    move(study, "live", moves=WAYS)
    other.refresh_from_db()
    assert other.state == "draft"


@pytest.mark.django_db
def test_a_move_and_its_notes_are_made_together_or_not_at_all(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: Any) -> None:
        raise RuntimeError("no room for the audit")

    monkeypatch.setattr("concord.core.states.audit.record", refuse)
    with pytest.raises(RuntimeError):
        move(study, "live", moves=WAYS)
    assert Study.objects.get().state == "draft"
    assert not StateChange.objects.exists()
