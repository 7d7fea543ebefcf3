"""The web server: a few processes with threads, loaded once and then forked, so that they share memory."""

import gc
import os
from pathlib import Path
from typing import Any

wsgi_app = "concord.wsgi:application"
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "0")) or min(4, max(2, (os.cpu_count() or 2) // 2))
threads = int(os.environ.get("WEB_THREADS", "8"))
preload_app = True
timeout = 120
graceful_timeout = 8
keepalive = 5
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
