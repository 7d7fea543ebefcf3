"""What a dimension of a scorecard estimates."""

from django.db import models


class Estimand(models.TextChoices):
    MEAN = "mean", "mean of the answers"
    RATE = "rate", "share of outputs with one of the named labels"
    WIN_RATE = "win_rate", "share of comparisons won, ties half"
