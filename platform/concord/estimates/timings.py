"""How long answers took: the one shape of it."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from concord.estimates.arrays import Bools, Columns, Floats, Ints


@dataclass(frozen=True, kw_only=True)
class Timings(Columns):
    """Timed outputs, one row each, all columns of shape (n,); nan where tokens, costs or the first token's time are not known.

    `duration_ms` and `first_token_ms` are in milliseconds. `counts` is true for one output of each batch: what was answered
    together shares one duration, which is one observation.
    """

    systems: Ints
    examples: Ints
    outputs: Ints
    duration_ms: Floats
    first_token_ms: Floats
    counts: Bools
    batch_size: Floats
    input_tokens: Floats
    output_tokens: Floats
    cost: Floats

    ORDER: ClassVar[tuple[str, ...]] = ("systems", "examples", "outputs", "duration_ms")

    def of(self, system: int) -> "Timings":
        return self.where(self.systems == system)

    def about(self, systems: tuple[int, ...]) -> "Timings":
        return self.where(np.isin(self.systems, np.array(systems, dtype=np.int64)))
