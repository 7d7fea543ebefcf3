"""Reading a chat completion, streamed or whole, from a server that may send anything."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

MAX_BYTES = 8 << 20
MAX_TEXT = 2_000_000


class BadReply(Exception):
    """The server's answer is not a chat completion, or is too large."""


@dataclass
class Completion:
    parts: list[str] = field(default_factory=list)
    size: int = 0
    input_tokens: int | None = None
    output_tokens: int | None = None
    finished: bool = False

    @property
    def text(self) -> str:
        return "".join(self.parts)

    def add(self, text: str) -> None:
        self.size += len(text)
        if self.size > MAX_TEXT:
            raise BadReply(f"the answer is longer than {MAX_TEXT:,} characters")
        self.parts.append(text)


def read(chunks: Iterator[bytes], *, streamed: bool, on_first: Callable[[], None]) -> Completion:
    """The completion in a response body. Raises `BadReply`."""
    if not streamed:
        return _whole(b"".join(limited(chunks)))
    completion = Completion()
    for data in _events(limited(chunks)):
        if data == "[DONE]":
            completion.finished = True
            break
        _take(completion, _json(data), on_first)
    if not completion.finished:
        # A connection that breaks looks like one that ends: half an answer must not be scored as a wrong one.
        raise BadReply(
            "the stream ended before the answer did"
            if completion.parts
            else "the stream ended without an answer"
        )
    return completion


def limited(chunks: Iterator[bytes], limit: int = MAX_BYTES) -> Iterator[bytes]:
    seen = 0
    for chunk in chunks:
        seen += len(chunk)
        if seen > limit:
            raise BadReply(f"the response is larger than {limit >> 20} MiB")
        yield chunk


def _events(chunks: Iterator[bytes]) -> Iterator[str]:
    """The data of server-sent events; a `data:` line is one event in this protocol."""
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                yield line[5:].strip().decode("utf-8", errors="replace")
    if rest.startswith(b"data:"):
        yield rest[5:].strip().decode("utf-8", errors="replace")


def _json(data: str | bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadReply("the server did not answer with JSON") from error
    if not isinstance(value, dict):
        raise BadReply("the server's JSON is not an object")
    return value


def _take(completion: Completion, event: dict[str, Any], on_first: Callable[[], None]) -> None:
    _refuse_error(event)
    _usage(completion, event)
    for choice in _list(event.get("choices"))[:1]:
        completion.finished |= isinstance(choice, dict) and bool(choice.get("finish_reason"))
        delta = choice.get("delta") if isinstance(choice, dict) else None
        text = delta.get("content") if isinstance(delta, dict) else None
        if isinstance(text, str) and text:
            on_first()
            completion.add(text)


def _whole(body: bytes) -> Completion:
    event, completion = _json(body), Completion(finished=True)
    _refuse_error(event)
    choices = _list(event.get("choices"))
    message = choices[0].get("message") if choices and isinstance(choices[0], dict) else None
    if not isinstance(message, dict):
        raise BadReply("the server's JSON is not a chat completion")
    completion.add(message["content"] if isinstance(message.get("content"), str) else "")
    _usage(completion, event)
    return completion


def _refuse_error(event: dict[str, Any]) -> None:
    """Some servers answer 200 and say the error in the body; others send `"error": null` with each answer."""
    if event.get("error"):
        raise BadReply(f"the server reported an error: {error_text(event)}")


def _usage(completion: Completion, event: dict[str, Any]) -> None:
    usage = event.get("usage")
    if isinstance(usage, dict):
        completion.input_tokens = _count(usage.get("prompt_tokens"))
        completion.output_tokens = _count(usage.get("completion_tokens"))


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 31 else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def error_text(body: dict[str, Any]) -> str:
    """What the server says of its error, whole: whoever cuts it must have taken keys out first."""
    error = body.get("error")
    message = error.get("message") if isinstance(error, dict) else error
    return str(message)
