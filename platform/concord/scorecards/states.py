"""What a dimension of a scorecard estimates, and for whom."""

from django.db import models


class Estimand(models.TextChoices):
    MEAN = "mean", "mean of the answers"
    RATE = "rate", "share of outputs with one of the named labels"
    WIN_RATE = "win_rate", "share of comparisons won, ties half"


class Scope(models.TextChoices):
    """For whom figures of people's answers hold; examples are a sample of others like them in both."""

    THESE_RATERS = "these_raters", "these raters"
    OTHER_RATERS = "other_raters", "raters like these"
