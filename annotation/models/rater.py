"""Raters: people who sign in, people known only by the name in an imported file, and simulated ones."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from annotation.models.study import Study
from concord.accounts.models import WorkspaceOwned, WorkspaceQuerySet
from concord.catalog.models import ImportBatch


class Rater(WorkspaceOwned):
    """Whoever gives ratings. An anonymous rating has no rater and is left out of every claim about raters."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    name = models.CharField(max_length=160, help_text="pseudonym, unique in the workspace")
    is_simulated = models.BooleanField(default=False)
    attributes = models.JSONField(
        default=dict, blank=True, help_text="declared groups, for fairness analyses"
    )
    batch = models.ForeignKey(ImportBatch, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "name"], name="rater_name"),
            models.UniqueConstraint(
                fields=["workspace", "user"], condition=models.Q(user__isnull=False), name="rater_of_user"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class StudyRaterQuerySet(WorkspaceQuerySet):
    workspace_path = "study__workspace"


class StudyRater(models.Model):
    """A rater's place in a study.

    `cursor` is the position of the last unit taken: the search for the next one starts there, so it costs the same at any size.
    """

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="study_raters")
    rater = models.ForeignKey(Rater, on_delete=models.CASCADE, related_name="places")
    cursor = models.BigIntegerField(default=-1)
    given = models.PositiveIntegerField(default=0)
    active_seconds = models.FloatField(default=0)
    is_active = models.BooleanField(default=True, help_text="may take tasks")
    joined_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField(null=True)

    objects: ClassVar[StudyRaterQuerySet] = StudyRaterQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [models.UniqueConstraint(fields=["study", "rater"], name="study_rater_once")]

    def __str__(self) -> str:
        return f"{self.rater_id} in {self.study_id}"
