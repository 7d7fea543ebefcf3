"""Datasets, their versions, and the examples in them."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from concord.accounts.models import WorkspaceOwned, WorkspaceQuerySet
from concord.catalog.models.imports import ImportBatch


class Dataset(WorkspaceOwned):
    name = models.CharField(max_length=160)
    description = models.TextField(blank=True)
    licence = models.CharField(max_length=120, blank=True)
    source = models.CharField(max_length=400, blank=True)
    batch = models.ForeignKey(ImportBatch, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="dataset_name")]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class VersionQuerySet(WorkspaceQuerySet):
    workspace_path = "dataset__workspace"


class DatasetVersion(models.Model):
    """A numbered set of examples. `digest` is the SHA-256 over its examples; a frozen version never changes."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(default=1)
    digest = models.CharField(max_length=64, blank=True)
    examples_count = models.PositiveBigIntegerField(default=0)
    frozen_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[VersionQuerySet] = VersionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "dataset version"
        constraints = [models.UniqueConstraint(fields=["dataset", "number"], name="dataset_version_number")]
        ordering = ["dataset", "-number"]

    def __str__(self) -> str:
        return f"{self.dataset.name} v{self.number}"


class ExampleQuerySet(WorkspaceQuerySet):
    workspace_path = "version__dataset__workspace"


class Example(models.Model):
    """One input: content blocks, reference answer, slices.

    `content` is a list of blocks (see `concord.catalog.content.blocks`); `reference` is any JSON (a string, a list of
    accepted strings, the index of the right choice); `slices` maps a slice name to one value ("language": "de").
    """

    version = models.ForeignKey(DatasetVersion, on_delete=models.CASCADE, related_name="examples")
    key = models.CharField(max_length=200, help_text="the example's own name, unique in its version")
    position = models.BigIntegerField(default=0)
    content = models.JSONField(default=list)
    choices = models.JSONField(null=True, blank=True, help_text="answer options, for multiple choice")
    reference = models.JSONField(null=True, blank=True)
    slices = models.JSONField(default=dict, blank=True)
    batch = models.ForeignKey(ImportBatch, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects: ClassVar[ExampleQuerySet] = ExampleQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "key"], name="example_key")]
        indexes = [
            models.Index(fields=["version", "position"], name="example_in_order"),
            GinIndex(fields=["slices"], name="example_slices", opclasses=["jsonb_path_ops"]),
        ]

    def __str__(self) -> str:
        return self.key
