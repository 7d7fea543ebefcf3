"""A full disk is said as such: by /readyz, by pages and by the API, whichever error brought it."""

import errno
from collections import namedtuple
from typing import Any

import pytest
from django.db import OperationalError
from django.db.backends.utils import CursorWrapper
from psycopg.errors import DiskFull

from concord.core import disk

pytestmark = pytest.mark.django_db
Usage = namedtuple("Usage", "total used free")


def of_the_database() -> OperationalError:
    error = OperationalError("could not extend file: No space left on device")
    error.__cause__ = DiskFull("could not extend file: No space left on device")
    return error


@pytest.mark.parametrize(
    "error",
    [OSError(errno.ENOSPC, "No space left on device"), OSError(errno.EDQUOT, "Quota"), of_the_database()],
)
def test_pages_and_api_say_that_the_disk_is_full(
    error: Exception, client: Any, owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(owner)
    client.raise_request_exception = False

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise error

    monkeypatch.setattr(CursorWrapper, "execute", refuse)
    page = client.get("/")
    assert (page.status_code, "The disk is full" in page.content.decode()) == (507, True)
    answer = client.get("/api/v1/workspaces/")
    assert (answer.status_code, answer.json()["code"]) == (507, "disk_full")
    assert "What was shown as saved is saved" in answer.json()["detail"]


def test_a_database_that_went_away_on_a_full_disk_is_told_as_the_disk(
    client: Any, owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(owner)
    client.raise_request_exception = False

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(CursorWrapper, "execute", refuse)
    assert client.get("/").status_code == 503
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda folder: Usage(2**40, 2**40, 0))
    assert client.get("/").status_code == 507


@pytest.mark.parametrize(("free", "status"), [(disk.LEAST_FREE, 200), (disk.LEAST_FREE - 1, 503)])
def test_ready_says_how_it_is(
    client: Any, free: int, status: int, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path / "not" / "made" / "yet"
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda folder: Usage(2**40, 0, free))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["disk"]) == (status, "ok" if status == 200 else "full")


def test_errors_of_other_kinds_are_not_of_the_disk() -> None:
    loop = ValueError("x")
    loop.__cause__ = loop
    for error in (None, loop, OSError(errno.EACCES, "no"), OperationalError("away")):
        assert not disk.was_full(error)
