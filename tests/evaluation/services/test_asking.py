"""Prompts, settings and costs at their limits; no database."""

from typing import Any

import pytest

from concord.core.errors import Invalid
from evaluation.engines import Message, Reply
from evaluation.services import asking
from evaluation.services.asking import continuations, messages, plain, sampling, turn_text
from evaluation.services.control import key
from evaluation.services.planning import _options, _whole
from evaluation.services.recording import cost_of, storable
from evaluation.services.sampling import DEFAULTS, check_sampling
from evaluation.services.templates import MAX_LENGTH, check_template, lettered, names_in, render_prompt
from evaluation.states import RUN_MOVES, RunState


@pytest.mark.parametrize(
    ("template", "names"),
    [
        ("{{ prompt }}", ["prompt"]),
        ("{{prompt}} and {{  choices\n}}", ["prompt", "choices"]),
        ("{{ slice.a-b c }}", ["slice.a-b c"]),
        ("{ prompt }", []),
        ("{{{prompt}}}", ["{prompt"]),
        ("{{}}", [""]),
    ],
)
def test_the_names_of_a_template(template: str, names: list[str]) -> None:
    assert names_in(template) == names


@pytest.mark.parametrize(
    "template", ["{{ prompt }}", "{{ choices }}", "{{ slice.topic }}", "{{slice.two words}}"]
)
def test_templates_that_ask_something_of_the_example_are_good(template: str) -> None:
    check_template(template)


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{ Prompt }}", "names 'Prompt'"),
        ("{{ slice. }}", "names 'slice.'"),
        ("{{ slice.a.b }}", "names 'slice.a.b'"),
        ("{{ prompt }}{{ reference }}", "names 'reference'"),
        ("", "must name {{ prompt }}"),
    ],
)
def test_other_templates_are_refused(template: str, said: str) -> None:
    with pytest.raises(Invalid, match=said) as caught:
        check_template(template)
    assert (caught.value.code, caught.value.field) == ("bad_template", "template")


def test_a_template_may_be_as_long_as_the_limit() -> None:
    longest = "{{ prompt }}".ljust(MAX_LENGTH, "x")
    check_template(longest)
    with pytest.raises(Invalid, match="longer than 50,000"):
        check_template(longest + "x")


def test_a_slice_of_any_type_is_written_out_and_a_missing_one_is_nothing() -> None:
    template = "[{{ slice.n }}|{{ slice.none }}|{{ slice.ok }}]"
    assert render_prompt(template, prompt="", slices={"n": 3, "ok": True}) == "[3||True]"
    assert render_prompt(template, prompt="", slices=None) == "[||]"


def test_options_have_letters_and_the_27th_begins_again() -> None:
    assert lettered(["x", "y"]) == "A. x\nB. y"
    assert lettered([]) == ""
    assert lettered(["x"] * 27).splitlines()[-2:] == ["Z. x", "A. x"]
    assert continuations(("x",) * 27, "{{choices}}")[-2:] == (" Z", " A")


SETTINGS = {"template": "{{ prompt }}", "system_prompt": "Be brief."}
CHAT = {"type": "chat", "turns": [{"role": "user", "text": "hi"}, {"role": "assistant", "content": "yes"}]}


def roles(content: list[dict[str, Any]], **settings: Any) -> list[tuple[str, str]]:
    return [(m.role, m.text) for m in messages(content, {**SETTINGS, **settings}, "the prompt", ())]


def test_a_conversation_of_its_own_is_kept_only_where_it_stands_alone_and_the_template_adds_nothing() -> None:
    flat = [("system", "Be brief."), ("user", "the prompt")]
    assert roles([CHAT]) == [("system", "Be brief."), ("user", "hi"), ("assistant", "yes")]
    assert roles([CHAT], template=" {{prompt}}\n") == roles([CHAT])
    assert roles([CHAT], template="Say: {{ prompt }}") == flat
    assert roles([CHAT, {"type": "text", "text": "x"}]) == flat
    assert roles([CHAT, CHAT]) == flat
    assert roles([]) == flat
    assert roles([], system_prompt="") == [("user", "the prompt")]


def test_a_conversation_that_brings_its_system_turn_gets_no_second_one() -> None:
    own = {"type": "chat", "turns": [{"role": "system", "text": "Mine."}, {"role": "user", "text": "hi"}]}
    assert roles([own]) == [("system", "Mine."), ("user", "hi")]


def test_images_go_with_the_prompt() -> None:
    image = ("image/png", b"x")
    (message,) = messages([{"type": "image"}], {**SETTINGS, "system_prompt": ""}, "look", (image,))
    assert message == Message(role="user", text="look", images=(image,))


def test_the_words_of_a_content() -> None:
    content = [
        {"type": "text", "text": "one"},
        {"type": "image", "file": 3},
        CHAT,
        {"type": "text", "text": 4},
    ]
    assert plain(content) == "one\n\nuser: hi\n\nassistant: yes"
    assert plain([]) == ""
    assert [turn_text(turn) for turn in ({"text": "t", "content": "c"}, {"content": 5}, {})] == ["t", "5", ""]


def test_each_epoch_has_a_seed_of_its_own() -> None:
    settings = {"sampling": {**DEFAULTS, "seed": 7, "stop": ["x"]}, "batch_size": 3}
    first, third = sampling(settings, epoch=1), sampling(settings, epoch=3)
    assert (first.seed, third.seed) == (7, 9)
    assert (first.stop, first.batch_size, first.max_tokens, first.normalise) == (("x",), 3, 256, "sum")


