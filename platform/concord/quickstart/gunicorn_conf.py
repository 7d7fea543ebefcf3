"""The web server: a few processes with threads, loaded once and then forked, so that they share memory.

Threads only answer: a loop reads requests and sends answers (`concord.quickstart.server`), so idle and slow clients cost none.
"""

import gc
import os
import resource
from pathlib import Path
from typing import Any

DESCRIPTORS = 8192  # each connection costs one


def _descriptors() -> int:
    """As many files as this account may have open, up to `DESCRIPTORS`; the soft limit of most systems is 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted


wsgi_app = "concord.wsgi:application"
worker_class = "concord.quickstart.server.worker.BufferedWorker"
workers = int(os.environ.get("WEB_WORKERS", "0")) or min(4, max(2, (os.cpu_count() or 2) // 2))
threads = int(os.environ.get("WEB_THREADS", "8"))
preload_app = True
timeout = 120
graceful_timeout = 8
keepalive = 75  # seconds: longer than people think between two clicks
worker_connections = _descriptors() - 500
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
# The application logs each request itself, with its id.
accesslog = None
errorlog = "-"
loglevel = "warning"
control_socket_disable = True


def when_ready(server: Any) -> None:
    """What is loaded now stays: the collector need not touch it, and so it stays shared between the processes."""
    gc.collect()
    gc.freeze()


def child_exit(server: Any, worker: Any) -> None:
    """Tell the metrics that this process is gone."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
