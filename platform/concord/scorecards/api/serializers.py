"""Scorecards as the API shows and takes them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from concord.scorecards.models import Dimension, Scorecard, Snapshot
from concord.scorecards.states import Scope


class DimensionSerializer(serializers.ModelSerializer[Dimension]):
    criterion = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    study = serializers.SlugRelatedField[Any](slug_field="name", read_only=True, allow_null=True)
    scorer = serializers.SlugRelatedField[Any](slug_field="name", read_only=True, allow_null=True)

    class Meta:
        model = Dimension
        fields = [
            "name",
            "criterion",
            "study",
            "scorer",
            "estimand",
            "labels",
            "where",
            "direction",
            "primary",
        ]


class ScorecardSerializer(serializers.ModelSerializer[Scorecard]):
    workspace = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    systems = serializers.SerializerMethodField()
    baseline = serializers.StringRelatedField[Any](allow_null=True)
    dataset = serializers.StringRelatedField[Any](source="version", allow_null=True)
    dimensions = DimensionSerializer(many=True, read_only=True)

    class Meta:
        model = Scorecard
        fields = [
            "id",
            "workspace",
            "name",
            "question",
            "systems",
            "dataset",
            "baseline",
            "scope",
            "confidence",
            "dimensions",
            "created_at",
            "updated_at",
        ]

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_systems(self, scorecard: Scorecard) -> list[str]:
        return [str(system) for system in scorecard.systems.all()]


class DimensionDefinitionSerializer(serializers.Serializer[Any]):
    """A dimension as it is asked for, by names."""

    name = serializers.CharField(required=False)
    criterion = serializers.CharField(help_text="slug")
    study = serializers.CharField(required=False, help_text="name")
    scorer = serializers.CharField(required=False, help_text="name")
    estimand = serializers.CharField(required=False, help_text="mean, rate or win_rate")
    labels = serializers.ListField(required=False, help_text="labels that a rate counts: values or words")
    where = serializers.DictField(required=False, help_text="slice name to value")
    direction = serializers.CharField(required=False, help_text="higher, lower or none")
    primary = serializers.BooleanField(
        required=False, help_text="declared before the data: the headline speaks of primary dimensions alone"
    )


class DefinitionSerializer(serializers.Serializer[Any]):
    """What a POST or PUT brings; described only, `read_definition` does the reading."""

    workspace = serializers.CharField(help_text="slug")
    name = serializers.CharField()
    question = serializers.CharField()
    dataset = serializers.CharField(required=False)
    version = serializers.IntegerField(required=False)
    systems = serializers.JSONField(required=False, help_text='list of names, "*" or "rated"')
    baseline = serializers.CharField(required=False)
    scope = serializers.ChoiceField(choices=Scope.choices, required=False)
    confidence = serializers.FloatField(required=False)
    dimensions = DimensionDefinitionSerializer(many=True)


class SnapshotSerializer(serializers.ModelSerializer[Snapshot]):
    stale = serializers.BooleanField(
        read_only=True, help_text="evidence, definition or methods changed since"
    )

    class Meta:
        model = Snapshot
        fields = ["id", "digest", "seconds", "created_at", "stale", "result"]


class QueuedSerializer(serializers.Serializer[Any]):
    job = serializers.IntegerField(help_text="see /api/v1/jobs/<id>/")
    state = serializers.CharField()
