"""Ratings: append-only. A correction supersedes, and the old answer stays."""

from typing import ClassVar

from django.db import models

from annotation.models.assignment import Assignment
from annotation.models.rater import Rater
from annotation.models.study import Study
from annotation.models.unit import Unit
from concord.accounts.models import WorkspaceQuerySet
from concord.catalog.models import Criterion, ImportBatch


class RatingQuerySet(WorkspaceQuerySet):
    workspace_path = "study__workspace"


class Rating(models.Model):
    """A person's answer to a criterion about a unit.

    `value` is always in the unit's own orientation: for a pair, "left" means `unit.output`, however it was shown;
    `swapped` records how. `value` is null where the rater could not judge, and `reason` then says why.
    """

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="ratings")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    rater = models.ForeignKey(Rater, null=True, on_delete=models.PROTECT, related_name="ratings")
    assignment = models.ForeignKey(Assignment, null=True, on_delete=models.PROTECT, related_name="ratings")
    value = models.FloatField(null=True)
    reason = models.CharField(max_length=400, blank=True, help_text="why it could not be judged")
    comment = models.TextField(blank=True)
    swapped = models.BooleanField(default=False)
    seconds = models.FloatField(null=True)
    current = models.BooleanField(default=True, help_text="false once superseded or undone")
    supersedes = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    batch = models.ForeignKey(ImportBatch, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[RatingQuerySet] = RatingQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "criterion", "rater"],
                condition=models.Q(current=True, rater__isnull=False),
                name="rating_one_current",
            ),
            models.CheckConstraint(
                condition=models.Q(value__isnull=False) | ~models.Q(reason=""), name="rating_value_or_reason"
            ),
        ]
        indexes = [
            models.Index(
                fields=["study", "criterion", "id"], condition=models.Q(current=True), name="rating_of_study"
            )
        ]

    def __str__(self) -> str:
        return f"rating {self.pk}"
