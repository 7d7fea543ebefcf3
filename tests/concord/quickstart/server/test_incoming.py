"""Bytes in any pieces become the same request; what never ends is overdue."""

import hashlib
import random

import pytest

from concord.quickstart.server.incoming import (
    BODY_SECONDS,
    HEAD_SECONDS,
    IN_MEMORY,
    LEAST_RATE,
    LONGEST_HEAD,
    Incoming,
    Refused,
)

LARGEST = 1_000_000


def head(*lines: str, method: str = "POST") -> bytes:
    return "\r\n".join([f"{method} /x HTTP/1.1", "Host: localhost", *lines, "", ""]).encode()


def gathered(data: bytes, pieces: int, seed: int = 1) -> Incoming:
    incoming, rng = Incoming(largest=LARGEST), random.Random(seed)
    cuts = sorted(rng.randrange(len(data) + 1) for _ in range(pieces - 1))
    for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
        assert not incoming.whole or not data[start:].strip(b"#")
        if end > start:
            incoming.feed(data[start:end], 0.0)
    return incoming


@pytest.mark.parametrize("size", [0, 1, 1000, IN_MEMORY, IN_MEMORY + 1, 300_000])
@pytest.mark.parametrize("pieces", [1, 2, 7, 60])
def test_however_it_is_cut_head_and_body_are_what_was_sent(size: int, pieces: int) -> None:
    sent = head(f"Content-Length: {size}") + random.Random(size).randbytes(size)
    for seed in range(5):
        incoming = gathered(sent, pieces, seed)
        assert incoming.whole
        assert incoming.after == b""
        digest = hashlib.sha256()
        for chunk in incoming.chunks():
            digest.update(chunk)
        assert digest.digest() == hashlib.sha256(sent).digest()
        assert incoming.spooled == (size if size > IN_MEMORY else 0)
        incoming.close()


def test_one_byte_less_is_not_whole_and_what_follows_is_kept_for_the_next() -> None:
    sent = head("content-length:4") + b"body"
    incoming = gathered(sent[:-1], 3)
    assert not incoming.whole
    incoming.feed(sent[-1:] + b"GET /next", 0.0)
    assert incoming.whole
    assert incoming.after == b"GET /next"
    assert b"".join(incoming.chunks()) == sent


def test_a_request_without_length_is_its_head() -> None:
    incoming = gathered(head(method="GET") + b"####", 1)
    assert (incoming.whole, incoming.after) == (True, b"####")
    assert b"".join(incoming.chunks()) == head(method="GET")


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (["Transfer-Encoding: chunked"], 411),
        (["transfer-encoding : gzip, chunked", "Content-Length: 3"], 411),
        (["Content-Length: 3", "Content-Length: 3"], 400),
        (["Content-Length: -1"], 400),
        (["Content-Length: 3, 3"], 400),
        (["Content-Length: 0x10"], 400),
        (["Content-Length: ²"], 400),
        (["Content-Length: " + "9" * 19], 400),
        (["Content-Length:"], 400),
        (["X: " + "a" * LONGEST_HEAD], 431),
    ],
)
def test_a_length_that_cannot_be_told_is_refused(lines: list[str], status: int) -> None:
    with pytest.raises(Refused) as refused:
        gathered(head(*lines), 3)
    assert refused.value.status == status


def test_a_head_that_never_ends_is_refused() -> None:
    incoming = Incoming(largest=LARGEST)
    for _ in range(LONGEST_HEAD // 1024):
        incoming.feed(b"a" * 1024, 0.0)
    with pytest.raises(Refused) as refused:
        incoming.feed(b"a", 0.0)
    assert refused.value.status == 431


def test_of_a_body_that_is_too_large_nothing_is_read() -> None:
    incoming = gathered(head(f"Content-Length: {LARGEST + 1}"), 2)
    assert (incoming.whole, incoming.is_too_large, incoming.spooled) == (True, True, 0)
    assert b"".join(incoming.chunks()) == head(f"Content-Length: {LARGEST + 1}")
    assert not gathered(head(f"Content-Length: {LARGEST}"), 2).is_too_large


def test_it_is_overdue_by_its_own_clock() -> None:
    incoming = Incoming(largest=LARGEST)
    assert incoming.due(75.0) == 75.0
    incoming.feed(b"GET ", 100.0)
    incoming.feed(b"/", 105.0)
    assert incoming.due(75.0) == 100.0 + HEAD_SECONDS, "another byte gives the head no more time"
    incoming = Incoming(largest=LARGEST)
    incoming.feed(head("Content-Length: 10000"), 100.0)
    assert incoming.due(0.0) == 100.0 + HEAD_SECONDS + BODY_SECONDS
    incoming.feed(b"b" * 5120, 120.0)
    assert incoming.due(0.0) == 100.0 + HEAD_SECONDS + BODY_SECONDS + 5120 / LEAST_RATE
    assert incoming.has_begun


@pytest.mark.parametrize(
    ("line", "waits"), [("Expect: 100-Continue", True), ("Expect: x", False), ("A: b", False)]
)
def test_who_waits_for_leave_to_send_the_body_is_known(line: str, waits: bool) -> None:
    assert gathered(head(line, "Content-Length: 3"), 1).wants_continue is waits
