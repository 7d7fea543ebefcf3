"""gunicorn's threaded worker, whose threads are given whole requests and never wait for a client.

gunicorn's own reads a request in a thread: sixteen clients that send half a header, or read their answer slowly, hold up all
pages. Here one loop in each process reads requests until they are whole, within their time (`incoming`), a thread answers, and
what its client does not take at once is sent by the loop (`outgoing`). Idle connections cost a descriptor; where there are as
many as may be, the one that has waited longest makes room.
"""

import contextlib
import errno
import selectors
import socket
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from gunicorn.http import get_parser
from gunicorn.workers.gthread import ThreadWorker

from concord.quickstart.server.incoming import Incoming, Refused
from concord.quickstart.server.outgoing import Outgoing

LINGER_SECONDS = 2.0  # an answer that says goodbye may still be on its way
STALLED_SECONDS = 60.0  # without a byte taken by the client
AT_ONCE = 16  # connections taken in one turn: other processes want some too
SWEEP_SECONDS = 0.5  # between looks for what is overdue
CHUNK = 64 * 1024


class Connection:
    """One client. Some names are those that gunicorn asks of a connection."""

    initialized = data_ready = True
    is_http2 = False

    def __init__(
        self,
        cfg: Any,
        raw: socket.socket,
        client: Any,
        server: Any,
        largest: int,
        wake: Callable[["Connection"], None],
    ) -> None:
        raw.setblocking(False)
        self.cfg = cfg
        self.raw = raw
        self.client = client
        self.server = server
        self.sock = Outgoing(raw, partial(wake, self))
        self.incoming = Incoming(largest=largest)
        self.reserved = 0
        self.parser: Any = None
        self.due = 0.0
        self.answered = True
        self.stays = False
        self.watched = 0

    def init(self) -> None:
        """Nothing: the request is here."""


