"""Claiming shards under a lease, and keeping or losing them."""

import os
import socket
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from django.db import DatabaseError, connection, connections

from evaluation.models import Shard
from evaluation.states import ShardState

log = structlog.get_logger(__name__)
LEASE_SECONDS = 60.0
MAX_ATTEMPTS = 6


class LostShard(Exception):
    """The lease ran out and another worker holds the shard, or the run no longer runs: stop quietly."""


def new_holder() -> str:
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{uuid.uuid4().hex[:12]}"


def claim(run_id: int, holder: str) -> Shard | None:
    """The next shard of a running run that nobody holds. Waits for no lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE evaluation_shard SET state = 'claimed', holder = %s, attempts = attempts + 1, "
            "lease_until = clock_timestamp() + make_interval(secs => %s) WHERE id = ("
            "  SELECT s.id FROM evaluation_shard s JOIN evaluation_run r ON r.id = s.run_id "
            "  WHERE s.run_id = %s AND r.state = 'running' AND "
            "  (s.state = 'waiting' OR (s.state = 'claimed' AND s.lease_until < clock_timestamp())) "
            "  ORDER BY s.epoch, s.first LIMIT 1 FOR UPDATE OF s SKIP LOCKED) RETURNING id",
            [holder, LEASE_SECONDS, run_id],
        )
        row = cursor.fetchone()
    return Shard.objects.get(pk=row[0]) if row else None


def keep(shard: Shard) -> None:
    """Renew the lease after progress. Raises `LostShard` where the shard is no longer ours or the run has stopped."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE evaluation_shard s SET lease_until = clock_timestamp() + make_interval(secs => %s), attempts = 1 "
            "FROM evaluation_run r WHERE s.id = %s AND s.holder = %s AND s.state = 'claimed' "
            "AND r.id = s.run_id AND r.state = 'running'",
            [LEASE_SECONDS, shard.pk, shard.holder],
        )
        if cursor.rowcount != 1:
            raise LostShard


def finish(shard: Shard) -> None:
    _settle(shard, ShardState.DONE)


def release(shard: Shard) -> None:
    """Give the shard back unfinished."""
    _settle(shard, ShardState.WAITING)


def _settle(shard: Shard, state: str) -> None:
    Shard.objects.filter(pk=shard.pk, holder=shard.holder, state=ShardState.CLAIMED).update(
        state=state, holder="", lease_until=None
    )


@contextmanager
def heartbeat(shard: Shard, also: Callable[[], None] | None = None) -> Iterator[None]:
    """Renews the lease from a thread while a batch keeps this one busy; it dies with the process, and the lease runs out."""
    done = threading.Event()

    def beat() -> None:
        while not done.wait(LEASE_SECONDS / 4):
            try:
                _renew(shard)
                if also is not None:
                    also()
            except DatabaseError as error:  # the next beat may succeed; if none does, the lease runs out
                log.warning("heartbeat_failed", shard=shard.pk, error=str(error))
            finally:
                connections["default"].close()

    thread = threading.Thread(target=beat, name="shard-heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(timeout=5)


def _renew(shard: Shard) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE evaluation_shard SET lease_until = clock_timestamp() + make_interval(secs => %s) "
            "WHERE id = %s AND holder = %s AND state = 'claimed'",
            [LEASE_SECONDS, shard.pk, shard.holder],
        )
