"""An assignment: one unit on one rater's screen, for as long as the lease lasts."""

import uuid
from typing import ClassVar

from django.db import models

from annotation.models.rater import Rater
from annotation.models.study import Study
from annotation.models.unit import Unit
from annotation.states import AssignmentState
from concord.accounts.models import WorkspaceQuerySet


class AssignmentQuerySet(WorkspaceQuerySet):
    workspace_path = "study__workspace"


class Assignment(models.Model):
    """`key` is what the browser holds; submitting twice with it is submitting once. A rater never gets a unit twice."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="assignments")
    rater = models.ForeignKey(Rater, on_delete=models.CASCADE, related_name="assignments")
    key = models.UUIDField(default=uuid.uuid4, unique=True)
    state = models.CharField(max_length=10, choices=AssignmentState.choices, default=AssignmentState.LEASED)
    swapped = models.BooleanField(default=False, help_text="the pair's left output was shown on the right")
    draft = models.JSONField(null=True, blank=True)
    leased_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    seconds = models.FloatField(null=True, help_text="time with the task in view, as the browser measured it")

    objects: ClassVar[AssignmentQuerySet] = AssignmentQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "rater"], name="assignment_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=AssignmentState.values), name="assignment_state_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"], condition=models.Q(state="leased"), name="assignment_lease_ends"
            ),
            models.Index(
                fields=["rater", "study"],
                condition=models.Q(state__in=["leased", "expired", "returned"]),
                name="assignment_unfinished",
            ),
            models.Index(
                fields=["rater", "study", "submitted_at"],
                condition=models.Q(state="submitted"),
                name="assignment_last_answers",
            ),
        ]

    def __str__(self) -> str:
        return f"assignment {self.pk}"
