"""Many raters at once, and the control that shows what the guard is for."""

import threading
import time
from typing import Any

import pytest
from django.db.models import F

from annotation.models import Rating, StudyRater, Unit
from annotation.services.assigning import next_task
from annotation.services.expiring import expire_leases
from annotation.services.joining import rater_named, seat_rater
from annotation.services.submitting import Answer, submit
from concord.core.actors import BACKGROUND
from tests.annotation.race import at_once, everyone_rates, nothing_is_wrong

pytestmark = pytest.mark.django_db(transaction=True)


def test_many_raters_fill_every_unit_exactly(study: Any) -> None:
    made = study(examples=40, systems=3, wanted=3)
    saved = everyone_rates(made, raters=12, skips=0.1)
    nothing_is_wrong(made)
    assert saved.total() == Rating.objects.filter(current=True).count() == 360
    assert sum(StudyRater.objects.values_list("given", flat=True)) == 360


@pytest.mark.slow
def test_32_raters_on_10000_units(study: Any) -> None:
    made = study(examples=2500, systems=4, wanted=1)
    began = time.monotonic()
    saved = everyone_rates(made, raters=32)
    print(f"\n10,000 ratings by 32 raters in {time.monotonic() - began:.1f} s")
    nothing_is_wrong(made)
    assert saved.total() == Rating.objects.filter(current=True).count() == 10_000


def test_without_the_guard_the_same_unit_is_handed_out_again(study: Any) -> None:
    """The control: choosing, looking and writing without locks gives units more ratings than were wanted."""
    made = study(examples=10, systems=1, wanted=1)
    pause = threading.Barrier(8)
    handed_out: list[int] = []

    def careless(index: int) -> None:
        for _ in range(10):
            unit = Unit.objects.filter(study=made, open=True).order_by("position").first()
            pause.wait()
            if unit is not None:
                handed_out.append(unit.pk)
                Unit.objects.filter(pk=unit.pk).update(open=False, free=0, handed_out=F("handed_out") + 1)
            pause.wait()

    assert not at_once(careless, 8)
    assert max(Unit.objects.values_list("handed_out", flat=True)) > 1
    assert len(handed_out) > 10


def test_the_last_place_goes_to_one_rater(study: Any) -> None:
    first = study(name="Study 0", examples=1, systems=1, wanted=1)
    for made in (first, *(again(first, attempt) for attempt in range(1, 5))):
        seats = [
            seat_rater(study=made, rater=rater_named(workspace=made.workspace, name=f"r{index}"))
            for index in range(8)
        ]
        got: list[Any] = []
        assert not at_once(lambda index, seats=seats, got=got: got.append(next_task(seat=seats[index])), 8)
        assert sum(task is not None for task in got) == 1


def again(study: Any, attempt: int) -> Any:
    """The same study once more under another name."""
    from annotation.services.studies import create_study, open_study
    from annotation.services.units import build_units

    made = create_study(
        workspace=study.workspace,
        actor=study.created_by,
        name=f"Study {attempt}",
        kind=study.kind,
        version=study.version,
        systems=list(study.systems.all()),
        criteria=list(study.criteria.all()),
        wanted=1,
        entry="workspace",
    )
    build_units(actor=BACKGROUND, study=made)
    return open_study(study=made, actor=study.created_by)


def test_the_same_key_from_many_tabs_is_one_rating(study: Any) -> None:
    made = study(examples=1, systems=1, wanted=3)
    seat = seat_rater(study=made, rater=rater_named(workspace=made.workspace, name="eager"))
    task = next_task(seat=seat)
    answers = {task.questions[0].id: Answer(4)}
    results: list[Any] = []
    assert not at_once(lambda _: results.append(submit(seat=seat, key=task.key, answers=answers)), 8)
    assert sorted(result.repeated for result in results) == [False] + [True] * 7
    assert Rating.objects.count() == 1
    nothing_is_wrong(made)


def test_asking_from_many_tabs_gives_one_task(study: Any) -> None:
    made = study(examples=5, systems=1)
    seat = seat_rater(study=made, rater=rater_named(workspace=made.workspace, name="eager"))
    keys: list[str] = []
    assert not at_once(lambda _: keys.append(next_task(seat=seat).key), 8)
    assert len(set(keys)) == 1


def test_leases_that_run_out_during_the_work_lose_and_double_nothing(study: Any) -> None:
    from annotation.models import Assignment

    made = study(examples=15, systems=2, wanted=2)
    stop = threading.Event()

    def hurry(_: int) -> None:
        while not stop.is_set():
            Assignment.objects.filter(study=made, state="leased").update(expires_at="2020-01-01T00:00Z")
            expire_leases()

    def rate(_: int) -> None:
        try:
            everyone_rates(made, raters=6)
        finally:
            stop.set()

    errors = at_once(lambda index: hurry(index) if index else rate(index), 2)
    assert not errors, errors[0]
    everyone_rates(made, raters=8)
    nothing_is_wrong(made)
    assert Rating.objects.filter(current=True).count() == 60


def test_without_the_lock_the_database_still_refuses_one_rating_too_many(
    study: Any, monkeypatch: Any
) -> None:
    """The control of the query itself: the same lease without its lock runs into the constraint of the unit."""
    from django.db import IntegrityError

    from annotation.services import assigning

    unguarded = assigning.LEASE.replace("FOR UPDATE OF u SKIP LOCKED", "").replace(
        "FROM picked RETURNING id", "FROM picked, pg_sleep(0.05) RETURNING id"
    )
    assert unguarded != assigning.LEASE
    monkeypatch.setattr(assigning, "LEASE", unguarded)
    made = study(examples=6, systems=1, wanted=1)
    seats = [
        seat_rater(study=made, rater=rater_named(workspace=made.workspace, name=f"r{index}"))
        for index in range(8)
    ]
    errors = at_once(lambda index: next_task(seat=seats[index]), 8)
    assert errors
    assert all(isinstance(error, IntegrityError) for error in errors)
    nothing_is_wrong(made)
