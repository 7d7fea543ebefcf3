"""Log-likelihood of choices: log p(choice | prompt), summed over the choice's own tokens.

For a causal model the logits at position i are about token i + 1. With the prompt's c tokens and the choice's m tokens the
sum runs over positions c - 1 ... c + m - 2. Sequences are padded on the right, where a causal model never looks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.engines.base import Reply, Request, Stopwatch
from evaluation.engines.devices import wait_for


@dataclass(frozen=True)
class Pair:
    """A prompt with one choice: all token ids, and where the choice begins."""

    ids: list[int]
    start: int
    characters: int


@dataclass(frozen=True)
class Asked:
    request: Request
    pairs: list[Pair]

    @property
    def longest(self) -> int:
        return max((len(pair.ids) for pair in self.pairs), default=0)

    @property
    def empty(self) -> bool:
        return not self.pairs or any(pair.start >= len(pair.ids) for pair in self.pairs)


def encode_choices(tokenizer: Any, request: Request, prompt: str) -> Asked:
    """Tokens of prompt + choice, taken together where the prompt's own tokens stay the same: so it reads in running text."""
    head: list[int] = tokenizer(prompt)["input_ids"]
    if not head:
        start = tokenizer.bos_token_id if tokenizer.bos_token_id is not None else tokenizer.eos_token_id
        head = [start if start is not None else 0]
    pairs = []
    for choice in request.choices:
        whole: list[int] = tokenizer(prompt + choice)["input_ids"]
        if whole[: len(head)] != head:
            whole = head + tokenizer(choice, add_special_tokens=False)["input_ids"]
        pairs.append(Pair(whole, len(head), len(choice)))
    return Asked(request, pairs)


def choose_batch(model: Any, batch: Sequence[Asked], *, pad: int, device: Any, normalise: str) -> list[Reply]:
    """One forward pass over every choice of every request in the batch."""
    watch = Stopwatch()
    pairs = [pair for asked in batch for pair in asked.pairs]
    sums = log_likelihoods(model, pairs, pad=pad, device=device)
    wait_for(device)
    timing = watch.stop()
    replies, at = [], 0
    for asked in batch:
        mine = sums[at : at + len(asked.pairs)]
        at += len(asked.pairs)
        weights = [_normalised(value, pair, normalise) for value, pair in zip(mine, asked.pairs, strict=True)]
        best = max(range(len(weights)), key=weights.__getitem__)
        replies.append(
            Reply(
                id=asked.request.id,
                text=asked.request.choices[best].strip(),
                choice=best,
                weights=tuple(weights),
                input_tokens=sum(len(pair.ids) for pair in asked.pairs),
                output_tokens=0,
                batch_size=len(batch),
                **timing,
            )
        )
    return replies


def log_likelihoods(model: Any, pairs: Sequence[Pair], *, pad: int, device: Any) -> list[float]:
    """The summed log-probabilities, one a pair, in natural logarithms."""
    import torch

    width = max(len(pair.ids) for pair in pairs)
    ids = torch.tensor([pair.ids + [pad] * (width - len(pair.ids)) for pair in pairs], device=device)
    mask = torch.tensor(
        [[1] * len(pair.ids) + [0] * (width - len(pair.ids)) for pair in pairs], device=device
    )
    with torch.inference_mode():
        logits = model(input_ids=ids, attention_mask=mask).logits
        sums = []
        for row, pair in enumerate(pairs):
            # Only the choice's positions, so that a large vocabulary is never held in full precision for the whole prompt.
            about = logits[row, pair.start - 1 : len(pair.ids) - 1].float().log_softmax(-1)
            tokens = ids[row, pair.start : len(pair.ids)].unsqueeze(-1)
            sums.append(float(about.gather(-1, tokens).sum()))
    return sums


def _normalised(value: float, pair: Pair, how: str) -> float:
    if how == "tokens":
        return value / (len(pair.ids) - pair.start)
    return value / max(1, pair.characters) if how == "characters" else value
