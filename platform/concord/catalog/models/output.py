"""Outputs: what a system answered to an example. The one thing that both sides judge."""

from typing import ClassVar

from django.db import models

from concord.accounts.models import WorkspaceOwned, WorkspaceQuerySet
from concord.catalog.models.dataset import Example
from concord.catalog.models.imports import ImportBatch
from concord.catalog.models.system import System
from concord.catalog.states import OutputSetKind


class OutputSet(WorkspaceOwned):
    """Where outputs come from: one run, or one import."""

    kind = models.CharField(max_length=8, choices=OutputSetKind.choices)
    name = models.CharField(max_length=200, blank=True)
    batch = models.ForeignKey(ImportBatch, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "output set"

    def __str__(self) -> str:
        return self.name or f"output set {self.pk}"


class OutputQuerySet(WorkspaceQuerySet):
    workspace_path = "system__workspace"


class Output(models.Model):
    """Written once: unique on (set, system, example, epoch).

    `text` is the plain answer; `content` holds blocks where it is more than text.
    """

    output_set = models.ForeignKey(OutputSet, on_delete=models.CASCADE, related_name="outputs")
    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="outputs")
    example = models.ForeignKey(Example, on_delete=models.PROTECT, related_name="outputs")
    epoch = models.PositiveSmallIntegerField(default=1)
    text = models.TextField(blank=True)
    content = models.JSONField(null=True, blank=True, help_text="blocks; null means the text is all there is")
    text_kind = models.CharField(
        max_length=10, default="markdown", help_text="markdown, text or code: how `text` is shown"
    )
    hidden_keys = models.PositiveIntegerField(
        default=0,
        db_default=0,
        help_text="places where the system repeated a key of its endpoint, and [key] stands instead",
    )
    batch = models.ForeignKey(ImportBatch, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[OutputQuerySet] = OutputQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["output_set", "system", "example", "epoch"], name="output_once")
        ]

    def __str__(self) -> str:
        return f"output {self.pk}"
