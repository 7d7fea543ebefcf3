"""The endpoint engine against a loopback server that behaves in every way a server can."""

import time
from typing import Any

import pytest

from evaluation.engines import EngineError, Message, Reply, Request, Sampling, create
from evaluation.engines.addresses import is_public
from evaluation.engines.openai_http import MAX_ERROR

KEY = "sk-very-secret"


def ask(
    endpoint: Any,
    *prompts: str,
    key: str = KEY,
    allow_private: bool = True,
    hidden: tuple[str, ...] = (),
    **config: Any,
) -> list[Reply]:
    config = {"base_url": endpoint.url, "model": "m", "timeout_s": 1.0, "backoff_s": 0.01, **config}
    engine = create("openai", config, key=key, allow_private=allow_private, hidden=hidden)
    engine.load()
    requests = [
        Request(id=i, prompt=prompt, messages=(Message(role="user", text=prompt),))
        for i, prompt in enumerate(prompts)
    ]
    return sorted(
        (reply for group in engine.generate(requests, Sampling(max_tokens=5, seed=9)) for reply in group),
        key=lambda r: r.id,
    )


def test_a_streamed_answer_with_its_tokens_and_first_token_time(endpoint: Any) -> None:
    endpoint.script = [("stream", ["Hel", "lo", " Ωmega"])]
    (reply,) = ask(endpoint, "hi")
    assert reply.text == "Hello Ωmega"
    assert (reply.input_tokens, reply.output_tokens) == (5, 2)
    assert reply.sent_at
    assert reply.first_token_at
    assert reply.ended_at
    assert reply.sent_at <= reply.first_token_at <= reply.ended_at
    body = endpoint.bodies[0]
    assert body["messages"] == [{"role": "user", "content": "hi"}]
    assert (body["max_tokens"], body["seed"], body["stream"], body["model"]) == (5, 9, True, "m")
    assert endpoint.keys == [f"Bearer {KEY}"]


def test_what_servers_differ_in_can_be_declared(endpoint: Any) -> None:
    ask(
        endpoint,
        "hi",
        max_tokens_name="max_completion_tokens",
        sampling=False,
        usage=False,
        extra={"n": 4, "reasoning": "low"},
    )
    body = endpoint.bodies[0]
    assert body == {
        "model": "m",
        "messages": [{"role": "user", "content": "hi"}],
        "max_completion_tokens": 5,
        "stream": True,
        "reasoning": "low",
    }


def test_a_server_that_does_not_stream_is_understood(endpoint: Any) -> None:
    endpoint.script = [("whole", "all at once")]
    (reply,) = ask(endpoint, "hi")
    assert reply.text == "all at once"
    assert reply.first_token_at is None


def test_too_many_requests_is_waited_for(endpoint: Any) -> None:
    endpoint.script = [("status", 429), ("status", 503), ("stream", ["ok"])]
    (reply,) = ask(endpoint, "hi")
    assert reply.text == "ok"
    assert len(endpoint.bodies) == 3


def test_retry_after_is_honoured(endpoint: Any) -> None:
    import functools

    endpoint.script = [("status", 429, "slow down"), ("stream", ["ok"])]
    handler = endpoint.RequestHandlerClass
    plain = handler._status
    handler._status = functools.partialmethod(plain, Retry_After="1")
    try:
        began = time.monotonic()
        (reply,) = ask(endpoint, "hi")
    finally:
        handler._status = plain
    assert reply.text == "ok"
    assert time.monotonic() - began >= 1
    assert reply.duration_ms < 900, "the latency is that of the request that succeeded, not of the waiting"


def test_tries_are_bounded_and_the_last_error_is_told(endpoint: Any) -> None:
    endpoint.script = [("status", 500, "the disk is full")]
    (reply,) = ask(endpoint, "hi", tries=3)
    assert reply.error == "the server answered 500: the disk is full"
    assert not reply.final
    assert len(endpoint.bodies) == 3


def test_a_refusal_is_not_repeated(endpoint: Any) -> None:
    endpoint.script = [("status", 401, f"bad key {KEY}")]
    (reply,) = ask(endpoint, "hi")
    assert reply.final
    assert len(endpoint.bodies) == 1
    assert KEY not in reply.error
    assert "[key]" in reply.error


@pytest.mark.parametrize("step", ["hang", "drip"])
def test_a_server_that_hangs_or_drips_is_left(endpoint: Any, step: str) -> None:
    endpoint.script = [(step,)]
    began = time.monotonic()
    (reply,) = ask(endpoint, "hi", tries=1, timeout_s=0.5)
    assert reply.error == "no answer within 0.5 s"
    assert time.monotonic() - began < 5


def test_garbage_and_floods_are_errors(endpoint: Any) -> None:
    endpoint.script = [("garbage",)]
    assert ask(endpoint, "hi", tries=1)[0].error == "the server did not answer with JSON"
    endpoint.script = [("huge",)]
    (reply,) = ask(endpoint, "hi", tries=1)
    assert "longer than 2,000,000 characters" in reply.error
    assert reply.text == ""


