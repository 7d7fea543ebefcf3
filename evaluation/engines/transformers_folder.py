"""A transformers model in a folder on disk: generation and log-likelihood of choices."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.engines.base import (
    Engine,
    EngineError,
    Replies,
    Reply,
    Request,
    Sampling,
    Stopwatch,
    register,
)
from evaluation.engines.batching import by_length
from evaluation.engines.devices import device_for, wait_for
from evaluation.engines.likelihood import choose_batch, encode_choices

DTYPES = {"auto", "float32", "float16", "bfloat16"}


@dataclass(frozen=True)
class Prompt:
    request: Request
    ids: list[int]


@register("transformers")
class TransformersEngine(Engine):
    """Loads safetensors only, from the disk only, and never runs code from the folder."""

    def load(self) -> None:
        folder = model_folder(self.config)
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        self.device = device_for(self.config)
        dtype = str(self.config.get("dtype", "auto"))
        safe: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
        try:
            self.tokenizer: Any = AutoTokenizer.from_pretrained(folder, **safe)
            model: Any = AutoModelForCausalLM.from_pretrained(
                folder,
                use_safetensors=True,
                dtype=dtype if dtype == "auto" else getattr(torch, dtype),
                **safe,
            )
        except Exception as error:  # whatever a foreign folder makes the library raise
            raise EngineError(f"The model in {folder} cannot be loaded: {first_line(error)}") from error
        self.model = model.to(self.device).eval()
        if self.tokenizer.pad_token_id is None:
            self.tokenizer.pad_token = self.tokenizer.eos_token or self.tokenizer.convert_ids_to_tokens(0)
        self.folder = folder
        self.window = int(getattr(model.config, "max_position_embeddings", 0) or 1 << 30)

    def describe(self) -> dict[str, Any]:
        return {
            "device": str(self.device),
            "dtype": str(self.model.dtype).removeprefix("torch."),
            "parameters": sum(p.numel() for p in self.model.parameters()),
            "config_sha256": hashlib.sha256((self.folder / "config.json").read_bytes()).hexdigest(),
            "weights": {path.name: path.stat().st_size for path in sorted(self.folder.glob("*.safetensors"))},
        }

    def generate(self, requests: Sequence[Request], sampling: Sampling) -> Replies:
        prompts = [Prompt(request, self._encode(request)) for request in requests]
        fitting = [p for p in prompts if len(p.ids) + sampling.max_tokens <= self.window]
        yield [self._too_long(p, sampling) for p in prompts if p not in fitting]
        for batch in by_length(fitting, length=lambda p: len(p.ids), size=sampling.batch_size):
            yield from self._halving(batch, sampling)

    def choose(self, requests: Sequence[Request], sampling: Sampling) -> Replies:
        asked = [encode_choices(self.tokenizer, request, self._text(request)) for request in requests]
        fitting = [a for a in asked if a.longest <= self.window and not a.empty]
        yield [
            Reply(id=a.request.id, error="a choice is empty, or longer than the model's window", final=True)
            for a in asked
            if a not in fitting
        ]
        for batch in by_length(fitting, length=lambda a: a.longest * len(a.pairs), size=sampling.batch_size):
            yield choose_batch(
                self.model,
                batch,
                pad=self.tokenizer.pad_token_id,
                device=self.device,
                normalise=sampling.normalise,
            )

    def _text(self, request: Request) -> str:
        """The prompt as the model reads it: its chat template where it has one, else the bare text."""
        if self._chats(request):
            turns = [{"role": m.role, "content": m.text} for m in request.messages]
            return str(self.tokenizer.apply_chat_template(turns, add_generation_prompt=True, tokenize=False))
        return request.prompt

    def _chats(self, request: Request) -> bool:
        return bool(
            request.messages and self.tokenizer.chat_template and self.config.get("chat_template", True)
        )

    def _encode(self, request: Request) -> list[int]:
        text = self._text(request)
        ids: list[int] = self.tokenizer(text, add_special_tokens=not self._chats(request))["input_ids"]
        start = self.tokenizer.bos_token_id
        return ids or [start if start is not None else self.tokenizer.pad_token_id]

    def _too_long(self, prompt: Prompt, sampling: Sampling) -> Reply:
        error = f"the prompt has {len(prompt.ids)} tokens and {sampling.max_tokens} may follow, but the model takes {self.window}"
        return Reply(id=prompt.request.id, error=error, final=True)

    def _halving(self, batch: list[Prompt], sampling: Sampling) -> Replies:
        """One batch; where it does not fit in memory, its halves, down to single prompts, so that one monster fails alone."""
        try:
            yield self._batch(batch, sampling)
        except RuntimeError as error:
            if len(batch) == 1:
                yield [Reply(id=batch[0].request.id, error=f"the model failed: {first_line(error)}")]
                return
            middle = len(batch) // 2
            yield from self._halving(batch[:middle], sampling)
            yield from self._halving(batch[middle:], sampling)

    def _batch(self, batch: list[Prompt], sampling: Sampling) -> list[Reply]:
        import torch
        from transformers import GenerationConfig, StoppingCriteriaList

        width = max(len(p.ids) for p in batch)
        pad = self.tokenizer.pad_token_id
        ids = torch.tensor([[pad] * (width - len(p.ids)) + p.ids for p in batch], device=self.device)
        mask = torch.tensor(
            [[0] * (width - len(p.ids)) + [1] * len(p.ids) for p in batch], device=self.device
        )
        watch = Stopwatch()

        def mark(input_ids: Any, scores: Any, **_: Any) -> Any:
            wait_for(self.device)
            watch.first_token()
            ended = (
                [self._stopped(row, sampling.stop) for row in input_ids[:, width:]]
                if sampling.stop
                else [False] * len(batch)
            )
            return torch.tensor(ended, dtype=torch.bool, device=input_ids.device)

        torch.manual_seed(sampling.seed)
        sampled: dict[str, Any] = {"do_sample": False}
        if sampling.temperature > 0:
            sampled = {"do_sample": True, "temperature": sampling.temperature, "top_p": sampling.top_p}
        config = GenerationConfig(  # type: ignore[no-untyped-call]
            max_new_tokens=sampling.max_tokens,
            pad_token_id=pad,
            eos_token_id=getattr(self.model.generation_config, "eos_token_id", None)
            or self.tokenizer.eos_token_id,
            **sampled,
        )
        with torch.inference_mode():
            made = self.model.generate(
                ids,
                attention_mask=mask,
                generation_config=config,
                stopping_criteria=StoppingCriteriaList([mark]),
            )
        wait_for(self.device)
        timing = watch.stop()
        return [
            self._reply(p, row, sampling, timing, len(batch))
            for p, row in zip(batch, made[:, width:].tolist(), strict=True)
        ]

    def _reply(
        self, prompt: Prompt, row: list[int], sampling: Sampling, timing: dict[str, Any], size: int
    ) -> Reply:
        tokens = self._until_end(row)
        text = cut(self.tokenizer.decode(tokens, skip_special_tokens=True), sampling.stop)
        return Reply(
            id=prompt.request.id,
            text=text,
            input_tokens=len(prompt.ids),
            output_tokens=len(tokens),
            batch_size=size,
            **timing,
        )

    def _stopped(self, row: Any, stops: tuple[str, ...]) -> bool:
        """Whether a stop text ends what was made so far; a token is at least a character, so the tail is enough."""
        tail = self.tokenizer.decode(row[-max(map(len, stops)) - 4 :].tolist(), skip_special_tokens=True)
        return any(stop in tail for stop in stops)

    def _until_end(self, row: list[int]) -> list[int]:
        ends = {
            self.tokenizer.eos_token_id,
            *_as_list(getattr(self.model.generation_config, "eos_token_id", None)),
        } - {None}
        for position, token in enumerate(row):
            if token in ends:
                return row[: position + 1]
        return row


def model_folder(config: dict[str, Any]) -> Path:
    """The folder, if it is one that is safe to load: a config.json and safetensors. Raises `EngineError` otherwise."""
    folder = Path(str(config.get("path") or "")).expanduser()
    if not config.get("path") or not folder.is_dir():
        raise EngineError(f"There is no model folder at {str(folder)!r} on this worker.")
    if not (folder / "config.json").is_file():
        raise EngineError(f"{folder} has no config.json; it is not a transformers model folder.")
    if not list(folder.glob("*.safetensors")):
        raise EngineError(
            f"{folder} has no .safetensors file; other weight formats can hide code and are not loaded."
        )
    if str(config.get("dtype", "auto")) not in DTYPES:
        raise EngineError(f"dtype {config['dtype']!r} is not one of {', '.join(sorted(DTYPES))}.")
    return folder


def cut(text: str, stops: tuple[str, ...]) -> str:
    """`text` up to the first stop string."""
    places = [place for stop in stops if stop and (place := text.find(stop)) >= 0]
    return text[: min(places)] if places else text


def first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
