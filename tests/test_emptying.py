"""What a committed test left is gone for the next one, whoever wrote it last."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction

from concord.accounts.models import Membership, User, Workspace
from tests.emptying import KEPT, all_idle, delete_all, filled_tables, in_place_of

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def elsewhere(work: Callable[[], Any]) -> Iterator[threading.Event]:
    """`work` done in a transaction of another session, which stays open until the event is set."""
    written, over = threading.Event(), threading.Event()

    def run() -> None:
        with transaction.atomic():
            work()
            written.set()
            over.wait(20)
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert written.wait(20)
    yield over
    over.set()
    thread.join(20)


def test_every_row_goes_whatever_points_at_it_and_what_migrating_wrote_stays(owner: Any, rater: Any) -> None:
    written = {name: model.objects.count() for name, model in (("t", ContentType), ("p", Permission))}
    assert {"accounts_user", "accounts_workspace", "accounts_membership"} <= set(filled_tables())
    assert not set(filled_tables()) & set(KEPT)
    last = rater.pk
    assert delete_all()
    assert filled_tables() == []
    assert (User.objects.count(), Workspace.objects.count(), Membership.objects.count()) == (0, 0, 0)
    assert (ContentType.objects.count(), Permission.objects.count()) == (written["t"], written["p"])
    assert min(written.values()) > 40
    assert User.objects.create_user("next@example.com", "x").pk > last, "numbers are never given twice"


def test_foreign_keys_are_asked_again_afterwards(owner: Any) -> None:
    assert delete_all()
    with connection.cursor() as cursor:
        cursor.execute("SHOW session_replication_role")
        assert cursor.fetchone() == ("origin",)


def test_the_last_request_ends_before_its_rows_go_too(workspace: Any) -> None:
    with elsewhere(lambda: Workspace.objects.create(name="Late", slug="late")) as over:
        assert not all_idle(patience=0.05)
        assert not delete_all(patience=0.05)
        assert Workspace.objects.count() == 1, "nothing is done by halves"
        threading.Timer(0.3, over.set).start()
        assert delete_all(patience=20)
    assert Workspace.objects.count() == 0


def test_flush_does_it_where_somebody_never_ends(workspace: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr("tests.emptying.all_idle", lambda **_: False)
    in_place_of(asked.append)("a case")
    assert asked == ["a case"]
    monkeypatch.undo()
    in_place_of(asked.append)("another")
    assert asked == ["a case"]
