"""What a start finds out without loading the applications."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.utils import timezone

from concord.core.models import Job
from concord.quickstart import release

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def prepared(settings: Any, tmp_path: Path, owner: Any) -> Path:
    settings.VAR = tmp_path
    settings.STATIC_ROOT = tmp_path / "staticfiles"
    settings.STATIC_ROOT.mkdir()
    release.mark_prepared()
    return tmp_path


def test_what_was_prepared_is_prepared(prepared: Path) -> None:
    assert release.is_prepared()


def test_nothing_is_prepared_at_first(settings: Any, tmp_path: Path) -> None:
    settings.VAR = tmp_path
    assert not release.is_prepared()


def test_lost_static_files_are_collected_again(prepared: Path) -> None:
    (prepared / "staticfiles").rmdir()
    assert not release.is_prepared()
    assert not release.has_static_files()


def test_new_code_is_prepared_again(prepared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [*release._files(), Path(__file__)]
    monkeypatch.setattr(release, "_files", lambda: files)
    assert not release.is_prepared()


def test_restored_or_replaced_database_is_prepared_again(prepared: Path, owner: Any) -> None:
    owner.delete()
    assert not release.is_prepared(), "nobody could sign in"
    assert release.has_static_files()


def test_database_that_does_not_answer_is_not_prepared(
    prepared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise psycopg.OperationalError("nobody listens")

    monkeypatch.setattr(release, "_connect", refuse)
    release.mark_prepared()
    assert not release.is_prepared()


def test_new_start_frees_the_jobs_of_the_last() -> None:
    until = timezone.now() + timedelta(seconds=60)
    running = Job.objects.create(name="tests.note", state="running", lease_until=until)
    queued = Job.objects.create(name="tests.note", state="queued", lease_until=until)
    release.free_jobs()
    assert Job.objects.get(pk=running.pk).lease_until <= timezone.now()
    assert Job.objects.get(pk=queued.pk).lease_until == until
