"""A real Celery worker with a slow engine, to be killed. Run by test_kill_worker with the folder of its log as argument."""

import os
import sys
import time
from pathlib import Path
from typing import Any

import django

django.setup()

from concord.celery import app  # noqa: E402
from concord.core import jobs  # noqa: E402
from evaluation.engines import base  # noqa: E402
from evaluation.services import shards, work  # noqa: E402

LOG = Path(sys.argv[1])
# What takes a minute in earnest takes a second here.
shards.LEASE_SECONDS = 1.0
work.TURN_SECONDS = 2.0


class Slow(base.Engine):
    """Notes each example that it is asked, before it answers: what was noted twice was run twice."""

    def generate(self, requests: Any, sampling: Any) -> base.Replies:
        with (LOG / f"{os.getpid()}.log").open("a", buffering=1) as log:
            for first in range(0, len(requests), 10):
                group = requests[first : first + 10]
                watch = base.Stopwatch()
                for request in group:
                    log.write(f"{request.id}\n")
                time.sleep(0.01)
                yield [
                    base.Reply(id=request.id, text="yes", batch_size=10, **watch.stop()) for request in group
                ]


base.replace("transformers", Slow)


if __name__ == "__main__":
    assert jobs  # the registry is in this process
    app.worker_main(
        [
            "worker",
            "--pool=solo",
            "-Q",
            "cpu",
            "--loglevel=ERROR",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ]
    )
