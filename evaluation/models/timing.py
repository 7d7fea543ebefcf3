"""How long an output took and how much it cost: one row per output."""

from typing import ClassVar

from django.db import models

from concord.accounts.models import WorkspaceQuerySet
from concord.catalog.models import ImportBatch, Output


class TimingQuerySet(WorkspaceQuerySet):
    workspace_path = "output__system__workspace"


class Timing(models.Model):
    """Instants are wall-clock; `duration_ms` runs from sent to end and is what latency means here.

    Queueing is `sent_at - queued_at`.
    """

    output = models.OneToOneField(Output, on_delete=models.CASCADE, primary_key=True, related_name="timing")
    queued_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    first_token_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    duration_ms = models.FloatField()
    input_tokens = models.PositiveIntegerField(null=True)
    output_tokens = models.PositiveIntegerField(null=True)
    batch_size = models.PositiveIntegerField(
        null=True, help_text="how many examples were answered together; latency is that of the batch"
    )
    cost = models.FloatField(null=True, help_text="in the currency of the system's prices")
    batch = models.ForeignKey(ImportBatch, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects: ClassVar[TimingQuerySet] = TimingQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(duration_ms__gte=0), name="timing_not_negative")
        ]

    def __str__(self) -> str:
        return f"{self.duration_ms:.0f} ms"
