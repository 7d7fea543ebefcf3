"""Planning a run: everything that shapes it is frozen, and its examples are cut into shards."""

from itertools import pairwise
from typing import Any

from django.db import connection, transaction

from concord.accounts.selectors.lookup import require
from concord.accounts.states import Action
from concord.catalog.models import Criterion, Example, OutputSet, System
from concord.catalog.states import OutputSetKind, SystemKind
from concord.core.actors import Actor, person_of
from concord.core.errors import Invalid
from concord.core.origins import BadAddress, origin_of
from concord.core.services import audit
from evaluation import scorers as registry
from evaluation.models import Benchmark, Run, Scorer, Shard
from evaluation.selectors.endpoints import called_by
from evaluation.services.benchmarks import check_examples
from evaluation.services.keys import check_key
from evaluation.services.sampling import check_sampling
from evaluation.services.templates import names_in
from evaluation.states import AskedBy, ScorerKind, TaskKind

QUEUES = ("cpu", "gpu", "default")
# Small enough that other work gets its turn between two shards, large enough that batches can be filled by length.
SHARD_SIZE = {
    SystemKind.RECORDED: 1000,
    SystemKind.TORCH: 256,
    SystemKind.TRANSFORMERS: 64,
    SystemKind.OPENAI: 32,
}
BATCH_SIZE = {SystemKind.TORCH: 32, SystemKind.TRANSFORMERS: 8, SystemKind.OPENAI: 1, SystemKind.RECORDED: 1}
LIMITS = {"batch_size": (1, 4096), "workers": (1, 64), "max_attempts": (1, 20), "shard_size": (1, 10_000)}


@transaction.atomic
def plan_run(
    *, actor: Actor, benchmark: Benchmark, system: System, options: dict[str, Any] | None = None
) -> Run:
    """A planned run with its shards. `options`: batch_size, workers, limit, queue, max_attempts, shard_size, sampling.

    Raises `Invalid` where the benchmark and the system do not fit together.
    """
    require(actor=actor, workspace=benchmark.workspace, to=Action.DESIGN)
    if system.workspace_id != benchmark.workspace_id:
        raise Invalid("The system belongs to another workspace.", code="bad_system", field="system")
    if system.archived_at is not None:
        raise Invalid(f"{system} is archived.", code="archived_system", field="system")
    if system.kind == SystemKind.OPENAI:
        _check_endpoint(system)
    given = _options(system, options or {})
    check_examples(benchmark.version, benchmark.task)
    output_set = OutputSet.objects.create(
        workspace=benchmark.workspace, kind=OutputSetKind.RUN, name=f"{benchmark.name}: {system}"[:200]
    )
    run = Run.objects.create(
        workspace=benchmark.workspace,
        benchmark=benchmark,
        system=system,
        output_set=output_set,
        recorded_set_id=_recorded_set(benchmark, system),
        queue=given.pop("queue"),
        settings=_settings(benchmark, system, given),
        created_by=person_of(actor),
    )
    _cut(run, given["limit"])
    audit.record(
        actor=actor,
        verb="run.planned",
        workspace_id=run.workspace_id,
        obj=run,
        benchmark=benchmark.pk,
        system=system.pk,
        **({"base_url": url} if (url := called_by(run)) else {}),
    )
    return run


def _check_endpoint(system: System) -> None:
    """Asked again when the run calls: here only so that whoever plans it learns it at once."""
    try:
        origin_of(system.config.get("base_url"))
        check_key(system.workspace, system.config)
    except BadAddress as error:
        message = f"base_url cannot be called: {error}."
        raise Invalid(message, code="bad_address", field="system") from error
    except Invalid as error:
        raise Invalid(error.message, code=error.code, field="system") from error


def _options(system: System, options: dict[str, Any]) -> dict[str, Any]:
    defaults: dict[str, Any] = {
        "batch_size": BATCH_SIZE[SystemKind(system.kind)],
        "shard_size": SHARD_SIZE[SystemKind(system.kind)],
        "workers": 1,
        "max_attempts": 3,
        "limit": None,
        "queue": "gpu" if str(system.config.get("device", "")).startswith("cuda") else "cpu",
        "sampling": {},
    }
    if unknown := sorted(set(options) - set(defaults)):
        raise Invalid(
            f"A run has no option {unknown[0]!r}; there are {', '.join(defaults)}.",
            code="bad_option",
            field=unknown[0],
        )
    given = {**defaults, **{name: value for name, value in options.items() if value is not None}}
    if given["queue"] not in QUEUES:
        raise Invalid(f"The queue is one of {', '.join(QUEUES)}.", code="bad_option", field="queue")
    for name, (low, high) in LIMITS.items():
        _whole(name, given[name], low, high)
    if given["limit"] is not None:
        _whole("limit", given["limit"], 1, 2**31)
    return given


