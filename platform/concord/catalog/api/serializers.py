"""How the catalog looks in the API. What a write means is decided by services."""

from typing import Any

from rest_framework import serializers

from concord.catalog.models import (
    Criterion,
    Dataset,
    DatasetVersion,
    Example,
    ImportBatch,
    ImportRejection,
    Output,
    System,
)


class SlugOfWorkspace(serializers.ModelSerializer[Any]):
    """Rows say which workspace they are in by its slug."""

    workspace = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)


class SystemSerializer(SlugOfWorkspace):
    class Meta:
        model = System
        fields = (
            "id", "workspace", "name", "version", "kind", "config", "prices", "description", "archived_at", "created_at",
        )  # fmt: skip
        read_only_fields = ("archived_at", "created_at")
        validators: list[Any] = []  # names are unique in a workspace, and the service says so


class CriterionSerializer(SlugOfWorkspace):
    """As a body, a definition; it may start from a `template`."""

    class Meta:
        model = Criterion
        fields = (
            "id", "workspace", "slug", "name", "question", "help", "kind", "level", "direction", "dimension", "labels",
            "minimum", "maximum", "step", "created_at",
        )  # fmt: skip


class VersionSerializer(serializers.ModelSerializer[DatasetVersion]):
    class Meta:
        model = DatasetVersion
        fields = ("id", "number", "digest", "examples_count", "frozen_at", "created_at")


class DatasetSerializer(SlugOfWorkspace):
    versions = VersionSerializer(many=True, read_only=True)

    class Meta:
        model = Dataset
        fields = ("id", "workspace", "name", "description", "licence", "source", "versions", "created_at")
        read_only_fields = ("created_at",)
        validators: list[Any] = []


class ExampleSerializer(serializers.ModelSerializer[Example]):
    class Meta:
        model = Example
        fields = ("id", "version", "key", "position", "content", "choices", "reference", "slices")


class OutputSerializer(serializers.ModelSerializer[Output]):
    class Meta:
        model = Output
        fields = (
            "id", "output_set", "system", "example", "epoch", "text", "text_kind", "content", "hidden_keys",
            "created_at",
        )  # fmt: skip


class RejectionSerializer(serializers.ModelSerializer[ImportRejection]):
    class Meta:
        model = ImportRejection
        fields = ("line", "record", "column", "reason", "excerpt")


class ImportSerializer(SlugOfWorkspace):
    """`written` counts records by kind: those that can be written after a check, those that were after a write."""

    file = serializers.FileField(
        write_only=True, help_text="CSV, TSV, JSON lines, JSON or Parquet; may be gzipped"
    )
    name = serializers.CharField(source="file.name", read_only=True)

    class Meta:
        model = ImportBatch
        fields = (
            "id", "workspace", "file", "name", "format", "mapping", "state", "rows", "rejected", "written",
            "keep_good_rows", "error", "job", "created_at",
        )  # fmt: skip
        read_only_fields = (
            "format", "mapping", "state", "rows", "rejected", "written", "keep_good_rows", "error", "job", "created_at",
        )  # fmt: skip
