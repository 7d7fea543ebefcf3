"""The bytes of one request, gathered until it is whole."""

import tempfile
from collections.abc import Iterator
from typing import IO

LONGEST_HEAD = 64 * 1024  # bytes, the line of the request and its headers
IN_MEMORY = 64 * 1024  # bytes of a body; a longer one lies in a file
HEAD_SECONDS = 10.0  # for all headers, however they come
BODY_SECONDS = 30.0  # for a body, and one second more for each LEAST_RATE of it
LEAST_RATE = 1024.0  # bytes a second
CHUNK = 64 * 1024


class Refused(Exception):
    """A request that no application sees: its status, and why."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Incoming:
    """One request on its way in.

    `feed` takes what has come. As soon as it is `whole`, `chunks` gives head and body as they were sent, and `after` what the
    client sent behind it. `due` is when it must have come on: the time for a body grows with what has come of it, so that a
    slow line is served and one that drips is not.
    """

    def __init__(self, *, largest: int) -> None:
        self.largest = largest
        self.after = b""
        self.length: int | None = None
        self.is_too_large = False
        self.wants_continue = False
        self._head = bytearray()
        self._body: bytearray | IO[bytes] = bytearray()
        self._received = 0
        self._began: float | None = None

    @property
    def has_begun(self) -> bool:
        return self._began is not None

    @property
    def whole(self) -> bool:
        return self.length is not None and (self.is_too_large or self._received == self.length)

    @property
    def spooled(self) -> int:
        """Bytes of the disk that its body takes when it is whole."""
        return self.length if self.length is not None and not isinstance(self._body, bytearray) else 0

    def due(self, idle_until: float) -> float:
        """When it must have come on, on the clock of `feed`; `idle_until` where nothing has come."""
        if self._began is None:
            return idle_until
        if self.length is None:
            return self._began + HEAD_SECONDS
        return self._began + HEAD_SECONDS + BODY_SECONDS + self._received / LEAST_RATE

    def feed(self, data: bytes, now: float) -> None:
        """Take what has come. Raises `Refused` for what will never be served, `OSError` where the disk is full."""
        if self._began is None:
            self._began = now
        if self.length is None:
            data = self._feed_head(data)
            if self.length is None:
                return
        wanted = 0 if self.is_too_large else self.length - self._received
        self._keep(data[:wanted])
        self.after += data[wanted:]

    def _feed_head(self, data: bytes) -> bytes:
        """What is left of the data behind the head."""
        seen = len(self._head)
        self._head += data
        end = self._head.find(b"\r\n\r\n", max(0, seen - 3))
        if end < 0 or end > LONGEST_HEAD:
            if len(self._head) > LONGEST_HEAD:
                raise Refused(431, "Request Header Fields Too Large")
            return b""
        rest = bytes(self._head[end + 4 :])
        del self._head[end + 4 :]
        self._read_head()
        return rest

    def _read_head(self) -> None:
        lengths = []
        for line in bytes(self._head).split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            match name.strip().lower():
                case b"content-length":
                    lengths.append(value.strip())
                case b"transfer-encoding":
                    raise Refused(411, "Length Required")
                case b"expect":
                    self.wants_continue = value.strip().lower() == b"100-continue"
        if len(lengths) > 1 or any(not one.isdigit() or len(one) > 18 for one in lengths):
            raise Refused(400, "Bad Request")
        self.length = int(lengths[0]) if lengths else 0
        self.is_too_large = self.length > self.largest
        if self.length > IN_MEMORY and not self.is_too_large:
            self._body = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the request

    def _keep(self, data: bytes) -> None:
        if not data:
            return
        self._received += len(data)
        if isinstance(self._body, bytearray):
            self._body += data
        else:
            self._body.write(data)

    def chunks(self) -> Iterator[bytes]:
        """Head and body, as they were sent."""
        yield bytes(self._head)
        if isinstance(self._body, bytearray):
            if self._body:
                yield bytes(self._body)
            return
        self._body.seek(0)
        while chunk := self._body.read(CHUNK):
            yield chunk

    def close(self) -> None:
        if not isinstance(self._body, bytearray):
            self._body.close()