def _whole(name: str, value: Any, low: int, high: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise Invalid(
            f"{name} is a whole number from {low} to {high:,}, not {value!r}.", code="bad_option", field=name
        )


def _asked_by(benchmark: Benchmark, system: System) -> AskedBy:
    """How this system can be made to answer; kept in the settings, since likelihoods and letters give different figures."""
    task, kind = benchmark.task, system.kind
    if kind == SystemKind.RECORDED:
        return AskedBy.RECORDING
    if (kind == SystemKind.TORCH) != (task == TaskKind.CLASSIFY):
        raise Invalid(
            f"The benchmark asks {system} to {benchmark.get_task_display()}, "
            f"which it cannot: its kind is {system.get_kind_display()!r}.",
            code="system_does_not_fit",
            field="system",
        )
    if task == TaskKind.CLASSIFY:
        return AskedBy.PROGRAM
    if task == TaskKind.GENERATE:
        return AskedBy.GENERATION
    if kind == SystemKind.TRANSFORMERS:
        return AskedBy.LIKELIHOOD
    if "choices" not in names_in(benchmark.template):
        message = (
            "An endpoint is asked for a letter, so the template must show it the options: {{ choices }}."
        )
        raise Invalid(message, code="choices_not_shown", field="system")
    return AskedBy.LETTER


def _settings(benchmark: Benchmark, system: System, options: dict[str, Any]) -> dict[str, Any]:
    overrides = options.pop("sampling")
    if not isinstance(overrides, dict):
        raise Invalid("sampling is an object.", code="bad_option", field="sampling")
    asked_by = _asked_by(benchmark, system)
    if asked_by == AskedBy.RECORDING and not benchmark.scorers:
        raise Invalid(
            "Recorded outputs can only be scored, and this benchmark has no scorer.",
            code="nothing_to_do",
            field="benchmark",
        )
    return {
        **options,
        "task": benchmark.task,
        "asked_by": asked_by.value,
        "template": benchmark.template,
        "system_prompt": benchmark.system_prompt,
        "sampling": check_sampling({**benchmark.settings, **overrides}),
        "scorers": [_resolved(benchmark, spec) for spec in benchmark.scorers],
        "epochs": 1 if asked_by == AskedBy.RECORDING else benchmark.epochs,
        "system": {
            "name": system.name,
            "version": system.version,
            "kind": system.kind,
            "config": system.config,
        },
        "prices": system.prices,
        "dataset": {
            "version": benchmark.version_id,
            "name": str(benchmark.version),
            "digest": benchmark.version.digest,
        },
    }


def _resolved(benchmark: Benchmark, spec: dict[str, Any]) -> dict[str, Any]:
    """A scorer spec with the ids it writes to. One scorer row a method and its parameters, so that all its scores compare."""
    method = spec["method"]
    parameters = {key: value for key, value in spec.items() if key not in {"method", "criterion"}}
    made = registry.create(method, parameters)
    said = ", ".join(f"{key} {value}" for key, value in sorted(parameters.items()))
    scorer, _ = Scorer.objects.get_or_create(
        workspace=benchmark.workspace,
        name=f"{made.title} ({said})"[:160] if said else made.title,
        defaults={"kind": ScorerKind.METRIC, "method": method, "parameters": parameters},
    )
    if scorer.method != method or scorer.parameters != parameters:
        raise Invalid(
            f"The scorer {scorer.name!r} of this workspace is something else.",
            code="scorer_name_taken",
            field="benchmark",
        )
    criterion = Criterion.objects.filter(workspace=benchmark.workspace, slug=spec["criterion"]).first()
    if criterion is None:
        raise Invalid(
            f"The criterion {spec['criterion']!r} is gone.", code="unknown_criterion", field="benchmark"
        )
    return {
        "method": method,
        "parameters": parameters,
        "scorer_id": scorer.pk,
        "criterion_id": criterion.pk,
        "title": scorer.name,
    }


def _recorded_set(benchmark: Benchmark, system: System) -> int | None:
    """The imported set that answers most of the benchmark's examples, the newest of equals."""
    if system.kind != SystemKind.RECORDED:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.output_set_id FROM catalog_output o JOIN catalog_example e ON e.id = o.example_id "
            "JOIN catalog_outputset s ON s.id = o.output_set_id "
            "WHERE o.system_id = %s AND e.version_id = %s AND o.epoch = 1 AND s.kind = 'import' "
            "GROUP BY o.output_set_id ORDER BY count(*) DESC, o.output_set_id DESC LIMIT 1",
            [system.pk, benchmark.version_id],
        )
        row = cursor.fetchone()
    if row is None:
        raise Invalid(
            f"{system} has no imported outputs for {benchmark.version}.",
            code="no_recorded_outputs",
            field="system",
        )
    return int(row[0])


def _cut(run: Run, limit: int | None) -> None:
    """Shards by position. Examples that share a position stay together, so that no example is in two shards."""
    examples = Example.objects.filter(version_id=run.benchmark.version_id).order_by("position", "id")
    positions = list(
        examples.values_list("position", flat=True)[:limit]
        if limit
        else examples.values_list("position", flat=True)
    )
    size, epochs = run.settings["shard_size"], run.settings["epochs"]
    bounds = [positions[0]]
    for index in range(size, len(positions), size):
        if positions[index] > bounds[-1]:
            bounds.append(positions[index])
    bounds.append(positions[-1] + 1)
    Shard.objects.bulk_create(
        Shard(run=run, epoch=epoch, first=first, last=last)
        for epoch in range(1, epochs + 1)
        for first, last in pairwise(bounds)
    )
    covered = Example.objects.filter(version_id=run.benchmark.version_id, position__lte=positions[-1]).count()
    Run.objects.filter(pk=run.pk).update(total=covered * epochs)
    run.total = covered * epochs
