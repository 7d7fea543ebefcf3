"""The states of a run and of its shards, and the moves they allow."""

from django.db import models


class TaskKind(models.TextChoices):
    """What a benchmark asks of a system."""

    GENERATE = "generate", "generate an answer"
    CHOICE = "choice", "pick the likeliest of the example's choices"
    CLASSIFY = "classify", "predict a label from an image or other tensor"


class RunState(models.TextChoices):
    PLANNED = "planned"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


R = RunState
RUN_MOVES: dict[str, frozenset[str]] = {
    R.PLANNED: frozenset({R.RUNNING, R.CANCELLED, R.FAILED}),
    R.RUNNING: frozenset({R.PAUSED, R.DONE, R.FAILED, R.CANCELLED}),
    R.PAUSED: frozenset({R.RUNNING, R.CANCELLED}),
    R.FAILED: frozenset({R.RUNNING, R.CANCELLED}),
    R.CANCELLED: frozenset(),
    R.DONE: frozenset({R.RUNNING}),  # to try its failures again
}


class ShardState(models.TextChoices):
    WAITING = "waiting"
    CLAIMED = "claimed"
    DONE = "done"


class ScorerKind(models.TextChoices):
    METRIC = "metric", "metric"
    CLASSIFIER = "classifier", "classifier"
    JUDGE = "judge", "judge model"


class AskedBy(models.TextChoices):
    """How a system is made to answer; part of a run's settings, because the figures depend on it."""

    GENERATION = "generation", "it writes an answer"
    LIKELIHOOD = "likelihood", "the likeliest choice is its answer"
    LETTER = "letter", "it writes the letter of a choice"
    PROGRAM = "program", "its program predicts a label"
    RECORDING = "recording", "its imported outputs are scored where they are"
