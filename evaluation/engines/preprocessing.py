"""The declared way from an example to a tensor, and from a tensor to a label."""

import io
import json
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from evaluation.engines.base import EngineError, Request

Array = npt.NDArray[np.float32]
MAX_PIXELS = 64_000_000


class BadInput(Exception):
    """This example cannot be turned into the declared tensor."""


@dataclass(frozen=True, kw_only=True)
class Input:
    """`size` is (height, width) for images and the tensor's shape for numbers; values become (x * scale - mean) / std."""

    kind: str = "image"
    size: tuple[int, ...] = ()
    channels: int = 1
    scale: float = 1 / 255
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)
    layout: str = "NCHW"
    dtype: str = "float32"
    resize: str = "bilinear"

    @classmethod
    def read(cls, config: dict[str, Any]) -> "Input":
        """From a system's config. Raises `EngineError`, naming what is wrong."""
        known = {"kind", "size", "channels", "scale", "mean", "std", "layout", "dtype", "resize"}
        if unknown := sorted(set(config) - known):
            raise EngineError(f"The pre-processing has the unknown entry {unknown[0]!r}.")
        values = dict(config)
        for name in ("size", "mean", "std"):
            if name in values:
                values[name] = tuple(
                    values[name] if isinstance(values[name], list | tuple) else [values[name]]
                )
        if values.get("kind", "image") == "numbers":
            values.setdefault("scale", 1.0)
        made = cls(**values)
        made._check()
        return made

    def _check(self) -> None:
        allowed = {
            "kind": {"image", "numbers"},
            "layout": {"NCHW", "NHWC", "flat"},
            "dtype": {"float32", "float16", "bfloat16"},
        }
        allowed["resize"] = {"bilinear", "nearest", "none"}
        for name, values in allowed.items():
            if getattr(self, name) not in values:
                raise EngineError(
                    f"The pre-processing's {name} {getattr(self, name)!r} is not one of {', '.join(sorted(values))}."
                )
        if self.kind == "image" and (len(self.size) != 2 or self.channels not in {1, 3}):
            raise EngineError("An image needs a size of [height, width] and 1 or 3 channels.")
        if any(int(side) != side or side < 1 for side in self.size) or 0 in self.std:
            raise EngineError(
                "The pre-processing's sizes must be whole numbers above 0 and std must not be 0."
            )

    def array(self, request: Request) -> Array:
        """One example as an array without the batch axis. Raises `BadInput`."""
        return self._numbers(request.prompt) if self.kind == "numbers" else self._image(request.image)

    def _image(self, data: bytes | None) -> Array:
        if not data:
            raise BadInput("the example has no image")
        from PIL import Image

        try:
            with Image.open(io.BytesIO(data)) as opened:
                if opened.width * opened.height > MAX_PIXELS:
                    raise BadInput(f"the image has more than {MAX_PIXELS:,} pixels")
                image = opened.convert("L" if self.channels == 1 else "RGB")
                height, width = self.size
                if image.size != (width, height):
                    if self.resize == "none":
                        raise BadInput(f"the image is {image.height} x {image.width}, not {height} x {width}")
                    how = Image.Resampling.NEAREST if self.resize == "nearest" else Image.Resampling.BILINEAR
                    image = image.resize((width, height), how)
                pixels = np.asarray(image, dtype=np.float32)
        except (OSError, ValueError, Image.DecompressionBombError) as error:
            raise BadInput(f"the image cannot be read: {error}") from error
        return self._laid_out(pixels.reshape(*self.size, self.channels))

    def _laid_out(self, pixels: Array) -> Array:
        scaled = self._normalised(pixels)
        if self.layout == "NHWC":
            return scaled
        return np.ascontiguousarray(
            scaled.ravel() if self.layout == "flat" else scaled.transpose(2, 0, 1), dtype=np.float32
        )

    def _normalised(self, values: Array) -> Array:
        mean, std = np.asarray(self.mean, dtype=np.float32), np.asarray(self.std, dtype=np.float32)
        return np.asarray((values * np.float32(self.scale) - mean) / std, dtype=np.float32)

    def _numbers(self, text: str) -> Array:
        try:
            values = np.asarray(
                json.loads(text if text.lstrip().startswith("[") else f"[{text}]"), dtype=np.float32
            )
        except (ValueError, TypeError) as error:
            raise BadInput(f"the prompt is not a list of numbers: {error}") from error
        if self.size and values.size != math.prod(self.size):
            raise BadInput(f"the example has {values.size} numbers, not {math.prod(self.size)}")
        return self._normalised(values.reshape(self.size) if self.size else values)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What the program's output means. `kind`: logits, probabilities, or the index itself."""

    kind: str = "logits"
    labels: tuple[str, ...] = ()

    @classmethod
    def read(cls, config: dict[str, Any]) -> "Outcome":
        if unknown := sorted(set(config) - {"kind", "labels"}):
            raise EngineError(f"The post-processing has the unknown entry {unknown[0]!r}.")
        made = cls(kind=config.get("kind", "logits"), labels=tuple(map(str, config.get("labels", ()))))
        if made.kind not in {"logits", "probabilities", "index"}:
            raise EngineError(
                f"The post-processing's kind {made.kind!r} is not logits, probabilities or index."
            )
        return made

    def read_row(self, row: npt.NDArray[Any]) -> tuple[int, tuple[float, ...]]:
        """The predicted index and the probabilities (none for an index). Raises `BadInput` where the row means nothing."""
        values = row.ravel().astype(np.float64)
        if not values.size:
            raise BadInput("the program gave no value")
        if self.kind == "index":
            if not np.isfinite(values[0]):
                raise BadInput("the program's output is not finite")
            return int(values[0]), ()
        if self.labels and values.size != len(self.labels):
            raise BadInput(f"the program gave {values.size} values for {len(self.labels)} labels")
        if not np.all(np.isfinite(values)):
            raise BadInput("the program's output is not finite")
        if self.kind == "logits":
            values = np.exp(values - values.max())
            values /= values.sum()
        return int(values.argmax()), tuple(float(v) for v in values)

    def label(self, index: int) -> str:
        if not self.labels:
            return str(index)
        if not 0 <= index < len(self.labels):
            raise BadInput(f"the program gave label {index} of {len(self.labels)}")
        return self.labels[index]
