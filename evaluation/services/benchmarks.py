"""Making a benchmark: a dataset version, how it is asked, how the answers are scored."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from concord.accounts.models import Workspace
from concord.accounts.selectors.lookup import require
from concord.accounts.states import Action
from concord.catalog.models import Criterion, DatasetVersion, Example
from concord.catalog.services.criteria import create_criterion
from concord.core.actors import Actor, person_of
from concord.core.errors import Conflict, Invalid
from concord.core.services import audit
from evaluation import scorers as registry
from evaluation.models import Benchmark
from evaluation.services.sampling import check_sampling
from evaluation.services.templates import check_template
from evaluation.states import TaskKind

MAX_SCORERS = 20
MAX_EPOCHS = 100
CORRECT = {
    "slug": "correct",
    "name": "Correct",
    "question": "Is the answer correct?",
    "kind": "yes_no",
    "level": "nominal",
    "direction": "higher",
    "dimension": "accuracy",
    "labels": [{"value": 1, "label": "correct"}, {"value": 0, "label": "wrong"}],
}
OVERLAP = {
    "slug": "overlap",
    "name": "Overlap with the reference",
    "question": "How much do the answer and the reference share?",
    "kind": "numeric",
    "level": "ratio",
    "direction": "higher",
    "dimension": "accuracy",
    "minimum": 0,
    "maximum": 1,
}


def create_benchmark(
    *,
    actor: Actor,
    workspace: Workspace,
    name: str,
    version: DatasetVersion,
    task: str = TaskKind.GENERATE,
    template: str = "{{ prompt }}",
    system_prompt: str = "",
    settings: dict[str, Any] | None = None,
    scorers: list[dict[str, Any]] | None = None,
    epochs: int = 1,
) -> Benchmark:
    """A new benchmark. Criteria that its scorers name and the workspace lacks are made where they are the standard ones.

    Raises `Invalid` with the field that is wrong, `Conflict` where the name is taken.
    """
    require(actor=actor, workspace=workspace, to=Action.DESIGN)
    name = name.strip()
    if not name:
        raise Invalid("Give the benchmark a name.", code="bad_name", field="name")
    if version.dataset.workspace_id != workspace.pk:
        raise Invalid("The dataset belongs to another workspace.", code="bad_version", field="version")
    if task not in TaskKind.values:
        raise Invalid(
            f"{task!r} is no task; there are {', '.join(TaskKind.values)}.", code="bad_task", field="task"
        )
    if not 1 <= epochs <= MAX_EPOCHS:
        raise Invalid(f"Epochs go from 1 to {MAX_EPOCHS}, not {epochs}.", code="bad_epochs", field="epochs")
    check_template(template)
    check_examples(version, task)
    with transaction.atomic():
        checked = [_scorer(actor, workspace, spec) for spec in _specs(scorers, task)]
        try:
            with transaction.atomic():
                made = Benchmark.objects.create(
                    workspace=workspace,
                    name=name[:160],
                    version=version,
                    task=task,
                    template=template,
                    system_prompt=system_prompt,
                    settings=check_sampling(settings or {}),
                    scorers=checked,
                    epochs=epochs,
                    created_by=person_of(actor),
                )
        except IntegrityError:
            raise Conflict(
                f"There is already a benchmark called {name!r}.", code="benchmark_exists", field="name"
            ) from None
        audit.record(actor=actor, verb="benchmark.created", workspace_id=workspace.pk, obj=made, name=name)
    return made


def delete_benchmark(*, actor: Actor, benchmark: Benchmark) -> None:
    """Raises `Conflict` while it has runs: their figures would lose what they measured."""
    require(actor=actor, workspace=benchmark.workspace, to=Action.DESIGN)
    with transaction.atomic():
        if benchmark.runs.exists():
            raise Conflict("This benchmark has runs, so it stays.", code="benchmark_in_use")
        audit.record(
            actor=actor,
            verb="benchmark.deleted",
            workspace_id=benchmark.workspace_id,
            obj=benchmark,
            name=benchmark.name,
        )
        benchmark.delete()


def check_examples(version: DatasetVersion, task: str) -> None:
    """Raises `Invalid` where the dataset cannot be asked this way."""
    examples = Example.objects.filter(version=version)
    if not examples.exists():
        raise Invalid(f"{version} has no examples.", code="empty_dataset", field="version")
    # In a JSON column Python's None is JSON's null: the rows that have nothing at all are found by isnull.
    none = Q(choices__isnull=True) | Q(choices=None) | Q(choices=[])
    if task == TaskKind.CHOICE and (without := examples.filter(none).count()):
        raise Invalid(
            f"{without:,} examples of {version} have no choices to pick from.",
            code="no_choices",
            field="task",
        )


def _specs(scorers: Any, task: str) -> list[dict[str, Any]]:
    if scorers is None:
        scorers = [{"method": {TaskKind.CHOICE: "choice"}.get(TaskKind(task), "exact_match")}]
    if not isinstance(scorers, list) or not all(isinstance(spec, dict) for spec in scorers):
        raise Invalid("Scorers are a list of objects with a method.", code="bad_scorers", field="scorers")
    if len(scorers) > MAX_SCORERS:
        raise Invalid(f"A benchmark has at most {MAX_SCORERS} scorers.", code="bad_scorers", field="scorers")
    return scorers


def _scorer(actor: Actor, workspace: Workspace, spec: dict[str, Any]) -> dict[str, Any]:
    """The spec with its parameters checked and its criterion there."""
    method = str(spec.get("method", ""))
    parameters = {key: value for key, value in spec.items() if key not in {"method", "criterion"}}
    made = registry.create(method, parameters)
    standard = CORRECT if made.binary else OVERLAP
    slug = str(spec.get("criterion") or standard["slug"])
    criterion = Criterion.objects.filter(workspace=workspace, slug=slug).first()
    if criterion is None:
        if slug != standard["slug"]:
            raise Invalid(
                f"There is no criterion {slug!r} for {method}.", code="unknown_criterion", field="scorers"
            )
        criterion = create_criterion(actor=actor, workspace=workspace, definition=standard)
    if criterion.is_pairwise:
        raise Invalid(
            f"{method} scores single outputs; {slug!r} asks about pairs.",
            code="pairwise_criterion",
            field="scorers",
        )
    values = {label["value"] for label in criterion.labels}
    if values and not (made.binary and {0, 1} <= values):
        raise Invalid(
            f"{method} does not answer with the labels of {slug!r}.", code="foreign_labels", field="scorers"
        )
    return {"method": method, "criterion": slug, **parameters}
