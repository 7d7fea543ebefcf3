"""How a system may be called, and what it costs: shapes checked per kind; no database."""

import math
from typing import Any

import pytest

from concord.catalog.services.systems import _checked, _taken
from concord.core.errors import Invalid

ENDPOINT = {"base_url": "https://host.example/v1", "model": "m"}


def checked(kind: str = "recorded", config: Any = None, **more: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "name": "S",
        "version": "",
        "config": {} if config is None else config,
        "prices": {},
    }
    return _checked(kind=kind, **{**given, **more})


def refused(kind: str = "recorded", config: Any = None, **more: Any) -> str:
    with pytest.raises(Invalid) as caught:
        checked(kind, config, **more)
    return f"{caught.value.field}: {caught.value.message}"


def test_names_are_trimmed_and_bounded() -> None:
    found = checked(name=f" {'x' * 160} ", version=" " + "v" * 90)
    assert (found["name"], found["version"], found["kind"]) == ("x" * 160, "v" * 80, "recorded")
    assert refused(name="  ").startswith("name: ")
    assert refused(name="x" * 161).startswith("name: ")
    assert refused("telnet").startswith("kind: A system's kind is one of")


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        ("recorded", {}),
        ("recorded", {"note": "from a file"}),
        ("transformers", {"path": "models/x"}),
        ("transformers", {"path": "/x", "device": "cuda", "dtype": "auto", "chat_template": False}),
        ("torch", {"path": "/x/model.pt2"}),
        ("torch", {"path": "model.pt", "input": {}, "output": {}, "device": "cpu"}),
        ("openai", ENDPOINT),
        ("openai", {**ENDPOINT, "base_url": "http://10.0.0.1:8000"}),
        ("openai", {**ENDPOINT, "key_env": "MY_2_API_KEY", "extra": {}, "timeout_s": 0.5, "concurrency": 1}),
        ("openai", {**ENDPOINT, "key_env": "HOST_API_TOKEN", "tries": 2, "backoff_s": 0, "usage": False}),
    ],
)
def test_what_a_kind_may_be_told(kind: str, config: dict[str, Any]) -> None:
    assert checked(kind, config)["config"] == config


@pytest.mark.parametrize(
    ("kind", "config", "said"),
    [
        ("recorded", {"path": "x"}, "has no path; it may have note"),
        ("recorded", [], "a JSON object"),
        ("transformers", {}, "needs path"),
        ("transformers", {"path": " "}, "on the worker's disk"),
        ("transformers", {"path": 7}, "on the worker's disk"),
        ("transformers", {"path": "a\x00b"}, "on the worker's disk"),
        ("transformers", {"path": "s3://x"}, "on the worker's disk"),
        ("transformers", {"path": "x", "trust_remote_code": True}, "has no trust_remote_code"),
        ("torch", {"path": "x.pth"}, "pickles are never loaded"),
        ("torch", {"path": "x.pt2.zip"}, "pickles are never loaded"),
        ("openai", {}, "needs base_url, model"),
        ("openai", {"base_url": "https://h"}, "needs model"),
        ("openai", {**ENDPOINT, "base_url": "host.example/v1"}, "starts with https:// or http://"),
        ("openai", {**ENDPOINT, "base_url": "file:///etc"}, "starts with https:// or http://"),
        ("openai", {**ENDPOINT, "base_url": "https://"}, "after // comes a host"),
        ("openai", {**ENDPOINT, "base_url": "https://h:99999"}, "a port is a number from 1 to 65535"),
        ("openai", {**ENDPOINT, "base_url": "https://[::1"}, "its host cannot be read"),
        ("openai", {**ENDPOINT, "base_url": "https://u@h"}, "no user or password"),
        ("openai", {**ENDPOINT, "base_url": "https://:p@h"}, "no user or password"),
        (
            "openai",
            {**ENDPOINT, "base_url": "http://0177.0.0.1/"},
            "'0177.0.0.1' is an IP address written in another",
        ),
        ("openai", {**ENDPOINT, "base_url": f"http://{'a' * 64}/"}, "a part of it longer than 63"),
        ("openai", {**ENDPOINT, "base_url": "http://xn--/"}, "'xn--' cannot be a part of a host's name"),
        ("openai", {**ENDPOINT, "base_url": "http://a..b/"}, "a part of its host's name is empty"),
        ("openai", {**ENDPOINT, "base_url": 7}, "starts with https:// or http://"),
        ("openai", {**ENDPOINT, "key_secret": {"a": 1}}, "the name of a stored key"),
        ("openai", {**ENDPOINT, "model": " "}, "the name that the endpoint knows"),
        ("openai", {**ENDPOINT, "model": 4}, "the name that the endpoint knows"),
        ("openai", {**ENDPOINT, "key_env": "SECRET_KEY"}, "ends with _API_KEY"),
        ("openai", {**ENDPOINT, "key_env": "my_API_KEY"}, "ends with _API_KEY"),
        ("openai", {**ENDPOINT, "key_env": "MY_API_KEY2"}, "ends with _API_KEY"),
        ("openai", {**ENDPOINT, "extra": [1]}, "extra is an object"),
        ("openai", {**ENDPOINT, "timeout_s": 0}, "timeout_s is a number above 0"),
        ("openai", {**ENDPOINT, "timeout_s": "60"}, "timeout_s is a number above 0"),
        ("openai", {**ENDPOINT, "timeout_s": math.nan}, "timeout_s is a number above 0"),
        ("openai", {**ENDPOINT, "concurrency": True}, "concurrency is a number above 0"),
        ("openai", {**ENDPOINT, "concurrency": math.inf}, "concurrency is a number above 0"),
        ("openai", {**ENDPOINT, "tries": "four"}, "tries is a number above 0"),
    ],
)
def test_what_a_kind_may_not_be_told(kind: str, config: Any, said: str) -> None:
    found = refused(kind, config)
    assert found.startswith("config: ")
    assert said in found


@pytest.mark.parametrize(
    ("prices", "said"),
    [
        ({"per_hour": 2}, "in which currency"),
        ({"per_hour": 2, "currency": " "}, "in which currency"),
        ({"per_hour": -0.01, "currency": "EUR"}, "per_hour is a number, not below 0"),
        ({"per_hour": True, "currency": "EUR"}, "per_hour is a number"),
        ({"input_per_million": "2", "currency": "EUR"}, "input_per_million is a number"),
        ({"output_per_million": math.nan, "currency": "EUR"}, "output_per_million is a number"),
        ({"per_second": 2, "currency": "EUR"}, "Prices are an object with currency and any of"),
        ([], "Prices are an object"),
    ],
)
def test_prices_that_are_none(prices: Any, said: str) -> None:
    found = refused(prices=prices)
    assert found.startswith("prices: ")
    assert said in found


def test_prices_that_are_some() -> None:
    for prices in ({}, {"currency": "EUR"}, {"per_hour": 0, "input_per_million": 2.5, "currency": "EUR"}):
        assert checked(prices=prices)["prices"] == prices


def test_a_taken_name_is_told_with_its_version() -> None:
    assert "'S v2'" in str(_taken({"name": "S", "version": "v2"}))
    assert "'S'" in str(_taken({"name": "S", "version": ""}))
