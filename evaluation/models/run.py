"""A run: one benchmark on one system, planned into shards that can be killed and resumed at any moment."""

from typing import ClassVar

from django.conf import settings as django_settings
from django.db import models

from concord.accounts.models import WorkspaceOwned, WorkspaceQuerySet
from concord.catalog.models import Example, OutputSet, System
from evaluation.models.benchmark import Benchmark
from evaluation.states import RunState, ShardState


class Run(WorkspaceOwned):
    """`settings` is a copy of everything that shaped the run, made when it was planned; `environment` is what it ran on."""

    benchmark = models.ForeignKey(Benchmark, on_delete=models.PROTECT, related_name="runs")
    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="+")
    output_set = models.OneToOneField(OutputSet, on_delete=models.PROTECT, related_name="run")
    recorded_set = models.ForeignKey(
        OutputSet,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="the imported outputs that a run on a recorded system scores where they are; null where the run makes its own",
    )
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.PLANNED)
    queue = models.CharField(max_length=40, default="cpu")
    settings = models.JSONField(default=dict)
    environment = models.JSONField(default=dict, blank=True)
    total = models.PositiveBigIntegerField(default=0, help_text="examples times epochs")
    error = models.TextField(blank=True)
    created_by = models.ForeignKey(
        django_settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=RunState.values), name="run_state_known")
        ]
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"run {self.pk}"

    @property
    def answers_set_id(self) -> int:
        """The set that holds this run's answers: its own, or the imported one that it scores."""
        return self.recorded_set_id or self.output_set_id


class RunPartQuerySet(WorkspaceQuerySet):
    workspace_path = "run__workspace"


class Shard(models.Model):
    """A slice of the run's examples by position, `first <= position < last`, in one epoch; held by one worker under a lease."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="shards")
    epoch = models.PositiveSmallIntegerField(default=1)
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    state = models.CharField(max_length=8, choices=ShardState.choices, default=ShardState.WAITING)
    holder = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    objects: ClassVar[RunPartQuerySet] = RunPartQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "epoch", "first"], name="shard_once")]
        indexes = [
            models.Index(
                fields=["run", "epoch", "first"],
                condition=models.Q(state__in=["waiting", "claimed"]),
                name="shard_queue",
            )
        ]

    def __str__(self) -> str:
        return f"shard {self.first}-{self.last} of run {self.run_id}"


class Failure(models.Model):
    """An example that the system could not answer: the last error and how often it was tried."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="failures")
    example = models.ForeignKey(Example, on_delete=models.PROTECT, related_name="+")
    epoch = models.PositiveSmallIntegerField(default=1)
    message = models.TextField()
    attempts = models.PositiveSmallIntegerField(default=1)
    at = models.DateTimeField(auto_now=True)

    objects: ClassVar[RunPartQuerySet] = RunPartQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "example", "epoch"], name="failure_once")]

    def __str__(self) -> str:
        return self.message[:80]
