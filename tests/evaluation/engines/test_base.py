"""What every engine is built from: the registry, the stopwatch, batches by length, the one warm engine, small readings."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from evaluation.engines import base, warm
from evaluation.engines.batching import by_length
from evaluation.engines.likelihood import Asked, Pair, _normalised, encode_choices
from evaluation.engines.transformers_folder import cut, first_line, model_folder
from evaluation.engines.warm import warm_engine


@pytest.fixture
def cold() -> Iterator[None]:
    warm.forget()
    yield
    warm.forget()


@dataclass
class Counted(base.Engine):
    """Says what happened to it."""

    name: str
    log: list[str] = field(default_factory=list)
    breaks: bool = False

    def load(self) -> None:
        self.log.append(f"load {self.name}")
        if self.breaks:
            raise base.EngineError("no")


def test_an_engine_stays_warm_for_the_same_system_key_and_consent(cold: None) -> None:
    log: list[str] = []

    def take(name: str, stamp: str = "", **config: Any) -> base.Engine:
        return warm_engine("x", config, stamp=stamp, make=lambda: Counted(name, log))

    first = take("one", a=1, b=2)
    assert take("again", b=2, a=1) is first, "the order of a config's entries is no difference"
    assert log == ["load one"]
    assert take("other key", "2", a=1, b=2) is not first
    assert take("other config", a=1, b=3) is not first
    assert take("one again", a=1, b=2) is not first, "there is room for one only"
    assert log == ["load one", "load other key", "load other config", "load one again"]


def test_the_old_engine_is_let_go_before_the_new_one_is_made(cold: None) -> None:
    kept: list[int] = []
    warm_engine("x", {}, stamp="1", make=lambda: Counted("old"))

    def make() -> base.Engine:
        kept.append(len(warm._engines))
        return Counted("new")

    warm_engine("x", {}, stamp="2", make=make)
    assert kept == [0]


def test_an_engine_that_does_not_load_is_not_kept(cold: None) -> None:
    log: list[str] = []
    for _ in range(2):
        with pytest.raises(base.EngineError):
            warm_engine("x", {}, stamp="", make=lambda: Counted("broken", log, breaks=True))
    assert log == ["load broken", "load broken"]


def test_a_stopwatch_is_not_moved_by_the_wall_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter([100.0, 100.25])
    monkeypatch.setattr(base.time, "perf_counter", lambda: next(ticks))
    watch = base.Stopwatch(sent_at=datetime(2199, 1, 1, tzinfo=UTC), _start=base.time.perf_counter())
    assert watch.first_token_at is None
    watch.first_token()
    first = watch.first_token_at
    watch.first_token()
    found = watch.stop()
    assert found["duration_ms"] == 250.0
    assert found["first_token_at"] is first
    assert found["sent_at"] > found["ended_at"], "the clock was set back, and no latency is negative"


def test_a_kind_of_system_has_one_engine_and_another_may_take_its_place() -> None:
    assert set(base.kinds()) >= {"openai", "torch", "transformers"}
    with pytest.raises(ValueError, match="two engines serve 'openai'"):
        base.register("openai")(type("Other", (base.Engine,), {}))
    with pytest.raises(base.EngineError, match="'telnet'"):
        base.create("telnet", {})
    mine = type("Mine", (base.Engine,), {})
    former = base.replace("torch", mine)
    try:
        assert isinstance(base.create("torch", {"a": 1}), mine)
        assert mine.kind == "torch"
    finally:
        assert former is not None
        assert base.replace("torch", former) is mine


@pytest.mark.parametrize(
    ("call", "said"),
    [("generate", "cannot generate"), ("choose", "cannot weigh"), ("classify", "cannot classify")],
)
def test_an_engine_says_what_it_cannot_do(call: str, said: str) -> None:
    engine = type("Mute", (base.Engine,), {"kind": "mute"})({})
    with pytest.raises(base.EngineError, match=f"A mute system {said}"):
        getattr(engine, call)([], base.Sampling())
    assert engine.describe() == {}


@pytest.mark.parametrize(
    ("lengths", "size", "budget", "batches"),
    [
        ([1, 2, 3], 2, 100, [[3, 2], [1]]),
        ([3, 3, 3], 9, 6, [[3, 3], [3]]),  # 3 x 2 is the budget itself
        ([3, 3, 3], 9, 5, [[3], [3], [3]]),
        ([4, 2, 2], 9, 8, [[4, 2], [2]]),  # the widest pads the others: 4 x 3 is too much
        ([0, 0], 9, 1, [[0], [0]]),  # nothing is as wide as one
        ([7], 1, 1, [[7]]),
        ([], 4, 4, []),
    ],
)
def test_batches_by_hand(lengths: list[int], size: int, budget: int, batches: list[list[int]]) -> None:
    assert list(by_length(lengths, length=lambda n: n, size=size, budget=budget)) == batches


def test_batches_keep_the_order_of_equals() -> None:
    items = [("a", 1), ("b", 2), ("c", 1)]
    assert list(by_length(items, length=lambda item: item[1], size=3)) == [[("b", 2), ("a", 1), ("c", 1)]]


class Letters:
    """A token a letter, but "ab" is one token; `bos_token_id` and `eos_token_id` as given."""

    def __init__(self, bos: int | None = None, eos: int | None = None) -> None:
        self.bos_token_id, self.eos_token_id = bos, eos

    def __call__(self, text: str, add_special_tokens: bool = True) -> dict[str, list[int]]:
        ids, rest = [], text
        while rest:
            wide = 2 if rest.startswith("ab") else 1
            ids.append(100 if wide == 2 else ord(rest[0]))
            rest = rest[wide:]
        return {"input_ids": ids}


def test_a_choice_begins_where_the_prompt_ends() -> None:
    asked = encode_choices(Letters(), base.Request(id=1, choices=("xy", "z")), "pq")
    assert asked.pairs == [Pair([112, 113, 120, 121], 2, 2), Pair([112, 113, 122], 2, 1)]
    assert (asked.longest, asked.empty) == (4, False)


def test_a_choice_whose_first_letter_melts_into_the_prompt_is_set_beside_it() -> None:
    """Together "pa" + "bc" would be p, ab, c: the prompt's own tokens must stay what they were."""
    asked = encode_choices(Letters(), base.Request(id=1, choices=("bc",)), "pa")
    assert asked.pairs == [Pair([112, 97, 98, 99], 2, 2)]


