"""An import: a file, the mapping that reads it, what it rejected, and all that it wrote (so that it can be undone)."""

from django.conf import settings
from django.db import models

from concord.accounts.models import WorkspaceOwned
from concord.catalog.states import ImportState
from concord.core.models import Job, StoredFile


class SavedMapping(WorkspaceOwned):
    """A mapping that a team uses again: which column is what, which value means what, which end is good."""

    name = models.CharField(max_length=120)
    mapping = models.JSONField()
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="saved_mapping_name")]

    def __str__(self) -> str:
        return self.name


class ImportBatch(WorkspaceOwned):
    """One upload on its way into the tables. Rows written by it carry its id in their `batch` column."""

    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT)
    format = models.CharField(max_length=10, help_text="csv, tsv, jsonl, json or parquet")
    mapping = models.JSONField(default=dict)
    keep_good_rows = models.BooleanField(
        default=False, help_text="write the good rows although others were rejected"
    )
    state = models.CharField(max_length=10, choices=ImportState.choices, default=ImportState.UPLOADED)
    rows = models.BigIntegerField(default=0, help_text="lines read")
    rejected = models.BigIntegerField(default=0, help_text="lines rejected")
    written = models.JSONField(default=dict, help_text="rows written, by kind of record")
    error = models.TextField(blank=True)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "import"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=ImportState.values), name="import_state_known"
            )
        ]

    def __str__(self) -> str:
        return f"import {self.pk}"


class ImportRejection(models.Model):
    """One rejected line and why; all of them are kept, in file order."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="rejections")
    line = models.BigIntegerField()
    record = models.CharField(max_length=40, help_text="the kind of record that could not be read")
    column = models.CharField(max_length=200, blank=True)
    reason = models.TextField()
    excerpt = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["batch", "line"], name="rejection_in_order")]

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"
