"""What a scorecard is computed from: plain arrays, without a database behind them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from concord.estimates.arrays import Ints
from concord.estimates.enums import Choice
from concord.estimates.question import Question
from concord.estimates.ratings import Ratings
from concord.estimates.scores import Scores
from concord.estimates.timings import Timings


@dataclass(frozen=True, kw_only=True)
class Target:
    """The outputs that a dimension is about, judged or not; all of shape (n,)."""

    outputs: Ints
    systems: Ints
    examples: Ints


@dataclass(frozen=True, kw_only=True)
class DimensionEvidence:
    """A dimension with all its arrays. A side that was not asked for is None.

    `slices` maps a slice's name to the example ids of each of its values. `primary` was declared before the data: where a
    dimension is, the headline speaks of it alone. `choice` says how the outputs were chosen that people judged among all that
    the machine did, `choice_why` why that is not known to have been by lot.
    """

    question: Question
    ratings: Ratings | None = None
    scores: Scores | None = None
    target: Target | None = None
    slices: Mapping[str, Mapping[str, Ints]] = field(default_factory=dict)
    primary: bool = False
    choice: Choice = Choice.UNKNOWN
    choice_why: str = ""


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
