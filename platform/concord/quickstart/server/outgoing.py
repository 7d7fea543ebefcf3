"""What is to be sent: by the thread that answers as long as the client takes it, by the loop when it does not."""

import errno
import socket
import tempfile
import threading
from collections.abc import Callable

IN_MEMORY = 64 * 1024  # bytes of an answer that wait for their client; more lie in a file
MOST_WAITING = 256 * 1024 * 1024  # bytes; then the thread waits as well
LONGEST_WAIT = 120.0  # seconds
CHUNK = 256 * 1024


class Outgoing:
    """A socket as an application's thread sees it: `sendall` never waits for a slow client.

    What the client does not take at once is kept, and `wake` is called for the loop to `flush` it when the client is ready.
    """

    def __init__(self, raw: socket.socket, wake: Callable[[], None]) -> None:
        self.raw = raw
        self.lost = False
        self._wake = wake
        self._room = threading.Condition()
        self._kept = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed with the connection
        self._read = self._written = 0

    @property
    def waiting(self) -> int:
        """Bytes that the client has not taken yet."""
        return self._written - self._read

    def sendall(self, data: bytes) -> None:
        with self._room:
            first = not self.waiting
            if self.waiting >= MOST_WAITING:
                self._room.wait_for(lambda: self.lost or self.waiting < MOST_WAITING, LONGEST_WAIT)
            if self.lost or self.waiting >= MOST_WAITING:
                raise BrokenPipeError(errno.EPIPE, "The client takes nothing.")
            rest = memoryview(data)
            if not self.waiting:
                rest = rest[self._try(rest) :]
            if not rest:
                return
            self._kept.seek(self._written)
            self._kept.write(rest)
            self._written += len(rest)
        if first:
            self._wake()

    def send(self, data: bytes) -> int:
        self.sendall(data)
        return len(data)

    def flush(self) -> int:
        """Send on, as much as the client takes now; returns how many bytes it took."""
        with self._room:
            took = 0
            while self.waiting:
                self._kept.seek(self._read)
                chunk = self._kept.read(min(CHUNK, self.waiting))
                sent = self._try(memoryview(chunk))
                self._read += sent
                took += sent
                if sent < len(chunk):
                    break
            if not self.waiting and self._written:
                self._kept.close()
                self._kept = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
                self._read = self._written = 0
            self._room.notify_all()
            return took

    def _try(self, data: memoryview) -> int:
        try:
            return self.raw.send(data)
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError:
            self.lost = True
            raise

    def close(self) -> None:
        """Nothing more is sent; a thread that still writes learns it. The loop closes the socket, with `end`."""
        with self._room:
            self.lost = True
            self._room.notify_all()

    def end(self) -> None:
        self.close()
        self._kept.close()
        self.raw.close()

    # What gunicorn asks of a socket besides.

    def setblocking(self, flag: bool) -> None:
        """It never blocks."""

    def shutdown(self, how: int) -> None:
        """The loop ends the connection when all is sent."""

    def settimeout(self, seconds: float | None) -> None:
        """It never waits."""

    def gettimeout(self) -> float:
        return 0.0

    def recv(self, size: int) -> bytes:
        """All of the request is here; nothing more is read."""
        return b""

    def fileno(self) -> int:
        return self.raw.fileno()

    def getsockname(self) -> object:
        return self.raw.getsockname()
