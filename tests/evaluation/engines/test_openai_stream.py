"""Reading chat completions: the same answer however the network cuts it, and a plain refusal of everything else."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from evaluation.engines import openai_stream
from evaluation.engines.openai_stream import BadReply, Completion, error_text, limited, read


def event(content: Any = None, **more: Any) -> bytes:
    """One server-sent event with a piece of the answer."""
    choices = [] if content is None else [{"index": 0, "delta": {"content": content}}]
    return b"data: " + json.dumps({"choices": choices, **more}, ensure_ascii=False).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"
USAGE = event(usage={"prompt_tokens": 11, "completion_tokens": 3})
SAID = event("Grüße, ") + b": keep-alive\n\n" + event("") + event("世界 🙂\n") + USAGE + DONE


def streamed(*chunks: bytes) -> Completion:
    return read(iter(chunks), streamed=True, on_first=lambda: None)


def whole(*chunks: bytes) -> Completion:
    return read(iter(chunks), streamed=False, on_first=lambda: None)


def facts(found: Completion) -> tuple[Any, ...]:
    return found.text, found.input_tokens, found.output_tokens, found.finished


EXPECTED = ("Grüße, 世界 🙂\n", 11, 3, True)


def test_a_stream_is_the_same_wherever_it_is_cut() -> None:
    for place in range(len(SAID) + 1):
        assert facts(streamed(SAID[:place], SAID[place:])) == EXPECTED, f"cut at byte {place}"


def test_a_stream_is_the_same_byte_by_byte_and_with_empty_chunks() -> None:
    assert facts(streamed(*(bytes([one]) for one in SAID))) == EXPECTED
    assert facts(streamed(b"", SAID[:7], b"", b"", SAID[7:], b"")) == EXPECTED


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"\n\n", b"\r\n\r\n"), (b"data: ", b"data:"), (b"data: ", b"data:  "), (b"\n\n", b"\n")],
)
def test_line_ends_and_spaces_are_as_servers_please(old: bytes, new: bytes) -> None:
    text = SAID.replace(old, new)
    assert facts(streamed(text)) == EXPECTED
    assert facts(streamed(*(bytes([one]) for one in text))) == EXPECTED


def test_the_last_line_needs_no_end() -> None:
    assert facts(streamed(SAID.removesuffix(b"\n\n"))) == EXPECTED


def test_nothing_is_read_after_the_end() -> None:
    def chunks() -> Iterator[bytes]:
        yield SAID
        raise AssertionError("the server keeps the connection open after [DONE]")

    assert facts(read(chunks(), streamed=True, on_first=lambda: None)) == EXPECTED
    assert streamed(event("x") + DONE + event("y")).text == "x"


def test_the_first_word_is_the_first_text_and_not_the_first_event() -> None:
    marks: list[int] = []
    seen = 0

    def chunks() -> Iterator[bytes]:
        nonlocal seen
        for one in (b": hello\n\n", event(), event(""), event(None, x=1), event("a"), event("b"), DONE):
            seen += 1
            yield one

    read(chunks(), streamed=True, on_first=lambda: marks.append(seen))
    assert marks == [5, 6]


@pytest.mark.parametrize(
    "odd",
    [
        {"choices": None},
        {"choices": "x"},
        {"choices": [None]},
        {"choices": [{}]},
        {"choices": [{"delta": None}]},
        {"choices": [{"delta": {"content": None}}]},
        {"choices": [{"delta": {"content": 7}}]},
        {"choices": [{"delta": {"tool_calls": []}}]},
        {"error": None},
        {},
    ],
)
def test_events_without_text_add_none(odd: dict[str, Any]) -> None:
    assert streamed(event("x"), b"data: " + json.dumps(odd).encode() + b"\n\n", event("y"), DONE).text == "xy"


def test_only_the_first_of_several_choices_is_the_answer() -> None:
    both = {"choices": [{"delta": {"content": "one"}}, {"delta": {"content": "two"}}]}
    assert streamed(b"data: " + json.dumps(both).encode() + b"\n\n", DONE).text == "one"


@pytest.mark.parametrize(
    ("chunks", "said"),
    [
        ([], "ended without an answer"),
        ([b": ping\n\n"], "ended without an answer"),
        ([event("half an ans")], "ended before the answer did"),
        ([SAID.removesuffix(DONE)], "ended before the answer did"),
        ([b"data: {broken\n\n"], "not answer with JSON"),
        ([b"data: [1]\n\n"], "not an object"),
        ([b"data: " + b"[" * 100_000 + b"\n\n"], "not answer with JSON"),
        ([event("x"), b'data: {"error": {"message": "overloaded"}}\n\n'], "reported an error: overloaded"),
        ([event("x"), b'data: {"error": "overloaded"}\n\n'], "reported an error: overloaded"),
    ],
)
def test_a_stream_that_is_no_answer_says_why(chunks: list[bytes], said: str) -> None:
    with pytest.raises(BadReply, match=said):
        streamed(*chunks)


def test_a_reason_to_finish_ends_an_answer_as_well_as_the_last_line() -> None:
    last = {"choices": [{"delta": {}, "finish_reason": "stop"}]}
    assert streamed(event("x"), b"data: " + json.dumps(last).encode() + b"\n\n").text == "x"
    assert streamed(DONE).text == "", "an empty answer is an answer"


@pytest.mark.parametrize(
    ("usage", "counts"),
    [
        ({"prompt_tokens": 0, "completion_tokens": 2**31 - 1}, (0, 2**31 - 1)),
        ({"prompt_tokens": -1, "completion_tokens": 2**31}, (None, None)),
        ({"prompt_tokens": True, "completion_tokens": 3.0}, (None, None)),
        ({"prompt_tokens": "5"}, (None, None)),
        ({}, (None, None)),
        (None, (None, None)),
        ([5, 2], (None, None)),
    ],
)
def test_only_counts_are_counts(usage: Any, counts: tuple[int | None, int | None]) -> None:
    found = streamed(event("x", usage=usage), DONE)
    assert (found.input_tokens, found.output_tokens) == counts
    body = json.dumps({"choices": [{"message": {"content": "x"}}], "usage": usage}).encode()
    assert (whole(body).input_tokens, whole(body).output_tokens) == counts


def test_a_whole_answer_is_the_same_wherever_it_is_cut() -> None:
    body = json.dumps(
        {"choices": [{"message": {"content": "Grüße 🙂"}}], "usage": {"prompt_tokens": 4}}, ensure_ascii=False
    ).encode()
    for place in range(len(body) + 1):
        assert facts(whole(body[:place], body[place:])) == ("Grüße 🙂", 4, None, True)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "not a chat completion"),
        ({"choices": []}, "not a chat completion"),
        ({"choices": ["x"]}, "not a chat completion"),
        ({"choices": [{"text": "x"}]}, "not a chat completion"),
        ({"error": {"message": "no quota"}}, "reported an error: no quota"),
        ([], "not an object"),
    ],
)
def test_a_whole_body_that_is_no_answer_says_why(body: Any, said: str) -> None:
    with pytest.raises(BadReply, match=said):
        whole(json.dumps(body).encode())


def test_a_tool_call_has_no_text() -> None:
    assert whole(b'{"choices": [{"message": {"content": null, "tool_calls": []}}]}').text == ""


def test_a_response_may_be_as_large_as_the_limit_and_no_larger() -> None:
    assert b"".join(limited(iter([b"ab", b"cd"]), 4)) == b"abcd"
    with pytest.raises(BadReply, match="larger than 8 MiB"):
        list(limited(iter([b"x" * (8 << 20), b"x"])))


def test_an_answer_may_be_as_long_as_the_limit_and_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openai_stream, "MAX_TEXT", 10)
    assert streamed(event("12345"), event("67890"), DONE).text == "1234567890"
    with pytest.raises(BadReply, match="longer than 10 characters"):
        streamed(event("12345"), event("678901"), DONE)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"error": {"message": "no"}}, "no"),
        ({"error": "no"}, "no"),
        ({"error": {"message": "x" * 400}}, "x" * 400),
        ({"error": {"code": 5}}, "None"),
    ],
)
def test_the_text_of_an_error(body: dict[str, Any], text: str) -> None:
    assert error_text(body) == text
