"""A scorecard as it was computed, with the digest of what went in."""

from typing import ClassVar

from django.db import models

from concord.accounts.models import WorkspaceQuerySet
from concord.core.models import DrawnPicture, Job
from concord.scorecards.models.scorecard import Scorecard


class SnapshotQuerySet(WorkspaceQuerySet):
    workspace_path = "scorecard__workspace"


class Snapshot(models.Model):
    """`result` is the whole scorecard as JSON; `digest` is the SHA-256 of its inputs, so equal digests mean equal evidence."""

    scorecard = models.ForeignKey(Scorecard, on_delete=models.CASCADE, related_name="snapshots")
    digest = models.CharField(max_length=64)
    result = models.JSONField()
    seconds = models.FloatField(default=0)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[SnapshotQuerySet] = SnapshotQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        indexes = [models.Index(fields=["scorecard", "-created_at"], name="snapshot_latest")]

    def __str__(self) -> str:
        return f"snapshot {self.pk}"


class SnapshotPictureQuerySet(WorkspaceQuerySet):
    workspace_path = "snapshot__scorecard__workspace"


class SnapshotPicture(DrawnPicture):
    """A picture of a snapshot's figures."""

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="pictures")

    objects: ClassVar[SnapshotPictureQuerySet] = SnapshotPictureQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [models.UniqueConstraint(fields=["snapshot", "key"], name="snapshot_picture_once")]
