"""The step that asks for known advisories: it fails where there is one, and says when it could not ask."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "advisories.py"
Answer = Callable[[list[dict[str, Any]]], Any]


@pytest.fixture
def database() -> Iterator[Callable[[Answer], str]]:
    """`database(answer)` starts one that gives `answer(queries)` as its JSON, and returns its address."""
    servers = []

    def start(answer: Answer) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                queries = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps(answer(queries)).encode())

            def log_message(self, *args: Any) -> None:
                """Quiet."""

        server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def run(url: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, str(SCRIPT)],
        env=os.environ | {"ADVISORIES_URL": url},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout


def test_a_pinned_package_with_an_advisory_fails_and_is_named(database: Any) -> None:
    def answer(queries: list[dict[str, Any]]) -> Any:
        asked = {query["package"]["name"]: query for query in queries}
        assert asked["celery"]["package"]["ecosystem"] == "PyPI"
        assert asked["celery"]["version"][0].isdigit()
        return {
            "results": [
                {"vulns": [{"id": "GHSA-made-up"}, {"id": "PYSEC-1"}]} if name == "celery" else {}
                for name in asked
            ]
        }

    code, said = run(database(answer))
    assert code == 1
    assert "celery==" in said
    assert "GHSA-made-up, PYSEC-1" in said
    assert "1 have some" in said


def test_none_is_said_as_none(database: Any) -> None:
    code, said = run(database(lambda queries: {"results": [{} for _ in queries]}))
    assert (code, "0 have some" in said) == (0, True)


@pytest.mark.parametrize("answer", [{"results": []}, {}, [], {"results": None}, "x"])
def test_an_answer_without_sense_is_not_taken_for_a_clean_bill(database: Any, answer: Any) -> None:
    code, said = run(database(lambda queries: answer))
    assert (code, "not checked" in said) == (0, True)


def test_where_nobody_answers_it_says_so() -> None:
    code, said = run("http://127.0.0.1:1/")
    assert (code, "not checked" in said) == (0, True)
