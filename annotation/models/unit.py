"""A unit: what one task of a study shows, an output or a pair of outputs on the same example."""

from typing import ClassVar

from django.db import models

from annotation.models.study import Study
from concord.accounts.models import WorkspaceQuerySet
from concord.catalog.models import Example, ImportBatch, Output


class UnitQuerySet(WorkspaceQuerySet):
    workspace_path = "study__workspace"


class Unit(models.Model):
    """`free` counts the ratings still to hand out: wanted minus leased minus given. The database refuses a negative one.

    `open` repeats `free > 0` so that the partial index of the queue changes once per unit, not once per rating.
    """

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="units")
    example = models.ForeignKey(Example, on_delete=models.PROTECT, related_name="+")
    output = models.ForeignKey(
        Output, on_delete=models.PROTECT, related_name="+", help_text="the output, or the left of a pair"
    )
    other_output = models.ForeignKey(
        Output, null=True, on_delete=models.PROTECT, related_name="+", help_text="the right of a pair"
    )
    position = models.BigIntegerField(help_text="the order in which units are handed out")
    swap_first = models.BooleanField(
        default=False, help_text="whether the first assignment shows the sides swapped; later ones alternate"
    )
    wanted = models.PositiveSmallIntegerField()
    given = models.PositiveSmallIntegerField(default=0)
    free = models.PositiveSmallIntegerField()
    open = models.BooleanField(default=True)
    handed_out = models.PositiveIntegerField(
        default=0, help_text="assignments ever made, for alternating the sides"
    )
    batch = models.ForeignKey(ImportBatch, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects: ClassVar[UnitQuerySet] = UnitQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study", "output", "other_output"], nulls_distinct=False, name="unit_once"
            ),
            models.CheckConstraint(
                condition=models.Q(given__lte=models.F("wanted") - models.F("free")),
                name="unit_never_over_wanted",
            ),
            models.CheckConstraint(
                condition=models.Q(open=models.Q(free__gt=0)), name="unit_open_means_free"
            ),
        ]
        indexes = [
            models.Index(fields=["study", "position"], condition=models.Q(open=True), name="unit_queue")
        ]

    def __str__(self) -> str:
        return f"unit {self.pk}"