def test_redirects_are_not_followed(endpoint: Any) -> None:
    endpoint.script = [("redirect", "http://169.254.169.254/latest/meta-data"), ("stream", ["leaked"])]
    (reply,) = ask(endpoint, "hi")
    assert "redirects" in reply.error
    assert reply.final
    assert len(endpoint.bodies) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_private_addresses_are_refused_without_consent(endpoint: Any, host: str) -> None:
    (reply,) = ask(endpoint, "hi", allow_private=False, base_url=endpoint.url.replace("127.0.0.1", host))
    assert "private address" in reply.error
    assert reply.final
    assert endpoint.bodies == []


def test_a_name_is_judged_by_every_address_behind_it(endpoint: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    found = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in ("8.8.8.8", "10.0.0.1")
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    (reply,) = ask(endpoint, "hi", allow_private=False, base_url="http://rebinding.example/v1")
    assert "rebinding.example leads to a private address" in reply.error


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104
        ("240.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("224.0.0.1", False),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_requests_run_side_by_side_up_to_the_concurrency(endpoint: Any) -> None:
    endpoint.script = [("stream", ["x"])]
    replies = ask(endpoint, *map(str, range(12)), concurrency=4)
    assert [reply.text for reply in replies] == ["x"] * 12
    assert {body["messages"][0]["content"] for body in endpoint.bodies} == set(map(str, range(12)))


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"base_url": "file:///etc/passwd"}, "starts with https:// or http://"),
        ({"base_url": "http://user:pass@host/v1"}, "no user or password"),
        ({"model": ""}, "name of a model"),
    ],
)
def test_bad_endpoints_are_refused_at_once(config: dict[str, Any], said: str) -> None:
    with pytest.raises(EngineError, match=said):
        create("openai", {"base_url": "https://host.example/v1", "model": "m", **config}).load()


def test_the_key_is_in_no_description(endpoint: Any) -> None:
    engine = create("openai", {"base_url": endpoint.url, "model": "m"}, key=KEY, allow_private=True)
    engine.load()
    assert KEY not in str(engine.describe())


ECHOED = "sk-proj-0123456789abcdefXYZ"


def test_a_key_behind_a_padded_error_is_hidden_before_the_error_is_cut(endpoint: Any) -> None:
    """The end of what is kept falls into the key, wherever it stands."""
    for padding in range(250, 330, 4):
        endpoint.script = [("status", 401, "x" * padding + ECHOED)]
        (reply,) = ask(endpoint, "hi", key=ECHOED)
        assert "sk-proj" not in reply.error
        assert len(reply.error) <= MAX_ERROR


def test_a_key_is_hidden_in_what_a_stream_reports_as_an_error(endpoint: Any) -> None:
    endpoint.script = [("whole_error", "x" * 280 + ECHOED)]
    (reply,) = ask(endpoint, "hi", key=ECHOED, tries=1)
    assert "the server reported an error" in reply.error
    assert "sk-proj" not in reply.error


@pytest.mark.parametrize("size", [1, 3, 7, 8, 50])
def test_a_key_is_hidden_in_an_answer_however_it_is_cut_into_chunks(endpoint: Any, size: int) -> None:
    said = f"Your key is {ECHOED}, and its middle is {ECHOED[9:19]}."
    endpoint.script = [("stream", [said[i : i + size] for i in range(0, len(said), size)])]
    (reply,) = ask(endpoint, "hi", key=ECHOED)
    assert reply.text == "Your key is [key], and its middle is [key]."
    assert reply.redacted == 2


def test_other_keys_of_the_workspace_are_hidden_too(endpoint: Any) -> None:
    endpoint.script = [("whole", f"the former key was {ECHOED}")]
    (reply,) = ask(endpoint, "hi", hidden=(ECHOED,))
    assert (reply.text, reply.redacted) == ("the former key was [key]", 1)
    endpoint.script = [("whole", "nothing to hide")]
    (reply,) = ask(endpoint, "hi", hidden=(ECHOED,))
    assert (reply.text, reply.redacted) == ("nothing to hide", 0)


@pytest.mark.parametrize("key", ["sk-line\nbreak-in-a-key", "sk-ümlaut-in-a-long-key"])
def test_a_key_that_no_header_can_carry_ends_the_example_without_telling_it(endpoint: Any, key: str) -> None:
    (reply,) = ask(endpoint, "hi", key=key, tries=1)
    assert reply.error
    assert "break-in-a-key" not in reply.error
    assert "in-a-long-key" not in reply.error
    assert endpoint.bodies == []


def test_whatever_the_client_raises_ends_the_example_with_a_sentence(
    endpoint: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a surrogate pair cannot be sent; neither can anything else that the client stumbles over."""
    (reply,) = ask(endpoint, "half \ud800")
    assert reply.error.startswith("it could not be asked: UnicodeEncodeError")
    assert reply.final
    monkeypatch.setattr("evaluation.engines.openai_http.read", lambda *_, **__: 1 / 0)
    (reply,) = ask(endpoint, "hi")
    assert reply.error == "it could not be asked: ZeroDivisionError: division by zero"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed_and_the_key_goes_nowhere_else(endpoint: Any, status: int) -> None:
    endpoint.script = [("moved", status, "http://127.0.0.1:1/v1"), ("stream", ["leaked"])]
    (reply,) = ask(endpoint, "hi")
    assert "redirects elsewhere" in reply.error
    assert reply.final
    assert len(endpoint.keys) == 1
