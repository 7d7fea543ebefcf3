"""What a dimension is computed from: plain arrays, without a database behind them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.selectors.scale_ends import ends
from concord.catalog.states import CriterionKind, Direction, Level
from concord.scorecards.states import Estimand

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One column as it was asked for. `outcomes` says what a label of a preference means: 1 left, 0 right, .5 tie."""

    name: str
    estimand: str = Estimand.MEAN
    labels: tuple[float, ...] = ()
    direction: str = Direction.HIGHER
    kind: str = CriterionKind.LIKERT
    level: str = Level.INTERVAL
    outcomes: Mapping[float, float] = field(default_factory=dict)
    label_names: Mapping[float, str] = field(default_factory=dict)
    minimum: float | None = None
    maximum: float | None = None
    confidence: float = 0.95

    @property
    def is_pairwise(self) -> bool:
        return self.estimand == Estimand.WIN_RATE

    @property
    def is_share(self) -> bool:
        """Whether the figures lie between 0 and 1."""
        return self.estimand != Estimand.MEAN

    @property
    def bounds(self) -> tuple[float, float]:
        """The ends of the scale that people answer on; infinite where it has none."""
        if self.is_share:
            return 0.0, 1.0
        return ends(self.label_names, self.minimum, self.maximum)

    @property
    def is_labelled(self) -> bool:
        """Whether the answers are labels, so that a table of them makes sense."""
        return self.kind != CriterionKind.NUMERIC and len(self.label_names) > 0


@dataclass(frozen=True, kw_only=True)
class Ratings:
    """People's answers, one entry each. `raters` is -1 for an anonymous one; `other_*` are -1 where one output was judged."""

    units: IntArray
    outputs: IntArray
    other_outputs: IntArray
    systems: IntArray
    other_systems: IntArray
    examples: IntArray
    raters: IntArray
    values: FloatArray
    cannot_judge: int = 0

    def __len__(self) -> int:
        return len(self.values)

    def where(self, kept: BoolArray) -> "Ratings":
        return Ratings(
            cannot_judge=self.cannot_judge, **{name: getattr(self, name)[kept] for name in _RATING_ARRAYS}
        )


@dataclass(frozen=True, kw_only=True)
class Scores:
    """A machine's answers; `values` is nan where its answer could not be read."""

    outputs: IntArray
    other_outputs: IntArray
    systems: IntArray
    other_systems: IntArray
    examples: IntArray
    values: FloatArray

    def __len__(self) -> int:
        return len(self.values)

    def where(self, kept: BoolArray) -> "Scores":
        return Scores(**{name: getattr(self, name)[kept] for name in _SCORE_ARRAYS})


_SCORE_ARRAYS = ("outputs", "other_outputs", "systems", "other_systems", "examples", "values")
_RATING_ARRAYS = ("units", "raters", *_SCORE_ARRAYS)


@dataclass(frozen=True, kw_only=True)
class Scope:
    """The outputs that a dimension is about, judged or not."""

    outputs: IntArray
    systems: IntArray
    examples: IntArray


@dataclass(frozen=True, kw_only=True)
class Timings:
    """How long outputs took; nan where tokens or costs are not known. `counts` is true for one output of each batch."""

    systems: IntArray
    examples: IntArray
    duration_ms: FloatArray
    counts: BoolArray
    batch_size: FloatArray
    input_tokens: FloatArray
    output_tokens: FloatArray
    cost: FloatArray

    def of(self, system: int) -> "Timings":
        kept = self.systems == system
        return Timings(**{name: array[kept] for name, array in vars(self).items()})


@dataclass(frozen=True, kw_only=True)
class DimensionEvidence:
    """A dimension with all its arrays. A side that was not asked for is None.

    `slices` maps a slice's name to the example ids of each of its values.
    """

    plan: Plan
    ratings: Ratings | None = None
    scores: Scores | None = None
    scope: Scope | None = None
    slices: Mapping[str, Mapping[str, IntArray]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Everything that a scorecard is computed from. `dataset_timings` are those of every system on the dataset."""

    systems: tuple[int, ...]
    names: Mapping[int, str]
    dimensions: tuple[DimensionEvidence, ...]
    timings: Timings | None = None
    dataset_timings: Timings | None = None
    baseline: int | None = None
    confidence: float = 0.95


Figure = dict[str, Any]
