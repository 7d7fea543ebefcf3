"""What the API shows and takes. Keys of endpoints go in and never come out."""

from typing import Any

from rest_framework import serializers

from concord.catalog.models import Output
from evaluation.models import Benchmark, EndpointConsent, Failure, Run, Scorer, Secret
from evaluation.selectors.progress import progress
from evaluation.selectors.summary import Summary
from evaluation.states import TaskKind


class BenchmarkSerializer(serializers.ModelSerializer[Benchmark]):
    version = serializers.IntegerField(source="version_id")
    task = serializers.ChoiceField(choices=TaskKind.choices, default=TaskKind.GENERATE)
    template = serializers.CharField(default="{{ prompt }}", trim_whitespace=False)
    system_prompt = serializers.CharField(default="", allow_blank=True, trim_whitespace=False)
    settings = serializers.DictField(default=dict)
    scorers = serializers.ListField(child=serializers.DictField(), required=False)
    epochs = serializers.IntegerField(default=1)

    class Meta:
        model = Benchmark
        fields = (
            "id",
            "name",
            "version",
            "task",
            "template",
            "system_prompt",
            "settings",
            "scorers",
            "epochs",
            "created_at",
        )
        read_only_fields = ("id", "created_at")


class RunSerializer(serializers.ModelSerializer[Run]):
    progress = serializers.SerializerMethodField()

    class Meta:
        model = Run
        fields = (
            "id",
            "benchmark",
            "system",
            "state",
            "queue",
            "total",
            "settings",
            "environment",
            "error",
            "created_at",
            "started_at",
            "finished_at",
            "progress",
        )
        read_only_fields = fields

    def get_progress(self, run: Run) -> dict[str, Any]:
        now = self.context.get("progress", {}).get(run.pk) or progress(run)
        return {
            "done": now.done,
            "failed": now.failed,
            "open": now.open,
            "total": now.total,
            "rate": now.rate,
            "seconds_left": now.seconds_left,
        }


class NewRunSerializer(serializers.Serializer[Any]):
    """`options`: batch_size, workers, limit, queue, max_attempts, shard_size, sampling."""

    benchmark = serializers.IntegerField()
    system = serializers.IntegerField()
    options = serializers.DictField(default=dict)
    start = serializers.BooleanField(default=True)


class RunAnswerSerializer(serializers.ModelSerializer[Output]):
    key = serializers.CharField(source="example.key")

    class Meta:
        model = Output
        fields = ("id", "example", "key", "epoch", "text", "hidden_keys", "created_at")
        read_only_fields = fields


class FailureSerializer(serializers.ModelSerializer[Failure]):
    class Meta:
        model = Failure
        fields = ("id", "example", "epoch", "message", "attempts", "at")
        read_only_fields = fields


class ScorerSerializer(serializers.ModelSerializer[Scorer]):
    class Meta:
        model = Scorer
        fields = ("id", "name", "kind", "method", "parameters", "created_at")
        read_only_fields = fields


class SecretSerializer(serializers.ModelSerializer[Secret]):
    """`address` goes in as any address of the endpoint and comes out as scheme, host and port: the key is sent nowhere else.

    It is empty for a key from before keys had addresses, which is sent nowhere until an owner binds it.
    """

    address = serializers.CharField(max_length=500)
    value = serializers.CharField(write_only=True, max_length=4096)

    class Meta:
        model = Secret
        fields = ("id", "name", "address", "value", "created_at")
        read_only_fields = ("id", "created_at")
        validators: list[Any] = []


class BindingSerializer(serializers.Serializer[Any]):
    address = serializers.CharField(max_length=500)


class ConsentSerializer(serializers.ModelSerializer[EndpointConsent]):
    class Meta:
        model = EndpointConsent
        fields = ("ip", "asked_at", "granted_at")
        read_only_fields = fields


class EndpointSerializer(serializers.Serializer[Any]):
    """The URL that a run calls ("" where it calls none), and whether an administrator must allow where it leads.

    `private` tells the private addresses that it was led to, and to administrators only.
    """

    base_url = serializers.CharField()
    awaits_consent = serializers.BooleanField()
    private = ConsentSerializer(many=True)


class AllowedSerializer(serializers.Serializer[Any]):
    ips = serializers.ListField(child=serializers.IPAddressField(), max_length=100)


def summary_body(found: Summary) -> dict[str, Any]:
    """A run's figures as JSON: each with value, low, high, n, method and what was left out."""
    latency = found.latency
    return {
        "accuracy": [
            {
                "scorer": row.scorer_id,
                "criterion": row.criterion_id,
                "title": row.title,
                "estimate": row.estimate.as_dict(),
            }
            for row in found.accuracies
        ],
        "slices": [
            {"slice": row.name, "value": row.value, "estimate": row.estimate.as_dict()}
            for row in found.slices
        ],
        "latency": latency
        and {
            "unit": "requests" if latency.largest_batch <= 1 else "batches",
            "largest_batch": latency.largest_batch,
            "requests": latency.requests,
            "outputs": latency.outputs,
            "milliseconds": {name: figure.as_dict() for name, figure in latency.percentiles.items()},
            "first_token_milliseconds": {
                name: figure.as_dict() for name, figure in latency.first_token.items()
            },
            "mean_milliseconds": latency.mean_ms.as_dict(),
            "tokens_per_second": latency.tokens_per_second.as_dict(),
            "input_tokens": latency.input_tokens_total,
            "output_tokens": latency.output_tokens_total,
            "cost": latency.cost_total,
        },
    }