def test_files_that_no_block_names_are_not_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking.StoredFile, "objects", None)
    assert asking.images_of([{"type": "text", "text": "x"}], workspace_id=1) == ()


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("max_tokens", [1, 131_072], [0, 131_073, 1.5, "5", None, True]),
        ("temperature", [0, 0.7, 5], [-0.1, 5.1, float("nan"), float("inf"), "1"]),
        ("top_p", [0.01, 1], [0.009, 1.01, False]),
        ("seed", [0, 2**31 - 1], [-1, 2**31, 0.5]),
        ("stop", [[], ["x"] * 16], [["x"] * 17, [""], [1], "x", None, ("x",)]),
        ("normalise", ["sum", "tokens", "characters"], ["words", None, "Sum"]),
    ],
)
def test_settings_at_their_limits(name: str, good: list[Any], bad: list[Any]) -> None:
    for value in good:
        assert check_sampling({name: value}) == {**DEFAULTS, name: value}
    for value in bad:
        with pytest.raises(Invalid, match=name) as caught:
            check_sampling({name: value})
        assert (caught.value.code, caught.value.field) == ("bad_settings", "settings")


def test_a_whole_number_written_with_a_point_is_one() -> None:
    found = check_sampling({"max_tokens": 64.0, "seed": 3.0, "temperature": 1.0})
    assert [type(found[name]) for name in ("max_tokens", "seed", "temperature")] == [int, int, float]


def test_settings_are_an_object_of_known_names() -> None:
    for given in ([], "x", {"beams": 4}, {7: 1}):
        with pytest.raises(Invalid):
            check_sampling(given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("prices", "cost"),
    [
        ({}, None),
        ({"input_per_million": 0, "per_hour": 0}, None),
        ({"input_per_million": 3}, 3e-3),
        ({"output_per_million": 5}, 1e-2),
        ({"per_hour": 7.2}, 2e-3),  # 2 s in a batch of 2
        ({"input_per_million": 3, "output_per_million": "5", "per_hour": 7.2}, 1.5e-2),
    ],
)
def test_costs_add_up(prices: dict[str, Any], cost: float | None) -> None:
    reply = Reply(id=1, input_tokens=1000, output_tokens=2000, duration_ms=2000, batch_size=2)
    assert cost_of(reply, prices) == (cost if cost is None else pytest.approx(cost))


def test_what_was_not_counted_has_no_cost_and_nothing_costs_nothing() -> None:
    both = {"input_per_million": 3, "output_per_million": 5}
    assert cost_of(Reply(id=1, input_tokens=10), both) is None
    assert cost_of(Reply(id=1, output_tokens=10), both) is None
    assert cost_of(Reply(id=1, input_tokens=0, output_tokens=0), both) == 0.0
    assert cost_of(Reply(id=1, duration_ms=3.6e6, batch_size=0), {"per_hour": 2}) == 2.0


@pytest.mark.parametrize("code", [0xD800, 0xDBFF, 0xDC00, 0xDFFF, 0])
def test_each_end_of_what_cannot_be_stored(code: int) -> None:
    assert storable(f"a{chr(code)}b") == "a\ufffdb"
    assert storable("\ud7ff\ue000\x01\n") == "\ud7ff\ue000\x01\n"


class System:
    kind = "torch"

    def __init__(self, **config: Any) -> None:
        self.config = config


def test_options_that_are_not_given_are_those_of_the_kind_of_system() -> None:
    given = _options(System(), {"workers": None, "batch_size": 4})  # type: ignore[arg-type]
    assert given == {
        "batch_size": 4,
        "shard_size": 256,
        "workers": 1,
        "max_attempts": 3,
        "limit": None,
        "queue": "cpu",
        "sampling": {},
    }
    assert _options(System(device="cuda:1"), {})["queue"] == "gpu"  # type: ignore[arg-type]
    assert _options(System(device="cuda"), {"queue": "default"})["queue"] == "default"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("batch_size", 1, 4096),
        ("workers", 1, 64),
        ("max_attempts", 1, 20),
        ("shard_size", 1, 10_000),
        ("limit", 1, 2**31),
    ],
)
def test_options_at_their_limits(name: str, low: int, high: int) -> None:
    for value in (low, high):
        assert _options(System(), {name: value})[name] == value  # type: ignore[arg-type]
    for bad in (low - 1, high + 1, True, 1.0, "1"):
        with pytest.raises(Invalid) as caught:
            _options(System(), {name: bad})  # type: ignore[arg-type]
        assert (caught.value.code, caught.value.field) == ("bad_option", name)
    _whole("n", 3, 3, 3)


def test_a_slot_has_two_keys_that_take_turns() -> None:
    assert key(4, 1, 0) == key(4, 1, 2) != key(4, 1, 1)
    assert len({key(run, slot, step) for run in (1, 2) for slot in (0, 1) for step in (0, 1)}) == 8


def test_the_moves_of_a_run() -> None:
    allowed = {(str(a), str(b)) for a, targets in RUN_MOVES.items() for b in targets}
    assert allowed == {
        ("planned", "running"), ("planned", "cancelled"), ("planned", "failed"),
        ("running", "paused"), ("running", "done"), ("running", "failed"), ("running", "cancelled"),
        ("paused", "running"), ("paused", "cancelled"),
        ("failed", "running"), ("failed", "cancelled"),
        ("done", "running"),
    }  # fmt: skip
    assert set(RUN_MOVES) == set(RunState)
