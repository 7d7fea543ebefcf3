"""A machine's answers: the one shape of them."""

from dataclasses import dataclass
from typing import ClassVar

from concord.estimates.arrays import Columns, Floats, Ints


@dataclass(frozen=True, kw_only=True)
class Scores(Columns):
    """Scores, one row each, all columns of shape (n,); `values` is nan where the machine's answer could not be read.

    `other_outputs` and `other_systems` are -1 where one output was scored alone. Of a pair, the value speaks of
    (output, other output).
    """

    outputs: Ints
    other_outputs: Ints
    systems: Ints
    other_systems: Ints
    examples: Ints
    values: Floats

    ORDER: ClassVar[tuple[str, ...]] = ("examples", "outputs", "other_outputs", "values")
