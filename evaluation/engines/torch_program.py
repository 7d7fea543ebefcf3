"""An exported program (.pt2) or a TorchScript archive (.pt) with declared pre- and post-processing."""

import hashlib
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

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
from evaluation.engines.devices import device_for, wait_for
from evaluation.engines.preprocessing import BadInput, Input, Outcome
from evaluation.engines.program_archive import read_program


@register("torch")
class TorchEngine(Engine):
    def load(self) -> None:
        self.input = Input.read(dict(self.config.get("input") or {}))
        self.outcome = Outcome.read(dict(self.config.get("output") or {}))
        self.path = Path(str(self.config.get("path") or "")).expanduser()
        self.format, data = read_program(self.path)
        self.digest = hashlib.sha256(data).hexdigest()
        self.device = device_for(self.config)
        try:
            self.program = self._open(data)
        except (RuntimeError, ValueError, AssertionError, TypeError, KeyError, AttributeError) as error:
            raise EngineError(
                f"{self.path.name} cannot be loaded: {str(error).splitlines()[0][:300] if str(error) else error!r}"
            ) from error

    def _open(self, data: bytes) -> Any:
        import torch

        if self.format == "torchscript":
            return torch.jit.load(io.BytesIO(data), map_location=self.device).eval()  # type: ignore[no-untyped-call]
        # Guards are Python source inside the file and would be run: leave them out.
        return torch.export.load(io.BytesIO(data)).module(check_guards=False).to(self.device)

    def describe(self) -> dict[str, Any]:
        return {
            "device": str(self.device),
            "format": self.format,
            "sha256": self.digest,
            "file": self.path.name,
        }

    def classify(self, requests: Sequence[Request], sampling: Sampling) -> Replies:
        ready: list[tuple[Request, Any]] = []
        refused = []
        for request in requests:
            try:
                ready.append((request, self.input.array(request)))
            except BadInput as error:
                refused.append(Reply(id=request.id, error=str(error), final=True))
        yield refused
        for first in range(0, len(ready), sampling.batch_size):
            yield self._batch(ready[first : first + sampling.batch_size])

    def _batch(self, batch: list[tuple[Request, Any]]) -> list[Reply]:
        import torch

        tensor = torch.from_numpy(np.stack([array for _, array in batch])).to(
            getattr(torch, self.input.dtype)
        )
        watch = Stopwatch()
        try:
            with torch.inference_mode():
                made = self.program(tensor.to(self.device))
                made = made[0] if isinstance(made, tuple | list) else made
                rows = made.float().cpu().numpy()
        except (RuntimeError, AttributeError, AssertionError) as error:
            message = (str(error).strip().splitlines() or ["unknown error"])[-1][:300]
            return [Reply(id=request.id, error=f"the program failed: {message}") for request, _ in batch]
        wait_for(self.device)
        timing = watch.stop()
        if len(rows) != len(batch):
            mismatch = f"the program gave {len(rows)} rows for {len(batch)} examples"
            return [Reply(id=request.id, error=mismatch, final=True) for request, _ in batch]
        return [
            self._reply(request, row, timing, len(batch))
            for (request, _), row in zip(batch, rows, strict=True)
        ]

    def _reply(self, request: Request, row: Any, timing: dict[str, Any], size: int) -> Reply:
        try:
            index, weights = self.outcome.read_row(row)
            label = self.outcome.label(index)
        except BadInput as error:
            return Reply(id=request.id, error=str(error), final=True)
        return Reply(id=request.id, text=label, choice=index, weights=weights, batch_size=size, **timing)
