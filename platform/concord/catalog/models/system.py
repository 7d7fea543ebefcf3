"""A system: a model with its version, settings and way of being called."""

from django.db import models

from concord.accounts.models import WorkspaceOwned
from concord.catalog.models.imports import ImportBatch
from concord.catalog.states import SystemKind


class System(WorkspaceOwned):
    name = models.CharField(max_length=160)
    version = models.CharField(max_length=80, blank=True)
    kind = models.CharField(max_length=14, choices=SystemKind.choices, default=SystemKind.RECORDED)
    config = models.JSONField(
        default=dict, blank=True, help_text="how it is called; keys are references, never secrets"
    )
    prices = models.JSONField(
        default=dict, blank=True, help_text="currency, input_per_million, output_per_million, per_hour"
    )
    description = models.TextField(blank=True)
    batch = models.ForeignKey(ImportBatch, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "name", "version"], name="system_name_version"),
            models.CheckConstraint(condition=models.Q(kind__in=SystemKind.values), name="system_kind_known"),
        ]
        ordering = ["name", "version"]

    def __str__(self) -> str:
        return f"{self.name} {self.version}".strip()
