"""Health, metrics, the API's description, job progress, request ids and limits."""

import json
import logging
from typing import Any

import pytest
from django.db import OperationalError, ProgrammingError
from django.db.backends.utils import CursorWrapper

from concord.core import jobs
from concord.core.models import Job
from concord.core.web import health

pytestmark = pytest.mark.django_db


def test_live_asks_nothing(client: Any, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert client.get("/healthz").json() == {"status": "ok"}


def test_ready_names_what_is_away(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.get("/readyz").json() == {"status": "ok", "database": "ok", "broker": "ok", "disk": "ok"}
    monkeypatch.setattr(health.settings, "CELERY_BROKER_URL", "redis://127.0.0.1:1/0")
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {
        "status": "unavailable",
        "database": "ok",
        "broker": "unreachable",
        "disk": "ok",
    }


class TestMetrics:
    def test_local_scraper_gets_requests_and_jobs(self, client: Any) -> None:
        jobs.enqueue("tests.nothing", queue="export")
        body = client.get("/metrics").content.decode()
        assert "django_http_requests" in body
        assert 'concord_jobs{queue="export",state="queued"} 1.0' in body

    @pytest.mark.parametrize(
        "where", [{"REMOTE_ADDR": "203.0.113.9"}, {"HTTP_X_FORWARDED_FOR": "203.0.113.9"}]
    )
    def test_others_need_an_administrator(self, client: Any, owner: Any, where: dict[str, str]) -> None:
        assert client.get("/metrics", **where).status_code == 403
        client.force_login(owner)
        assert client.get("/metrics", **where).status_code == 403, (
            "an owner of a workspace is no administrator"
        )
        owner.is_superuser = True
        owner.save()
        assert client.get("/metrics", **where).status_code == 200


class TestApiDocs:
    def test_every_route_is_described_without_scripts(self, client: Any) -> None:
        page = client.get("/api/docs")
        text = page.content.decode()
        assert page.status_code == 200
        assert "/api/v1/jobs/{id}/" in text or "/api/v1/jobs/{pk}/" in text
        assert "onclick" not in text
        assert " style=" not in text

    def test_schema_says_that_errors_are_problems(self, client: Any) -> None:
        schema = client.get("/api/schema", headers={"Accept": "application/vnd.oai.openapi+json"})
        described = json.loads(schema.content)
        assert described["openapi"].startswith("3.")
        for operations in described["paths"].values():
            for operation in operations.values():
                assert "application/problem+json" in operation["responses"]["default"]["content"]


class TestJob:
    @pytest.fixture
    def job(self, workspace: Any) -> Job:
        job = jobs.enqueue("tests.nothing", workspace=workspace.pk)
        Job.objects.filter(pk=job.pk).update(state="running", done=30, total=120, message="reading lines")
        return job

    def test_part_asks_again_until_it_is_over(self, client: Any, viewer: Any, job: Job) -> None:
        client.force_login(viewer)
        address = f"/w/acme/jobs/{job.pk}/"
        part = client.get(address, headers={"HX-Request": "true"}).content.decode()
        assert f'hx-get="{address}"' in part
        assert "30 of 120" in part
        assert "<html" not in part
        Job.objects.update(state="done")
        assert "hx-get" not in client.get(address, headers={"HX-Request": "true"}).content.decode()

    def test_whole_page_without_scripts(self, client: Any, viewer: Any, job: Job) -> None:
        client.force_login(viewer)
        page = client.get(f"/w/acme/jobs/{job.pk}/").content.decode()
        assert "<html" in page
        assert "reading lines" in page

    def test_api_tells_state_and_progress(self, client: Any, viewer: Any, job: Job) -> None:
        client.force_login(viewer)
        body = client.get(f"/api/v1/jobs/{job.pk}/").json()
        assert (body["state"], body["done"], body["total"]) == ("running", 30, 120)

    def test_only_the_workspaces_people_see_it(
        self, client: Any, rater: Any, stranger: Any, job: Job
    ) -> None:
        for user, status in ((rater, 403), (stranger, 404)):
            client.force_login(user)
            assert client.get(f"/w/acme/jobs/{job.pk}/").status_code == status
            assert client.get(f"/api/v1/jobs/{job.pk}/").status_code == status
        assert client.get(f"/w/other/jobs/{job.pk}/").status_code == 404

    def test_job_of_no_workspace_is_nobodys(self, client: Any, owner: Any) -> None:
        client.force_login(owner)
        job = jobs.enqueue("tests.nothing")
        assert client.get(f"/api/v1/jobs/{job.pk}/").status_code == 404


class TestRequestId:
    def test_well_formed_id_of_a_proxy_is_kept(self, client: Any) -> None:
        assert (
            client.get("/healthz", headers={"X-Request-Id": "proxy-0123456789"})["X-Request-Id"]
            == "proxy-0123456789"
        )

    @pytest.mark.parametrize("given", ["short", "a b c d e f g h", "x" * 65, "newline\\nforged-entry"])
    def test_any_other_is_replaced(self, client: Any, given: str) -> None:
        made = client.get("/healthz", headers={"X-Request-Id": given})["X-Request-Id"]
        assert made != given
        assert len(made) == 32

    def test_each_request_is_one_line_without_its_query(
        self, client: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.INFO, logger="concord.requests"):
            client.get("/api/docs?token=s3cret")
        lines = [record.getMessage() for record in caplog.records if record.name == "concord.requests"]
        assert len(lines) == 1
        assert "'status': 200" in lines[0]
        assert "api/docs" in lines[0]
        assert "s3cret" not in lines[0]


class TestLimits:
    def test_body_that_is_too_large_is_refused_before_it_is_read(self, client: Any, settings: Any) -> None:
        settings.MAX_UPLOAD_BYTES = 10
        big = b"x" * (1024 * 1024 + 11)
        page = client.post("/nothing/", data=big, content_type="text/csv")
        assert page.status_code == 413
        assert b"too large" in page.content
        problem = client.post("/api/v1/nothing/", data=big, content_type="text/csv")
        assert (problem.status_code, problem.json()["code"]) == (413, "too_large")

    def test_form_with_too_many_bytes_of_text_is_413(self, client: Any, settings: Any) -> None:
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
        client.handler.enforce_csrf_checks = True
        client.cookies["csrftoken"] = "a" * 32
        page = client.post("/account/login/", {"login": "x" * 200})
        assert page.status_code == 413

    def test_form_without_token_is_a_page_that_says_so(self, client: Any) -> None:
        client.handler.enforce_csrf_checks = True
        page = client.post("/account/login/", {"login": "x"})
        assert page.status_code == 403
        assert page["Content-Type"].startswith("text/html")


def test_every_answer_has_the_strict_policy(client: Any) -> None:
    policy = client.get("/api/docs")["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe-inline" not in policy
    assert "frame-ancestors 'none'" in policy


class TestDatabaseAway:
    """The same request may well succeed in a moment: 503, never 500, and in the words of the one who asked."""

    @pytest.fixture
    def away(self, client: Any, owner: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
        client.force_login(owner)
        client.raise_request_exception = False

        def refuse(*args: Any, **kwargs: Any) -> None:
            raise OperationalError("server closed the connection unexpectedly")

        monkeypatch.setattr(CursorWrapper, "execute", refuse)
        return client

    def test_a_page_says_so(self, away: Any) -> None:
        response = away.get("/")
        assert response.status_code == 503
        assert response["Retry-After"] == "5"
        assert "The database does not answer" in response.content.decode()

    def test_the_api_says_so_as_a_problem(self, away: Any) -> None:
        response = away.get("/api/v1/workspaces/")
        assert response.status_code == 503
        assert response.headers["Content-Type"] == "application/problem+json"
        assert response.json()["code"] == "unavailable"

    def test_other_faults_stay_faults(self, client: Any, owner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        client.force_login(owner)
        client.raise_request_exception = False
        monkeypatch.setattr(
            CursorWrapper,
            "execute",
            lambda *args, **kwargs: (_ for _ in ()).throw(ProgrammingError("no table")),
        )
        assert client.get("/").status_code == 500
