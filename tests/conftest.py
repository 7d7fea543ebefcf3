"""The fixed cast of every test, a throwaway PostgreSQL that needs no set-up, and a browser."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# Before Django reads its settings. Every process (each xdist worker too) has its own folder, so its own server.
VAR = Path(tempfile.mkdtemp(prefix="concord-test-"))
(VAR / "staticfiles").mkdir()
atexit.register(shutil.rmtree, VAR, ignore_errors=True)
os.environ |= {
    "CONCORD_VAR": str(VAR),
    "DJANGO_SETTINGS_MODULE": "concord.settings",
    "BROKER_URL": "memory://",
    "CACHE_URL": "locmem://",
    "SECRET_KEY": "only-for-tests-0123456789-0123456789-0123456789",
    "LOG_LEVEL": "ERROR",
    # Two workers on two cores: threads of either would wait for the other's.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "DJANGO_ALLOW_ASYNC_UNSAFE": "1",  # Playwright's own event loop shares the test's thread
}
PASSWORD = "correct horse battery"
CHROMIUM = "/usr/bin/chromium"
# The tests of each of these files share what they prepare, or a machine's ports, so one worker takes them all. Marks for groups
# do not reach the scheduler of pytest-xdist 3.8 under pytest 9.
TOGETHER = ("tests/real_data/", "tests/concord/quickstart/test_up.py")


def pytest_configure() -> None:
    import hypothesis
    from django.conf import settings

    # How long an example takes says how busy the machine is, and nothing about what is tested.
    hypothesis.settings.register_profile(
        "concord", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
    )
    hypothesis.settings.load_profile("concord")

    # An xdist worker has read the settings with its controller's environment before this file was read.
    settings.VAR = VAR
    settings.MEDIA_ROOT = VAR / "media"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def scope_of(nodeid: str) -> str:
    """What goes to one worker as a whole: a file of those above, else each test by itself."""
    return nodeid.split("::")[0] if nodeid.startswith(TOGETHER) else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return scope_of(nodeid)

    return Scheduling(config, log)


@pytest.fixture(autouse=True, scope="session")
def tables_are_not_looked_at() -> None:
    """What the planner learns of a table outlives the rows of a test that is rolled back, and misleads the next one."""
    from concord.core.services import statistics

    statistics.LARGE = 10**9


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> Iterator[None]:
    """The server, before the test database is made in it; DATABASE_URL points the tests at another one."""
    from django.conf import settings

    from concord.quickstart.postgres import THROWAWAY, EmbeddedPostgres

    if os.environ.get("DATABASE_URL"):
        yield
        return
    # An xdist worker inherits the environment of the process that started it, and may have read its settings by then.
    settings.DATABASES["default"]["HOST"] = str(VAR / "postgres")
    server = EmbeddedPostgres(data=VAR / "postgres" / "data", sockets=VAR / "postgres", settings=THROWAWAY)
    server.start()
    server.create_database("concord")
    yield
    server.stop(timeout=5)


@pytest.fixture(scope="session", autouse=True)
def _tables_are_emptied_quickly() -> Iterator[None]:
    from django.test import TransactionTestCase

    from tests.emptying import in_place_of

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            TransactionTestCase, "_fixture_teardown", in_place_of(TransactionTestCase._fixture_teardown)
        )
        yield


def _member(workspace: Any, email: str, role: str) -> Any:
    from concord.accounts.models import Membership, User

    user = User.objects.create_user(email, PASSWORD, name=email.split("@")[0].replace(".", " ").title())
    Membership.objects.create(workspace=workspace, user=user, role=role)
    return user


@pytest.fixture
def workspace(db: None) -> Any:
    from concord.accounts.models import Workspace

    return Workspace.objects.create(name="Acme", slug="acme")


@pytest.fixture
def other_workspace(db: None) -> Any:
    from concord.accounts.models import Workspace

    return Workspace.objects.create(name="Other", slug="other")


@pytest.fixture
def owner(workspace: Any) -> Any:
    return _member(workspace, "owner@example.com", "owner")


@pytest.fixture
def designer(workspace: Any) -> Any:
    return _member(workspace, "designer@example.com", "designer")


@pytest.fixture
def reviewer(workspace: Any) -> Any:
    return _member(workspace, "reviewer@example.com", "reviewer")


@pytest.fixture
def viewer(workspace: Any) -> Any:
    return _member(workspace, "viewer@example.com", "viewer")


@pytest.fixture
def rater(workspace: Any) -> Any:
    return _member(workspace, "rater@example.com", "rater")


@pytest.fixture
def other_rater(workspace: Any) -> Any:
    return _member(workspace, "other.rater@example.com", "rater")


@pytest.fixture
def stranger(other_workspace: Any) -> Any:
    """The owner of another workspace, who must never learn that this one exists."""
    return _member(other_workspace, "stranger@example.com", "owner")


@pytest.fixture
def run_jobs() -> Callable[[], int]:
    """Executes queued background jobs in this process until none is due; returns how many ran."""
    from concord.core import jobs
    from concord.core.models import Job

    def run(limit: int = 200) -> int:
        ran = 0
        while ran < limit and (job := Job.objects.filter(state=Job.State.QUEUED).order_by("id").first()):
            Job.objects.filter(pk=job.pk).update(due_at=job.created_at)
            jobs.run(job.pk)
            ran += 1
        return ran

    return run


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    from playwright.sync_api import sync_playwright

    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        path = CHROMIUM if Path(CHROMIUM).exists() else None
        chromium = playwright.chromium.launch(
            executable_path=path, args=[*quiet, "--disable-sync", "--no-first-run"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: "Browser", live_server: Any) -> Iterator["Page"]:
    """A fresh browser page on the live server; relative addresses work. An uncaught script error fails the test."""
    context = browser.new_context(base_url=live_server.url, reduced_motion="reduce")
    context.set_default_timeout(10_000)
    context.set_default_navigation_timeout(30_000)  # the first page of a busy machine
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert not errors, f"scripts failed: {errors}"


@pytest.fixture
def sign_in(live_server: Any) -> Callable[["Page", Any], None]:
    """Signs a user in without the sign-in page: the session is made on the server and its cookie put in the browser."""
    from django.conf import settings
    from django.test import Client

    def sign_in(page: "Page", user: Any) -> None:
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
        )

    return sign_in
