"""kill -9 of the web server while raters submit: whatever was answered with success is in the table."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from annotation.models import Rating
from tests.annotation.race import nothing_is_wrong

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[2]
CSRF = "k" * 32
RATERS = 6
ENOUGH = 25  # answers with success before the server is killed


class Server:
    """gunicorn as `manage.py up` runs it, on the test's own database."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        database = settings.DATABASES["default"]
        host, port = database["HOST"], database["PORT"] or 5432
        self.environment = os.environ | {
            "DATABASE_URL": f"postgresql://{database['USER'] or 'postgres'}@/{database['NAME']}?host={host}&port={port}",
            "PYTHONPATH": f"{ROOT / 'platform'}{os.pathsep}{ROOT}",
            "WEB_WORKERS": "2",
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [
            sys.executable,
            "-m",
            "gunicorn",
            "-c",
            "python:concord.quickstart.gunicorn_conf",
            "--bind",
            f"127.0.0.1:{self.port}",
        ]
        # Its own process group, so that kill -9 reaches master and workers at the same moment.
        self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, start_new_session=True)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                self.ask("GET", "/healthz")
                return
            except (OSError, http.client.HTTPException):
                time.sleep(0.2)
        raise RuntimeError("the server did not start")

    def kill(self) -> None:
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(timeout=20)
            self.process = None

    def ask(self, method: str, path: str, body: Any = None, cookies: str = "") -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {
            "Cookie": f"{cookies}; csrftoken={CSRF}",
            "X-CSRFToken": CSRF,
            "Content-Type": "application/json",
        }
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            response = connection.getresponse()
            text = response.read()
            return response.status, json.loads(text) if text.startswith(b"{") else None
        finally:
            connection.close()


def signed_in(workspace: Any, index: int) -> str:
    from concord.accounts.models import Membership, User

    user = User.objects.create_user(f"rater{index}@example.com")
    Membership.objects.create(workspace=workspace, user=user, role="rater")
    client = Client()
    client.force_login(user)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def test_every_rating_answered_with_success_survives_kill_9(study: Any, workspace: Any) -> None:
    made = study(examples=120, systems=2, wanted=3)
    criterion = str(made.asked()[0].pk)
    seats = [signed_in(workspace, index) for index in range(RATERS)]
    promised: list[str] = []  # keys that the server has answered with success
    unsure: dict[str, str] = {}  # key -> cookies: sent, and the connection died before an answer came
    server = Server()

    def rate(cookies: str) -> None:
        key = ""
        try:
            while True:
                key = ""
                _, reply = server.ask("GET", f"/rate/{made.pk}/next/?ahead=0", cookies=cookies)
                key = reply["task"]["key"]
                body = {"key": key, "answers": {criterion: 4}, "seconds": 1}
                status, reply = server.ask("POST", f"/rate/{made.pk}/save/", body, cookies)
                if status == 200 and reply["saved"] == key and reply["counted"]:
                    promised.append(key)
        except (OSError, http.client.HTTPException, ValueError, TypeError):
            if key:
                unsure[key] = cookies

    try:
        server.start()
        threads = [threading.Thread(target=rate, args=(cookies,)) for cookies in seats]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + 60
        while len(promised) < ENOUGH and time.monotonic() < deadline:
            time.sleep(0.005)
        server.kill()
        for thread in threads:
            thread.join(timeout=60)
        assert len(promised) >= ENOUGH
        saved = {
            str(key) for key in Rating.objects.filter(current=True).values_list("assignment__key", flat=True)
        }
        assert set(promised) <= saved
        nothing_is_wrong(made)

        # What the browser was not sure of it sends again, with the same key: one rating, whether or not it had arrived.
        server.start()
        for key, cookies in unsure.items():
            body = {"key": key, "answers": {criterion: 4}, "seconds": 1}
            status, reply = server.ask("POST", f"/rate/{made.pk}/save/", body, cookies)
            assert (status, reply["counted"]) == (200, True)
        assert Rating.objects.filter(current=True).count() == len(set(promised) | set(unsure) | saved)
        nothing_is_wrong(made)
    finally:
        server.kill()
