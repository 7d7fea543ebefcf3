"""People's answers: the one shape of them."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from concord.estimates.arrays import Bools, Columns, Floats, Ints


@dataclass(frozen=True, kw_only=True)
class Ratings(Columns):
    """Ratings with a value, one row each, all columns of shape (n,).

    Codes are integers. `other_outputs` and `other_systems` are -1 where one output was judged alone, `raters` is -1 where the
    rater is not known. `values` are the labels' numbers; of a pair they speak of (output, other output). `swapped` says that the
    rater saw the pair the other way round; `seconds` (per answer) is nan where it was not measured. `cannot_judge` counts the
    answers without a value, which have no row.
    """

    units: Ints
    outputs: Ints
    other_outputs: Ints
    systems: Ints
    other_systems: Ints
    examples: Ints
    raters: Ints
    values: Floats
    swapped: Bools
    seconds: Floats
    cannot_judge: int = 0

    ORDER: ClassVar[tuple[str, ...]] = (
        "examples",
        "outputs",
        "other_outputs",
        "units",
        "raters",
        "values",
        "swapped",
        "seconds",
    )

    @property
    def n_raters(self) -> int:
        """How many raters are known by a code."""
        return len(np.unique(self.raters[self.raters >= 0]))

    @property
    def n_anonymous(self) -> int:
        """How many answers have no rater."""
        return int((self.raters < 0).sum())
