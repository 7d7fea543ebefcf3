"""A benchmark: a dataset version, how it is asked, and how the answers are scored."""

from typing import ClassVar

from django.conf import settings as django_settings
from django.db import models

from concord.accounts.models import WorkspaceOwned, WorkspaceQuerySet
from concord.catalog.models import DatasetVersion
from concord.core.models import CurrentPicture
from evaluation.states import TaskKind


class Benchmark(WorkspaceOwned):
    """`scorers` is a list of `{"method": registered name, "criterion": slug, ...parameters}` (see `evaluation.scorers`)."""

    name = models.CharField(max_length=160)
    version = models.ForeignKey(DatasetVersion, on_delete=models.PROTECT, related_name="+")
    task = models.CharField(max_length=8, choices=TaskKind.choices, default=TaskKind.GENERATE)
    template = models.TextField(
        default="{{ prompt }}", help_text="the prompt, with {{ prompt }} and {{ choices }}"
    )
    system_prompt = models.TextField(blank=True)
    settings = models.JSONField(default=dict, blank=True, help_text="max_tokens, temperature, stop, seed")
    scorers = models.JSONField(default=list)
    epochs = models.PositiveSmallIntegerField(default=1)
    created_by = models.ForeignKey(
        django_settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "name"], name="benchmark_name"),
            models.CheckConstraint(condition=models.Q(task__in=TaskKind.values), name="benchmark_task_known"),
            models.CheckConstraint(condition=models.Q(epochs__gte=1), name="benchmark_at_least_one_epoch"),
        ]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class BenchmarkPictureQuerySet(WorkspaceQuerySet):
    workspace_path = "benchmark__workspace"


class BenchmarkPicture(CurrentPicture):
    """How the benchmark's systems compare; `shown` are the runs in its order, each with the time at which it was done."""

    benchmark = models.ForeignKey(Benchmark, on_delete=models.CASCADE, related_name="pictures")

    objects: ClassVar[BenchmarkPictureQuerySet] = BenchmarkPictureQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [models.UniqueConstraint(fields=["benchmark", "key"], name="benchmark_picture_once")]
