"""How studies, units, ratings and tasks look in the API. What a write means is decided by services."""

from typing import Any

from rest_framework import serializers

from annotation.models import Rating, Study, StudyRater, StudySnapshot, Unit
from annotation.states import StudyEntry, StudyKind
from concord.accounts.models import Workspace


class StudySerializer(serializers.ModelSerializer[Study]):
    workspace = serializers.SlugRelatedField[Workspace](slug_field="slug", read_only=True)
    systems = serializers.PrimaryKeyRelatedField[Any](many=True, read_only=True)
    criteria = serializers.SerializerMethodField(help_text="ids, in the order in which they are asked")

    class Meta:
        model = Study
        fields = (
            "id", "workspace", "name", "kind", "state", "version", "systems", "criteria", "wanted", "units_count",
            "instructions", "show_prompt", "show_reference", "lease_seconds", "seed", "is_simulated",
            "declared_random", "entry", "created_at",
        )  # fmt: skip
        read_only_fields = fields

    def get_criteria(self, study: Any) -> list[int]:
        return [one.criterion_id for one in study.study_criteria.all()]


class PlanSerializer(serializers.Serializer[Any]):
    """A new study. Systems, criteria and dataset version by id."""

    name = serializers.CharField(max_length=160)
    kind = serializers.ChoiceField(choices=StudyKind.choices)
    version = serializers.IntegerField(help_text="dataset version")
    systems = serializers.ListField(child=serializers.IntegerField(), min_length=1)
    criteria = serializers.ListField(child=serializers.IntegerField(), min_length=1)
    wanted = serializers.IntegerField(default=3, help_text="ratings wanted per unit")
    pairs_per_example = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, help_text="side by side; null means all pairs"
    )
    examples = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, help_text="a random sample of that many; null means all"
    )
    instructions = serializers.CharField(default="", allow_blank=True, help_text="markdown")
    show_prompt = serializers.BooleanField(default=True)
    show_reference = serializers.BooleanField(default=False)
    lease_seconds = serializers.IntegerField(default=1800)
    seed = serializers.IntegerField(required=False, min_value=0, max_value=2**62)
    entry = serializers.ChoiceField(
        choices=StudyEntry.choices, default=StudyEntry.INVITED.value, help_text="whom it lets in"
    )


class ChangesSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=160, required=False)
    instructions = serializers.CharField(required=False, allow_blank=True)
    wanted = serializers.IntegerField(required=False)
    declared_random = serializers.BooleanField(
        required=False,
        help_text="you answer for it that the outputs of an imported study were drawn at random",
    )
    entry = serializers.ChoiceField(choices=StudyEntry.choices, required=False, help_text="whom it lets in")


class PlaceSerializer(serializers.Serializer[Any]):
    """A rater of the workspace, to be let into a study."""

    study = serializers.IntegerField()
    user = serializers.IntegerField(help_text="as in memberships")


class ProgressSerializer(serializers.Serializer[Any]):
    units = serializers.IntegerField()
    wanted = serializers.IntegerField(help_text="ratings")
    given = serializers.IntegerField()
    on_screen = serializers.IntegerField(help_text="tasks held by raters")
    finished_units = serializers.IntegerField()
    seconds_each = serializers.FloatField(
        allow_null=True, help_text="active time of a rater per answer; null while unknown"
    )
    seconds_left = serializers.FloatField(
        allow_null=True, help_text="time that all raters together still have to give"
    )


class QualitySerializer(serializers.ModelSerializer[StudySnapshot]):
    """The newest figures, with the digest of the ratings that they were computed from."""

    stale = serializers.BooleanField(help_text="ratings came in since")

    class Meta:
        model = StudySnapshot
        fields = ("study", "digest", "ratings", "computed_at", "checked_at", "stale", "content")


class UnitSerializer(serializers.ModelSerializer[Unit]):
    class Meta:
        model = Unit
        fields = ("id", "study", "example", "output", "other_output", "position", "wanted", "given", "free")
        read_only_fields = fields


class SeatSerializer(serializers.ModelSerializer[StudyRater]):
    """A rater's place in a study; without `is_active` no more tasks are handed out."""

    rater = serializers.CharField(source="rater.name", read_only=True)
    is_simulated = serializers.BooleanField(source="rater.is_simulated", read_only=True)

    class Meta:
        model = StudyRater
        fields = (
            "id", "study", "rater", "is_simulated", "given", "active_seconds", "is_active", "joined_at", "last_seen_at",
        )  # fmt: skip
        read_only_fields = ("study", "given", "active_seconds", "joined_at", "last_seen_at")
        extra_kwargs = {"is_active": {"required": True}}


class RatingSerializer(serializers.ModelSerializer[Rating]):
    """`value` is in the unit's own orientation, however the sides were shown."""

    rater = serializers.CharField(source="rater.name", default=None, help_text="null where anonymous")

    class Meta:
        model = Rating
        fields = (
            "id", "study", "unit", "criterion", "rater", "value", "reason", "comment", "swapped", "seconds", "current",
            "supersedes", "created_at",
        )  # fmt: skip
        read_only_fields = fields


class TaskSerializer(serializers.Serializer[Any]):
    """What a rater sees: no system, no reference unless the study shows it, nobody else's answers."""

    key = serializers.UUIDField()
    kind = serializers.CharField()
    prompt = serializers.ListField()
    choices = serializers.ListField(allow_null=True)
    reference = serializers.ListField(allow_null=True)
    sides = serializers.ListField(child=serializers.DictField())
    questions = serializers.ListField(child=serializers.DictField())
    draft = serializers.DictField()
    lease_seconds_left = serializers.IntegerField()


class AskSerializer(serializers.Serializer[Any]):
    ahead = serializers.IntegerField(default=0, min_value=0, max_value=2)


class KeySerializer(serializers.Serializer[Any]):
    key = serializers.CharField(max_length=40, help_text="the task's")


class AnswerSerializer(KeySerializer):
    answers = serializers.DictField(
        help_text='{"<criterion>": 4} or {"<criterion>": {"cannot_judge": "why"}}'
    )
    seconds = serializers.FloatField(required=False, allow_null=True)
    comment = serializers.CharField(default="", allow_blank=True)


class SubmittedSerializer(serializers.Serializer[Any]):
    key = serializers.UUIDField()
    counted = serializers.BooleanField()
    message = serializers.CharField(allow_blank=True)
    repeated = serializers.BooleanField()
    given = serializers.IntegerField()
