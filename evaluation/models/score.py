"""Scores: a machine's answer to a criterion about an output or a pair of outputs."""

from typing import ClassVar

from django.db import models

from concord.accounts.models import WorkspaceOwned, WorkspaceQuerySet
from concord.catalog.models import Criterion, ImportBatch, Output
from evaluation.states import ScorerKind


class Scorer(WorkspaceOwned):
    """Who scores: a metric, a classifier or a judge model, with its version and parameters."""

    name = models.CharField(max_length=160)
    kind = models.CharField(max_length=10, choices=ScorerKind.choices, default=ScorerKind.METRIC)
    method = models.CharField(
        max_length=60, default="imported", help_text="the registered scorer, or 'imported'"
    )
    parameters = models.JSONField(default=dict, blank=True)
    batch = models.ForeignKey(ImportBatch, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="scorer_name")]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ScoreQuerySet(WorkspaceQuerySet):
    workspace_path = "scorer__workspace"


class Score(models.Model):
    """`value` is null where the machine's answer could not be read; `raw` keeps what it said.

    Pairs are in the order (output, other_output).
    """

    scorer = models.ForeignKey(Scorer, on_delete=models.CASCADE, related_name="scores")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    output = models.ForeignKey(Output, on_delete=models.CASCADE, related_name="+")
    other_output = models.ForeignKey(Output, null=True, on_delete=models.CASCADE, related_name="+")
    value = models.FloatField(null=True, help_text="null means unparsed")
    raw = models.TextField(blank=True)
    batch = models.ForeignKey(ImportBatch, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[ScoreQuerySet] = ScoreQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scorer", "criterion", "output", "other_output"],
                nulls_distinct=False,
                name="score_once",
            )
        ]
        indexes = [models.Index(fields=["criterion", "scorer", "output"], name="score_of_criterion")]

    def __str__(self) -> str:
        return f"score {self.value}"
