"""The programs that `manage.py up` runs: web server, workers, scheduler."""

import os
import shutil
import socket
import sys
from pathlib import Path

from django.conf import settings

from concord.quickstart.problems import CannotStart
from concord.quickstart.supervisor import Program

LARGEST_LOG = 20 * 1024 * 1024


def programs(*, host: str, port: int, workers: bool, verbose: bool) -> list[Program]:
    """In the order in which they start: the pages first."""
    gunicorn = [
        "gunicorn",
        "--config",
        "python:concord.quickstart.gunicorn_conf",
        "--bind",
        _address(host, port),
    ]
    web = _program("web", gunicorn, verbose)
    web.environment = {**web.environment, "PROMETHEUS_MULTIPROC_DIR": str(_metrics_folder())}
    if not workers:
        return [web]
    celery = ["celery", "--app", "concord", "--quiet"]
    worker = [*celery, "worker", "--without-gossip", "--without-mingle", "--loglevel", "warning"]
    # Imports and scorecards: several at once, none behind a long run.
    threads = [
        "--pool",
        "threads",
        "--concurrency",
        "4",
        "--queues",
        "default,export",
        "--hostname",
        "worker@%h",
    ]
    # Runs: one at a time in one process that is never forked, so that a model stays loaded and CUDA may be used.
    solo = ["--pool", "solo", "--queues", "cpu,gpu", "--hostname", "runner@%h"]
    return [
        web,
        _program("worker", [*worker, *threads], verbose),
        _program("runner", [*worker, *solo], verbose),
        _program("scheduler", ["concord.quickstart.scheduler"], verbose),
    ]


def demo() -> Program:
    """The demonstration is loaded by a child that speaks to the terminal."""
    program = _program("demonstration", [], verbose=True)
    program.command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "load_demo"]
    return program


def check_port(host: str, port: int) -> None:
    """Raise `CannotStart` where the address cannot be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except PermissionError:
        raise CannotStart(
            f"Port {port} needs more rights than this account has; choose one above 1023 with --port."
        ) from None
    except (OSError, OverflowError) as error:
        if getattr(error, "errno", None) == 98:
            raise CannotStart(
                f"Port {port} is taken by another program; choose another with --port."
            ) from None
        raise CannotStart(f"{host} port {port} cannot be listened on: {error}.") from None


def _program(name: str, module: list[str], verbose: bool) -> Program:
    root = Path(settings.BASE_DIR)
    path = os.pathsep.join([str(root / "platform"), str(root), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {"PYTHONPATH": path, "DJANGO_SETTINGS_MODULE": "concord.settings", "PYTHONUNBUFFERED": "1"}
    return Program(name, [sys.executable, "-m", *module], environment, root, None if verbose else _log(name))


def _log(name: str) -> Path:
    """The program's log file; one that has grown large is put aside at the start."""
    path: Path = settings.VAR / "logs" / f"{name}.log"
    path.parent.mkdir(exist_ok=True, mode=0o700)
    if path.exists() and path.stat().st_size > LARGEST_LOG:
        path.replace(path.with_suffix(".log.1"))
    return path


def _metrics_folder() -> Path:
    """Counters of the web processes, summed by /metrics; they begin anew with each start."""
    folder: Path = settings.VAR / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    return folder


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
