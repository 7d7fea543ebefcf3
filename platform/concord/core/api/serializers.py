"""What the API shows of core."""

from rest_framework import serializers

from concord.core.models import Job


class JobSerializer(serializers.ModelSerializer[Job]):
    class Meta:
        model = Job
        fields = [
            "id", "name", "queue", "state", "done", "total", "message", "error",
            "created_at", "started_at", "finished_at",
        ]  # fmt: skip
        read_only_fields = fields


class ProblemSerializer(serializers.Serializer[None]):
    """An error (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="a sentence for people")
    code = serializers.CharField(help_text="stable, for machines")
    field = serializers.CharField(required=False, help_text="the one field that the problem is about")
    errors = serializers.DictField(  # type: ignore[assignment]
        required=False, help_text="sentences by field"
    )
    details = serializers.DictField(required=False)
