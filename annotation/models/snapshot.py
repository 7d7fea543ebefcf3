"""What was computed from a study's ratings, and from which."""

from typing import ClassVar

from django.db import models

from annotation.models.study import Study
from concord.accounts.models import WorkspaceQuerySet
from concord.core.models import CurrentPicture


class StudySnapshotQuerySet(WorkspaceQuerySet):
    workspace_path = "study__workspace"


class StudySnapshot(models.Model):
    """Agreement, raters, systems and disputed units at one moment. `digest` is the SHA-256 of the ratings it was computed from.

    Snapshots are kept, so that agreement can be shown over time; where nothing changed, only `checked_at` moves.
    """

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="snapshots")
    digest = models.CharField(max_length=64)
    content = models.JSONField()
    ratings = models.BigIntegerField(help_text="current ratings with a value")
    stamp = models.CharField(max_length=60, blank=True, help_text="which ratings it knows of")
    seconds = models.FloatField(help_text="time it took to compute")
    computed_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[StudySnapshotQuerySet] = StudySnapshotQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "study snapshot"
        constraints = [models.UniqueConstraint(fields=["study", "digest"], name="study_snapshot_once")]
        indexes = [models.Index(fields=["study", "-computed_at"], name="study_snapshot_newest")]

    def __str__(self) -> str:
        return f"snapshot {self.pk} of study {self.study_id}"


class StudyPictureQuerySet(WorkspaceQuerySet):
    workspace_path = "study__workspace"


class StudyPicture(CurrentPicture):
    """How agreement moved; `shown` are the ids of the snapshots, oldest first."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="pictures")

    objects: ClassVar[StudyPictureQuerySet] = StudyPictureQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [models.UniqueConstraint(fields=["study", "key"], name="study_picture_once")]