class BufferedWorker(ThreadWorker):  # type: ignore[misc]
    """See the module. Connections are in one of three places: `waiting` for a request, in a thread, or `sending`."""

    def init_process(self) -> None:
        self.waiting: dict[Connection, None] = {}
        self.sending: dict[Connection, None] = {}
        self.lingering: dict[Connection, None] = {}
        self.spooled = 0
        # The application refuses a larger body by its head, and nothing of it is read.
        self.largest = settings.MAX_UPLOAD_BYTES + 1024 * 1024
        self.next_sweep = 0.0
        super().init_process()

    # -- coming in

    def accept(self, listener: Any) -> None:
        for _ in range(AT_ONCE):
            try:
                raw, client = listener.accept()
            except OSError as error:
                if error.errno in (errno.EMFILE, errno.ENFILE):
                    self._make_room()
                elif error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                    raise
                return
            with contextlib.suppress(OSError):
                raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            conn = Connection(self.cfg, raw, client, listener.getsockname(), self.largest, self._wake)
            self.nr_conns += 1
            self._await_request(conn)
            if self.nr_conns >= self.worker_connections - 1:
                self._make_room()

    def _make_room(self) -> None:
        """The connection that has waited longest for its client goes."""
        oldest = next(iter(self.waiting), None)
        if oldest is not None:
            self._drop(oldest)

    def _await_request(self, conn: Connection) -> None:
        conn.due = time.monotonic() + self.cfg.keepalive
        self.waiting[conn] = None
        self._watch(conn, selectors.EVENT_READ, self._readable)

    def _readable(self, conn: Connection) -> None:
        data = self._read(conn)
        if data is None:
            return
        if not data:
            self._drop(conn)
            return
        self._take(conn, data)

    def _read(self, conn: Connection) -> bytes | None:
        """None where nothing has come after all, nothing where the client is gone."""
        try:
            return conn.raw.recv(CHUNK)
        except (BlockingIOError, InterruptedError):
            return None
        except OSError:
            return b""

    def _take(self, conn: Connection, data: bytes) -> None:
        incoming = conn.incoming
        headless = incoming.length is None
        try:
            incoming.feed(data, time.monotonic())
            if headless and incoming.spooled:
                self._reserve(conn, incoming.spooled)
        except Refused as refused:
            self._refuse(conn, refused.status, refused.reason)
            return
        except OSError:
            self._refuse(conn, 507, "Insufficient Storage")
            return
        if incoming.whole:
            self._answer(conn)
        elif headless and incoming.length is not None and incoming.wants_continue:
            conn.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _reserve(self, conn: Connection, size: int) -> None:
        """All bodies on the disk together are bounded, whoever sends them."""
        if self.spooled + size > 2 * self.largest:
            raise Refused(503, "Service Unavailable")
        conn.reserved = size
        self.spooled += size

    def _release(self, conn: Connection) -> None:
        self.spooled -= conn.reserved
        conn.reserved = 0
        conn.incoming.close()

    def _refuse(self, conn: Connection, status: int, reason: str) -> None:
        self._forget(conn)
        with contextlib.suppress(OSError):
            conn.sock.sendall(
                f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".encode()
            )
        conn.stays = False
        self._settle(conn)

    # -- answering

    def _answer(self, conn: Connection) -> None:
        self._forget(conn)
        conn.answered = False
        conn.parser = get_parser(self.cfg, conn.incoming.chunks(), conn.client)
        self.enqueue_req(conn)

    def finish_request(self, conn: Connection, fs: Any) -> None:
        """On the loop, when the thread is through."""
        conn.answered = True
        stays = not fs.cancelled() and fs.exception() is None and bool(fs.result())
        conn.stays = stays and not conn.incoming.is_too_large
        self._release(conn)
        self._settle(conn)

    def _settle(self, conn: Connection) -> None:
        """Go on where a thread has ended: send what is left, then wait for the next request or say goodbye."""
        if conn.sock.lost:
            self._drop(conn)
        elif conn.sock.waiting:
            self._send(conn)
        elif not conn.stays:
            self._linger(conn)
        else:
            rest = conn.incoming.after
            conn.incoming = Incoming(largest=self.largest)
            self._await_request(conn)
            if rest:
                self._take(conn, rest)

    # -- going out

    def _wake(self, conn: Connection) -> None:
        """Called by threads: something waits to be sent."""
        self.method_queue.defer(self._send, conn)

    def _send(self, conn: Connection) -> None:
        if conn in self.sending or conn in self.waiting or not conn.sock.waiting:
            return
        conn.due = time.monotonic() + STALLED_SECONDS
        self.sending[conn] = None
        self._watch(conn, selectors.EVENT_WRITE, self._writable)

    def _writable(self, conn: Connection) -> None:
        try:
            if conn.sock.flush():
                conn.due = time.monotonic() + STALLED_SECONDS
        except OSError:
            conn.sock.close()
        if conn.sock.waiting and not conn.sock.lost:
            return
        self._forget(conn)
        if conn.answered:
            self._settle(conn)

    def _linger(self, conn: Connection) -> None:
        """Say that nothing more comes, and read on for a moment: closing at once could cut off what is on its way."""
        try:
            conn.raw.shutdown(socket.SHUT_WR)
        except OSError:
            self._drop(conn)
            return
        conn.due = time.monotonic() + LINGER_SECONDS
        self.lingering[conn] = None
        self._watch(conn, selectors.EVENT_READ, self._discard)

    def _discard(self, conn: Connection) -> None:
        if self._read(conn) == b"":
            self._drop(conn)

    # -- keeping order

    def _watch(self, conn: Connection, events: int, callback: Callable[[Connection], None]) -> None:
        def turn(fileobj: Any) -> None:
            try:
                callback(conn)
            except Exception:
                self.log.exception("A connection broke the loop's turn.")
                self._drop(conn)

        if conn.watched:
            self.poller.modify(conn.raw, events, turn)
        else:
            self.poller.register(conn.raw, events, turn)
        conn.watched = events

    def _forget(self, conn: Connection) -> None:
        for place in (self.waiting, self.sending, self.lingering):
            place.pop(conn, None)
        if conn.watched:
            conn.watched = 0
            with contextlib.suppress(KeyError, ValueError, OSError):
                self.poller.unregister(conn.raw)

    def _drop(self, conn: Connection) -> None:
        """End it. A thread that still answers learns it at its next write, and the loop when the thread is through."""
        self._forget(conn)
        conn.sock.close()
        if conn.answered and conn.raw.fileno() >= 0:
            self._release(conn)
            conn.sock.end()
            self.nr_conns -= 1

    def murder_keepalived(self, force: bool = False) -> None:
        """End what is overdue; with `force` all that no thread answers."""
        now = time.monotonic()
        if now < self.next_sweep and not force:
            return
        self.next_sweep = now + SWEEP_SECONDS
        late = [conn for conn in self.waiting if force or conn.incoming.due(conn.due) <= now]
        for place in (self.sending, self.lingering):
            late += [conn for conn in place if force or conn.due <= now]
        for conn in late:
            self._drop(conn)

    def murder_pending(self) -> None:
        """Nothing pends apart from the others."""

    def _cap_keepalive(self, deadline: float) -> None:
        for conn in self.waiting:
            conn.due = min(conn.due, deadline)
