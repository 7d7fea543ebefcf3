"""A draw: out of which outputs the units of a study were drawn by lot."""

from typing import ClassVar

from django.db import models

from annotation.models.study import Study
from concord.accounts.models import WorkspaceQuerySet


class DrawQuerySet(WorkspaceQuerySet):
    workspace_path = "study__workspace"


class Draw(models.Model):
    """Written where units are built; an imported study has none. With the study's seed it gives the same units again.

    The urn holds the outputs of the study's systems up to `last_output` on examples with these slices, from these output sets
    (null: any); the lot is a hash of names with the seed. `examples` is how many were drawn, null where all of them were taken.
    """

    study = models.OneToOneField(Study, on_delete=models.CASCADE, related_name="draw")
    where = models.JSONField(default=dict, blank=True)
    output_sets = models.JSONField(null=True, blank=True)
    examples = models.PositiveIntegerField(null=True, blank=True)
    last_output = models.BigIntegerField()
    drawn_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[DrawQuerySet] = DrawQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return f"draw of study {self.study_id}"
