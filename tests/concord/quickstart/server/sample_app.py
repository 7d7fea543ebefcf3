"""A small application behind the real server: what it answers is what came."""

import hashlib
import os
import time
from collections.abc import Callable, Iterable
from typing import Any

BIG = 20_000_000


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    path = environ["PATH_INFO"]
    if path == "/big":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return (bytes([65 + n % 26]) * 100_000 for n in range(BIG // 100_000))
    if path == "/wait":
        time.sleep(1)
    if path == "/broken":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return broken()
    body = environ["wsgi.input"].read()
    said = (
        f"{os.getpid()} {environ['REQUEST_METHOD']} {len(body)} {hashlib.sha256(body).hexdigest()}".encode()
    )
    start_response("200 OK", [("Content-Length", str(len(said)))])
    return [said]


def broken() -> Iterable[bytes]:
    yield b"begun"
    raise RuntimeError("in the middle")
