"""The transformers engine on a tiny model made on the spot, against plain unbatched computations."""

from pathlib import Path
from typing import Any

import pytest

from evaluation.engines import EngineError, Message, Reply, Request, Sampling, create

PROMPTS = [
    "the cat sat on the",
    "what is the capital of france ? answer :",
    "one",
    "red blue green one two three four",
]


@pytest.fixture(scope="module")
def engine(tiny_model: Path) -> Any:
    made = create("transformers", {"path": str(tiny_model), "device": "cpu"})
    made.load()
    return made


def by_id(groups: Any) -> dict[int, Reply]:
    return {reply.id: reply for group in groups for reply in group}


def plain_log_likelihood(engine: Any, prompt: str, choice: str) -> float:
    """One sequence at a time, no padding, no mask, the whole softmax."""
    import torch

    head, tail = engine.tokenizer(prompt)["input_ids"], engine.tokenizer(choice)["input_ids"]
    ids = torch.tensor([head + tail])
    with torch.no_grad():
        table = torch.log_softmax(engine.model(ids).logits[0], dim=-1)
    return sum(float(table[len(head) + i - 1, token]) for i, token in enumerate(tail))


@pytest.mark.parametrize("batch_size", [1, 3, 8])
def test_likelihood_of_choices_against_plain_unbatched_computation(engine: Any, batch_size: int) -> None:
    choices = (" paris", " rome", " the red house .", " no")
    requests = [
        Request(id=i, prompt=prompt, choices=choices[: 2 + i % 3]) for i, prompt in enumerate(PROMPTS)
    ]
    replies = by_id(engine.choose(requests, Sampling(batch_size=batch_size)))
    for request in requests:
        wanted = [plain_log_likelihood(engine, request.prompt, choice) for choice in request.choices]
        reply = replies[request.id]
        assert reply.weights == pytest.approx(wanted, abs=1e-4)
        assert reply.choice == max(range(len(wanted)), key=wanted.__getitem__)
        assert reply.text == request.choices[reply.choice].strip()


def test_likelihoods_are_normalised_by_tokens_or_characters(engine: Any) -> None:
    request = Request(id=1, prompt="the cat", choices=(" sat", " ran to the house"))
    raw, tokens, characters = (
        by_id(engine.choose([request], Sampling(normalise=how)))[1].weights
        for how in ("sum", "tokens", "characters")
    )
    assert tokens == pytest.approx((raw[0], raw[1] / 4), rel=1e-6)
    assert characters == pytest.approx((raw[0] / 4, raw[1] / 17), rel=1e-6)


def test_batched_greedy_generation_equals_one_at_a_time(engine: Any) -> None:
    requests = [Request(id=i, prompt=prompt) for i, prompt in enumerate(PROMPTS)]
    together = by_id(engine.generate(requests, Sampling(max_tokens=6, batch_size=4)))
    for request in requests:
        alone = by_id(engine.generate([request], Sampling(max_tokens=6, batch_size=1)))[request.id]
        assert together[request.id].text == alone.text
        assert together[request.id].output_tokens == alone.output_tokens
        assert together[request.id].batch_size == 4
        assert alone.batch_size == 1


def test_timing_has_a_first_token_between_sent_and_end(engine: Any) -> None:
    (reply,) = by_id(engine.generate([Request(id=1, prompt="one two")], Sampling(max_tokens=8))).values()
    assert reply.sent_at
    assert reply.first_token_at
    assert reply.ended_at
    assert reply.sent_at <= reply.first_token_at <= reply.ended_at
    assert 0 < reply.duration_ms < 60_000
    assert reply.input_tokens == 2
    assert 1 <= (reply.output_tokens or 0) <= 8


def test_a_stop_text_ends_the_answer(engine: Any) -> None:
    free = by_id(engine.generate([Request(id=1, prompt="the cat")], Sampling(max_tokens=8)))[1].text
    stop = free.split()[1]
    stopped = by_id(engine.generate([Request(id=1, prompt="the cat")], Sampling(max_tokens=8, stop=(stop,))))[
        1
    ].text
    assert stopped == free[: free.index(stop)]


def test_sampling_is_reproduced_by_its_seed(engine: Any) -> None:
    def draw(seed: int) -> str:
        how = Sampling(max_tokens=12, temperature=2.0, seed=seed)
        return by_id(engine.generate([Request(id=1, prompt="the")], how))[1].text

    assert draw(3) == draw(3)
    assert len({draw(seed) for seed in range(6)}) > 1


def test_a_prompt_that_does_not_fit_fails_alone_and_for_good(engine: Any) -> None:
    requests = [Request(id=1, prompt="one " * 80), Request(id=2, prompt="one")]
    replies = by_id(engine.generate(requests, Sampling(max_tokens=4)))
    assert "80 tokens" in replies[1].error
    assert replies[1].final
    assert not replies[2].error


def test_a_batch_that_runs_out_of_memory_is_halved(engine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = type(engine)._batch
    sizes = []

    def stingy(self: Any, batch: Any, sampling: Any) -> Any:
        sizes.append(len(batch))
        if len(batch) > 1:
            raise RuntimeError("CUDA out of memory")
        return plain(self, batch, sampling)

    monkeypatch.setattr(type(engine), "_batch", stingy)
    requests = [Request(id=i, prompt=prompt) for i, prompt in enumerate(PROMPTS)]
    replies = by_id(engine.generate(requests, Sampling(max_tokens=2, batch_size=4)))
    assert sizes == [4, 2, 1, 1, 2, 1, 1]
    assert len(replies) == 4
    assert not any(reply.error for reply in replies.values())


def test_a_chat_template_is_used_where_the_model_has_one(engine: Any) -> None:
    request = Request(id=1, prompt="bare", messages=(Message(role="user", text="what is one ?"),))
    assert engine._text(request) == "bare"
    engine.tokenizer.chat_template = "{% for m in messages %}question : {{ m.content }} answer :{% endfor %}"
    try:
        assert engine._text(request) == "question : what is one ? answer :"
        engine.config["chat_template"] = False
        assert engine._text(request) == "bare"
    finally:
        engine.tokenizer.chat_template = None
        engine.config.pop("chat_template", None)


def test_folders_that_could_hide_code_are_refused(tmp_path: Path, tiny_model: Path) -> None:
    def refusal(folder: Path, **config: Any) -> str:
        with pytest.raises(EngineError) as caught:
            create("transformers", {"path": str(folder), **config}).load()
        return str(caught.value)

    assert "no model folder" in refusal(tmp_path / "nowhere")
    (tmp_path / "config.json").write_text((tiny_model / "config.json").read_text())
    (tmp_path / "pytorch_model.bin").write_bytes(b"a pickle")
    assert "no .safetensors" in refusal(tmp_path)
    assert "dtype" in refusal(tiny_model, dtype="int4")
    (tmp_path / "model.safetensors").write_bytes(b"not safetensors")
    assert "cannot be loaded" in refusal(tmp_path)


def test_code_in_the_folder_is_never_run(tmp_path: Path, tiny_model: Path) -> None:
    import json
    import shutil

    folder = tmp_path / "model"
    shutil.copytree(tiny_model, folder)
    config = json.loads((folder / "config.json").read_text())
    config |= {
        "model_type": "sly",
        "auto_map": {"AutoConfig": "sly.SlyConfig", "AutoModelForCausalLM": "sly.Sly"},
    }
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "sly.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()")
    with pytest.raises(EngineError, match="cannot be loaded"):
        create("transformers", {"path": str(folder)}).load()
    assert not (tmp_path / "ran").exists()