@pytest.mark.parametrize(("bos", "eos", "start"), [(1, 2, 1), (0, 2, 0), (None, 2, 2), (None, None, 0)])
def test_an_empty_prompt_is_a_start_token(bos: int | None, eos: int | None, start: int) -> None:
    asked = encode_choices(Letters(bos, eos), base.Request(id=1, choices=("x",)), "")
    assert asked.pairs == [Pair([start, 120], 1, 1)]


def test_a_choice_without_a_token_of_its_own_is_empty() -> None:
    request = base.Request(id=1)
    assert Asked(request, []).empty
    assert Asked(request, []).longest == 0
    assert Asked(request, [Pair([1, 2], 1, 1), Pair([1], 1, 0)]).empty
    assert not Asked(request, [Pair([1, 2], 1, 1)]).empty


def test_likelihoods_are_divided_by_what_the_benchmark_says() -> None:
    pair = Pair([1, 2, 3, 4, 5], 3, 8)
    assert [_normalised(-4.0, pair, how) for how in ("sum", "tokens", "characters")] == [-4.0, -2.0, -0.5]
    assert _normalised(-4.0, Pair([1, 2], 1, 0), "characters") == -4.0


@pytest.mark.parametrize(
    ("text", "stops", "kept"),
    [
        ("one two", ("two",), "one "),
        ("one two three", ("three", "two"), "one "),
        ("two", ("two",), ""),
        ("one", ("two", ""), "one"),
        ("one", (), "one"),
        ("a\n\nb", ("\n\n",), "a"),
    ],
)
def test_an_answer_ends_at_the_first_stop_text(text: str, stops: tuple[str, ...], kept: str) -> None:
    assert cut(text, stops) == kept


def test_an_error_is_told_by_its_first_line() -> None:
    assert first_line(ValueError("\n one\ntwo")) == "one"
    assert first_line(ValueError("  ")) == "ValueError"
    assert first_line(ValueError("x" * 400)) == "x" * 300


@pytest.mark.parametrize(
    ("files", "config", "said"),
    [
        ([], {"path": ""}, "no model folder"),
        ([], {"path": "/nowhere/at/all"}, "no model folder"),
        (["model.safetensors"], {}, "no config.json"),
        (["config.json"], {}, "no .safetensors"),
        (["config.json", "pytorch_model.bin"], {}, "no .safetensors"),
        (["config.json", "model.safetensors"], {"dtype": "int8"}, "dtype 'int8' is not one of"),
        (["config.json", "model.safetensors"], {}, ""),
        (["config.json", "a.safetensors", "b.safetensors"], {"dtype": "bfloat16"}, ""),
    ],
)
def test_which_folders_are_models(
    tmp_path: Path, files: list[str], config: dict[str, Any], said: str
) -> None:
    for name in files:
        (tmp_path / name).write_bytes(b"{}")
    config = {"path": str(tmp_path), **config}
    if not said:
        assert model_folder(config) == tmp_path
        return
    with pytest.raises(base.EngineError, match=said):
        model_folder(config)


def test_a_device_that_this_worker_lacks_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    from evaluation.engines.devices import device_for, wait_for

    waited: list[str] = []

    def device(name: str) -> SimpleNamespace:
        if not name.startswith(("cpu", "cuda")):
            raise RuntimeError(name)
        return SimpleNamespace(type=name.partition(":")[0], name=name)

    def torch(gpu: bool) -> Any:
        cuda = SimpleNamespace(
            is_available=lambda: gpu, synchronize=lambda device: waited.append(device.name)
        )
        return SimpleNamespace(cuda=cuda, device=device)

    monkeypatch.setitem(sys.modules, "torch", torch(gpu=False))
    assert device_for({}).name == "cpu"
    with pytest.raises(base.EngineError, match="wants the device 'cuda:1', and this worker has no GPU"):
        device_for({"device": "cuda:1"})
    with pytest.raises(base.EngineError, match="no device called 'tpu'"):
        device_for({"device": "tpu"})
    monkeypatch.setitem(sys.modules, "torch", torch(gpu=True))
    for config, name in (({}, "cuda"), ({"device": "cpu"}, "cpu"), ({"device": "cuda:1"}, "cuda:1")):
        wait_for(device_for(config))
        assert device_for(config).name == name
    assert waited == ["cuda", "cuda:1"]
