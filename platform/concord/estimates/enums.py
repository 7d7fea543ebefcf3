"""The closed words that figures depend on. `concord.catalog.states` mirrors the first three; a test holds them together."""

from enum import StrEnum


class Direction(StrEnum):
    """Which end is good. Declared, never guessed."""

    HIGHER = "higher"
    LOWER = "lower"
    NONE = "none"


class Level(StrEnum):
    """Level of measurement: decides which distances and means make sense."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    INTERVAL = "interval"
    RATIO = "ratio"


class Kind(StrEnum):
    """How a criterion is answered; all but the last ask about one output."""

    LIKERT = "likert"
    CHOICE = "choice"
    YES_NO = "yes_no"
    NUMERIC = "numeric"
    PREFERENCE = "preference"


class Estimand(StrEnum):
    """What is estimated: the mean answer, the share of outputs with named labels, or the share of comparisons won."""

    MEAN = "mean"
    RATE = "rate"
    WIN_RATE = "win_rate"


class Scope(StrEnum):
    """For whom a figure of people's answers holds. Examples are a sample in both.

    With THESE_RATERS the people who answered are taken as they are; with OTHER_RATERS they are a sample of people like them.
    A machine's answers know neither; their scope is EXAMPLES.
    """

    THESE_RATERS = "these_raters"
    OTHER_RATERS = "other_raters"
    EXAMPLES = "examples"


class Choice(StrEnum):
    """How the outputs that people judged were chosen among those that the machine judged."""

    DRAWN = "drawn"  # by lot: the platform did it
    DECLARED = "declared"  # by lot: somebody answers for it
    UNKNOWN = "unknown"
