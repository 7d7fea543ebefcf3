"""The endpoint engine without a network: what it sends, what it tries again, how long it waits, what it tells."""

import json
from collections.abc import Callable
from typing import Any
from unittest import mock

import httpx
import pytest

from evaluation.engines import Access, EngineError, Message, Reply, Request, Sampling, create, openai_http
from evaluation.engines.openai_http import MAX_WAIT, RETRIED, OpenAIEngine

GOOD = {"choices": [{"message": {"content": "fine"}}]}


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the engine would have slept; its dice always show one half."""
    slept: list[float] = []
    monkeypatch.setattr(openai_http.time, "sleep", slept.append)
    monkeypatch.setattr(openai_http.random, "random", lambda: 0.5)
    return slept


def engine(answer: Callable[[httpx.Request], httpx.Response] | None = None, **config: Any) -> OpenAIEngine:
    made = create("openai", {"base_url": "https://host.example/v1/", "model": "m", **config}, key="sk-key")
    assert isinstance(made, OpenAIEngine)
    transport = httpx.MockTransport(answer or (lambda request: httpx.Response(200, json=GOOD)))
    http = httpx.Client(transport=transport, trust_env=False)
    with mock.patch.object(openai_http, "client", return_value=http):
        made.load()
    return made


def scripted(
    *steps: httpx.Response | Exception,
) -> tuple[Callable[[httpx.Request], httpx.Response], list[Any]]:
    """Answers by these steps, the last one again and again; and what was asked."""
    left, asked = list(steps), []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(json.loads(request.content))
        step = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(step, Exception):
            raise step
        return httpx.Response(step.status_code, headers=step.headers, content=step.content)

    return answer, asked


def one(made: OpenAIEngine, **sampling: Any) -> Reply:
    ((reply,),) = made.generate([Request(id=7, prompt="hi")], Sampling(**sampling))
    return reply


@pytest.mark.parametrize(
    "status", [400, 401, 403, 404, 408, 409, 413, 422, 425, 429, 500, 501, 502, 503, 504, 529]
)
def test_which_refusals_are_tried_again(status: int, waits: list[float]) -> None:
    answer, asked = scripted(httpx.Response(status, json={"error": {"message": "no"}}))
    reply = one(engine(answer, tries=3))
    again = status in {408, 409, 425, 429, 500, 502, 503, 504, 529}
    assert (len(asked), len(waits), reply.final) == ((3, 2, False) if again else (1, 0, True))
    assert reply.error == f"the server answered {status}: no"
    assert (reply.id, reply.text, reply.duration_ms) == (7, "", 0)


def test_the_pause_doubles_and_is_bounded(waits: list[float]) -> None:
    answer, _ = scripted(httpx.Response(500))
    one(engine(answer, tries=8, backoff_s=1.0))
    # A half of the dice: 1, 2, 4 ... seconds times three quarters, never above twenty.
    assert waits == [0.75, 1.5, 3.0, 6.0, 12.0, MAX_WAIT, MAX_WAIT]


def test_the_dice_spread_a_pause_between_its_half_and_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    made = engine(backoff_s=2)
    for dice, seconds in ((0.0, 4.0), (0.999999, 8.0)):
        monkeypatch.setattr(openai_http.random, "random", lambda dice=dice: dice)
        assert made._pause(2, 0.0) == pytest.approx(seconds, rel=1e-5)


@pytest.mark.parametrize(
    ("asked", "seconds"), [("3", 3.0), ("0", 0.75), ("-5", 0.75), ("3.5", 3.5), ("999", 20.0), ("soon", 0.75)]
)
def test_a_server_may_ask_for_a_longer_pause(asked: str, seconds: float, waits: list[float]) -> None:
    answer, _ = scripted(httpx.Response(429, headers={"retry-after": asked}), httpx.Response(200, json=GOOD))
    assert one(engine(answer)).text == "fine"
    assert waits == [seconds]


def test_a_pause_that_one_refusal_asked_for_is_not_that_of_the_next(waits: list[float]) -> None:
    answer, _ = scripted(
        httpx.Response(503, headers={"retry-after": "9"}),
        httpx.ReadTimeout("slow"),
        httpx.Response(200, json=GOOD),
    )
    assert one(engine(answer)).text == "fine"
    assert waits == [9.0, 1.5]


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (httpx.ConnectTimeout("x"), "no answer within 60 s"),
        (httpx.ReadTimeout("x"), "no answer within 60 s"),
        (httpx.ConnectError("refused"), "the connection failed: refused"),
        (httpx.ReadError(""), "the connection failed: ReadError"),
        (httpx.RemoteProtocolError("cut"), "the connection failed: cut"),
        (httpx.Response(200, content=b"<html>"), "the stream ended without an answer"),
        (httpx.Response(200, json={"choices": []}), "the server's JSON is not a chat completion"),
    ],
)
def test_what_may_pass_is_tried_again_and_told(
    trouble: httpx.Response | Exception, said: str, waits: list[float]
) -> None:
    answer, asked = scripted(trouble)
    reply = one(engine(answer, tries=2))
    assert (reply.error, reply.final, len(asked)) == (said, False, 2)
    answer, asked = scripted(trouble, httpx.Response(200, json=GOOD))
    reply = one(engine(answer, tries=2))
    assert (reply.error, reply.text, len(asked)) == ("", "fine", 2)


def test_half_a_stream_is_asked_again_and_never_an_answer(waits: list[float]) -> None:
    half = b'data: {"choices": [{"delta": {"content": "The answer is B"}}]}\n\n'
    rest = b'data: {"choices": [{"delta": {"content": "onn"}}]}\n\ndata: [DONE]\n\n'
    answer, asked = scripted(httpx.Response(200, content=half), httpx.Response(200, content=half + rest))
    assert one(engine(answer)).text == "The answer is Bonn"
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("response", "said"),
    [
        (httpx.Response(400, json={"error": {"message": "too long"}}), "the server answered 400: too long"),
        (httpx.Response(400, json={"error": "too long"}), "the server answered 400: too long"),
        (httpx.Response(400, json=["too long"]), "the server answered 400"),
        (httpx.Response(400, content=b"<html>no</html>"), "the server answered 400"),
        (httpx.Response(400, content=b" " * 70_000 + b"{}"), "the server answered 400"),
        (httpx.Response(400, content=b""), "the server answered 400"),
        (httpx.Response(307, headers={"location": "http://other"}), "redirects elsewhere"),
        (httpx.Response(404, json={"error": "sk-key is unknown"}), "404: [key] is unknown"),
        (httpx.Response(400, json={"error": "x" * 900}), "x" * 300),
    ],
)
def test_error_bodies_of_every_form_are_told_in_one_line(response: httpx.Response, said: str) -> None:
    answer, _ = scripted(response)
    reply = one(engine(answer))
    assert said in reply.error
    assert len(reply.error) < 340
    assert reply.final


def test_which_statuses_are_worth_another_try_is_one_table() -> None:
    assert {400, 401, 403, 404, 413, 422}.isdisjoint(RETRIED)


def test_the_body_by_its_settings() -> None:
    made = engine(extra={"n": 3, "model": "other", "stream": False, "top_k": 4})
    body = made._body(
        Request(id=1, prompt="hi"), Sampling(max_tokens=9, temperature=0.5, top_p=0.9, seed=3, stop=("x",))
    )
    assert body == {
        "top_k": 4,
        "model": "m",
        "messages": [{"role": "user", "content": "hi"}],
        "max_tokens": 9,
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.5,
        "top_p": 0.9,
        "seed": 3,
        "stop": ["x"],
    }
    assert "stop" not in made._body(Request(id=1, prompt="hi"), Sampling())
    bare = engine(sampling=False, usage=False, max_tokens_name="max_completion_tokens")
    assert set(bare._body(Request(id=1), Sampling())) == {
        "model",
        "messages",
        "max_completion_tokens",
        "stream",
    }


def test_a_conversation_goes_as_it_is_and_its_images_as_data() -> None:
    turns = (
        Message(role="system", text="Be brief."),
        Message(role="user", text="What is it?", images=(("image/png", b"\x00\xff"), ("image/gif", b"G"))),
    )
    body = engine()._body(Request(id=1, prompt="unused", messages=turns), Sampling())
    assert body["messages"] == [
        {"role": "system", "content": "Be brief."},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What is it?"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AP8="}},
                {"type": "image_url", "image_url": {"url": "data:image/gif;base64,Rw=="}},
            ],
        },
    ]


def test_the_key_is_sent_where_there_is_one() -> None:
    seen: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("authorization"))
        return httpx.Response(200, json=GOOD)

    one(engine(answer))
    keyless = engine(answer)
    keyless.access = Access()
    one(keyless)
    assert seen == ["Bearer sk-key", None]


@pytest.mark.parametrize(
    ("config", "name", "value"),
    [
        ({}, "tries", 4),
        ({"tries": 0}, "tries", 1),
        ({"tries": 99}, "tries", 8),
        ({}, "connections", 4),
        ({"concurrency": 0}, "connections", 1),
        ({"concurrency": 65}, "connections", 64),
        ({}, "limit_s", 60.0),
        ({"timeout_s": 0}, "limit_s", 0.1),
        ({"timeout_s": 1e9}, "limit_s", 600.0),
        ({}, "url", "https://host.example/v1/chat/completions"),
    ],
)
def test_settings_are_kept_within_bounds(config: dict[str, Any], name: str, value: object) -> None:
    assert getattr(engine(**config), name) == value


@pytest.mark.parametrize(
    "config",
    [{"base_url": ""}, {"base_url": "https://"}, {"base_url": "ftp://h/v1"}, {"max_tokens_name": "n"}],
)
def test_an_endpoint_that_cannot_be_one_is_refused(config: dict[str, Any]) -> None:
    with pytest.raises(EngineError):
        engine(**config)


def test_what_has_not_begun_when_the_run_stops_never_does() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(json.loads(request.content)["messages"][0]["content"])
        return httpx.Response(200, json=GOOD)

    made = engine(answer, concurrency=1)
    replies = made.generate([Request(id=i, prompt=str(i)) for i in range(200)], Sampling())
    next(replies)
    replies.close()
    assert 1 <= len(asked) < 200


def test_a_chunk_that_comes_after_the_deadline_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([1.0, 2.0, 3.5])
    monkeypatch.setattr(openai_http.time, "monotonic", lambda: next(clock))
    chunks = openai_http._until(iter([b"a", b"b", b"c"]), 2.0)
    assert (next(chunks), next(chunks)) == (b"a", b"b")
    with pytest.raises(httpx.ReadTimeout):
        next(chunks)
