"""A scorecard: which systems, on which dimensions, judged by whom."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from annotation.models import Study
from concord.accounts.models import WorkspaceOwned, WorkspaceQuerySet
from concord.catalog.models import Criterion, DatasetVersion, System
from concord.catalog.states import Direction
from concord.scorecards.states import Estimand, Scope
from evaluation.models import Scorer


class Scorecard(WorkspaceOwned):
    name = models.CharField(max_length=160)
    question = models.CharField(max_length=400, help_text="the decision that it serves, in one sentence")
    systems = models.ManyToManyField(System, related_name="+")
    version = models.ForeignKey(
        DatasetVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    baseline = models.ForeignKey(
        System,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="differences are to this one",
    )
    scope = models.CharField(
        max_length=12,
        choices=Scope.choices,
        default=Scope.THESE_RATERS,
        help_text="for whom the figures of people's answers hold",
    )
    confidence = models.FloatField(default=0.95)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "name"], name="scorecard_name"),
            models.CheckConstraint(
                condition=models.Q(confidence__gt=0.5, confidence__lt=1), name="scorecard_confidence_sane"
            ),
            models.CheckConstraint(condition=models.Q(scope__in=Scope.values), name="scorecard_scope_known"),
        ]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class DimensionQuerySet(WorkspaceQuerySet):
    workspace_path = "scorecard__workspace"


class Dimension(models.Model):
    """One column: a criterion as answered by people (`study`), by a machine (`scorer`), or both.

    `labels` are the values counted by a rate ("unsafe" answers); `where` keeps only examples whose slices equal these.
    """

    scorecard = models.ForeignKey(Scorecard, on_delete=models.CASCADE, related_name="dimensions")
    name = models.CharField(max_length=120)
    position = models.PositiveSmallIntegerField(default=0)
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    study = models.ForeignKey(Study, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    scorer = models.ForeignKey(Scorer, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    estimand = models.CharField(max_length=8, choices=Estimand.choices, default=Estimand.MEAN)
    labels = models.JSONField(default=list, blank=True)
    where = models.JSONField(default=dict, blank=True)
    direction = models.CharField(max_length=6, choices=Direction.choices, default=Direction.HIGHER)
    primary = models.BooleanField(
        default=False, help_text="declared before the data: the headline speaks of primary dimensions alone"
    )

    objects: ClassVar[DimensionQuerySet] = DimensionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scorecard", "name"], name="dimension_name"),
            models.CheckConstraint(
                condition=models.Q(study__isnull=False) | models.Q(scorer__isnull=False),
                name="dimension_has_a_side",
            ),
        ]
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name
