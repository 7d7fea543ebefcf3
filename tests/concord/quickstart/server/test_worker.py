"""The real server in front of a small application: idle, slow and hostile clients cost no thread."""

import hashlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from tests.concord.quickstart.server.sample_app import BIG

ROOT = Path(__file__).parents[4]
APP = ["--pythonpath", str(Path(__file__).parent), "sample_app:application"]
HALF = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Half: "


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, psutil.Process]]:
    """Two processes with two threads each, at a free port; stopped at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "PYTHONPATH": f"{ROOT / 'platform'}:{ROOT}",
        "DJANGO_SETTINGS_MODULE": "concord.settings",
        "CONCORD_VAR": str(tmp_path_factory.mktemp("var")),
        "MAX_UPLOAD_MB": "8",
        "WEB_WORKERS": "2",
        "WEB_THREADS": "2",
    }
    command = [sys.executable, "-m", "gunicorn", "--config", "python:concord.quickstart.gunicorn_conf"]
    running = subprocess.Popen([*command, "--bind", f"127.0.0.1:{port}", *APP], cwd=ROOT, env=environment)
    try:
        until(lambda: get(port, "/").status == 200, 30)
        yield port, psutil.Process(running.pid)
    finally:
        running.terminate()
        running.wait(20)


def until(true: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            if true():
                return
        except OSError:
            pass
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)


def get(port: int, path: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    return answer


def connect(port: int, data: bytes = b"") -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), timeout=10)
    if data:
        client.sendall(data)
    return client


def all_of(client: socket.socket) -> bytes:
    found = b""
    while piece := client.recv(1 << 20):
        found += piece
    return found


def test_half_requests_idle_sockets_and_slow_readers_hold_nobody_up(
    server: tuple[int, psutil.Process],
) -> None:
    port, _ = server
    held = [connect(port, HALF) for _ in range(200)]
    held += [connect(port) for _ in range(200)]
    held += [
        connect(port, b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n1") for _ in range(50)
    ]
    held += [connect(port, b"GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n") for _ in range(12)]
    try:
        for _ in range(20):
            began = time.monotonic()
            assert get(port, "/").status == 200
            assert time.monotonic() - began < 2
    finally:
        for client in held:
            client.close()


def test_half_a_head_is_ended_after_ten_seconds_however_it_drips(server: tuple[int, psutil.Process]) -> None:
    port, _ = server
    began, ended = time.monotonic(), None
    with connect(port, HALF) as client:
        client.settimeout(0.5)
        while ended is None and time.monotonic() - began < 20:
            try:
                client.sendall(b"a")
                if client.recv(10) == b"":
                    ended = time.monotonic() - began
            except TimeoutError:
                continue
            except OSError:
                ended = time.monotonic() - began
    assert ended is not None
    assert 9 < ended < 14


def test_a_slow_reader_gets_all_of_it(server: tuple[int, psutil.Process]) -> None:
    port, _ = server
    with connect(port, b"GET /big HTTP/1.0\r\n\r\n") as client:
        time.sleep(1)
        head, _, body = all_of(client).partition(b"\r\n\r\n")
    assert head.split()[1] == b"200"
    assert len(body) == BIG
    assert body[::100_000][:30] == bytes(65 + n % 26 for n in range(30))


@pytest.mark.parametrize("size", [0, 70_000, 3_000_000])
def test_bodies_arrive_whole_and_the_connection_stays(server: tuple[int, psutil.Process], size: int) -> None:
    port, _ = server
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    for turn in range(3):
        body = bytes([turn]) * size
        connection.request("POST", "/", body)
        answer = connection.getresponse().read().split()
        assert answer[1:] == [b"POST", str(size).encode(), hashlib.sha256(body).hexdigest().encode()]
    connection.close()


def test_requests_sent_behind_each_other_are_answered_in_order(server: tuple[int, psutil.Process]) -> None:
    port, _ = server
    one = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
    with connect(port, b"".join(one % size + b"x" * size for size in (5, 0, 3, 70_000))) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        sizes = [part.split()[2] for part in all_of(client).split(b"\r\n\r\n")[1:]]
    assert sizes == [b"5", b"0", b"3", b"70000", b"0"]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"411"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", b"400"),
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 70_000, b"431"),
    ],
)
def test_what_cannot_be_a_request_is_refused_and_ended(
    server: tuple[int, psutil.Process], sent: bytes, status: bytes
) -> None:
    with connect(server[0], sent) as client:
        assert all_of(client).split()[1] == status


def test_a_body_that_is_too_large_reaches_the_application_as_its_head(
    server: tuple[int, psutil.Process],
) -> None:
    port, _ = server
    with connect(
        port, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99000000\r\n\r\n" + b"a" * 1000
    ) as client:
        assert all_of(client).split(b"\r\n\r\n")[1].split()[1:3] == [b"POST", b"0"]


def test_who_waits_for_leave_to_send_gets_it(server: tuple[int, psutil.Process]) -> None:
    with connect(
        server[0], b"POST / HTTP/1.0\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"
    ) as client:
        assert client.recv(100).startswith(b"HTTP/1.1 100 Continue\r\n\r\n")
        client.sendall(b"abc")
        assert b" POST 3 " in all_of(client)


def test_an_answer_that_breaks_off_is_seen_to_break_off(server: tuple[int, psutil.Process]) -> None:
    with connect(server[0], b"GET /broken HTTP/1.1\r\nHost: x\r\n\r\n") as client:
        assert not all_of(client).endswith(b"0\r\n\r\n")
    assert get(server[0], "/").status == 200


def test_a_killed_process_is_replaced_and_a_stop_lets_answers_finish(
    server: tuple[int, psutil.Process],
) -> None:
    port, master = server
    before = {child.pid for child in master.children()}
    os.kill(min(before), signal.SIGKILL)
    until(lambda: len({child.pid for child in master.children()} - before) == 1, 10)
    until(lambda: len({get(port, "/").status for _ in range(10)}) == 1, 10)
    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(get, port, "/wait") for _ in range(4)]
        time.sleep(0.3)
        for child in master.children():
            child.terminate()
        assert [answer.result().status for answer in answers] == [200] * 4
