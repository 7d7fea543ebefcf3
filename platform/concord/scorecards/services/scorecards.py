"""Making, changing and deleting scorecards."""

from collections.abc import Sequence

from django.db import transaction

from concord.accounts.models import Workspace
from concord.accounts.selectors.lookup import require
from concord.accounts.states import Action
from concord.catalog.models import DatasetVersion, System
from concord.core.actors import Actor, person_of
from concord.core.errors import Conflict, Invalid
from concord.core.services.audit import record
from concord.scorecards.models import Dimension, Scorecard
from concord.scorecards.services.defining import MOST_SYSTEMS, DimensionChoice, checked
from concord.scorecards.states import Scope


@transaction.atomic
def create_scorecard(
    *,
    workspace: Workspace,
    actor: Actor,
    name: str,
    question: str,
    systems: Sequence[System],
    dimensions: Sequence[DimensionChoice],
    version: DatasetVersion | None = None,
    baseline: System | None = None,
    scope: str = Scope.THESE_RATERS,
    confidence: float = 0.95,
) -> Scorecard:
    """Make a scorecard; nothing is computed yet."""
    require(actor=actor, workspace=workspace, to=Action.DESIGN)
    filled = _checked(
        workspace, None, name, question, systems, dimensions, version, baseline, scope, confidence
    )
    scorecard = Scorecard.objects.create(
        workspace=workspace,
        name=name.strip(),
        question=question.strip(),
        version=version,
        baseline=baseline,
        scope=scope,
        confidence=confidence,
        created_by=person_of(actor),
    )
    _write_parts(scorecard, systems, filled)
    record(
        actor=actor, verb="scorecard.created", workspace_id=workspace.pk, obj=scorecard, name=scorecard.name
    )
    return scorecard


@transaction.atomic
def update_scorecard(
    *,
    scorecard: Scorecard,
    actor: Actor,
    name: str,
    question: str,
    systems: Sequence[System],
    dimensions: Sequence[DimensionChoice],
    version: DatasetVersion | None = None,
    baseline: System | None = None,
    scope: str = Scope.THESE_RATERS,
    confidence: float = 0.95,
) -> Scorecard:
    """Replace the definition; snapshots made before stay as they were."""
    require(actor=actor, workspace=scorecard.workspace, to=Action.DESIGN)
    locked: Scorecard = Scorecard.objects.select_for_update().get(pk=scorecard.pk)
    filled = _checked(
        locked.workspace, locked, name, question, systems, dimensions, version, baseline, scope, confidence
    )
    locked.name, locked.question = name.strip(), question.strip()
    locked.version, locked.baseline, locked.confidence = version, baseline, confidence
    locked.scope = scope
    locked.save()
    locked.dimensions.all().delete()
    _write_parts(locked, systems, filled)
    record(
        actor=actor, verb="scorecard.changed", workspace_id=locked.workspace_id, obj=locked, name=locked.name
    )
    return locked


@transaction.atomic
def delete_scorecard(*, scorecard: Scorecard, actor: Actor) -> None:
    """Delete a scorecard with its snapshots; ratings and scores stay."""
    require(actor=actor, workspace=scorecard.workspace, to=Action.DESIGN)
    record(
        actor=actor,
        verb="scorecard.deleted",
        workspace_id=scorecard.workspace_id,
        obj=scorecard,
        name=scorecard.name,
    )
    scorecard.delete()


def _write_parts(scorecard: Scorecard, systems: Sequence[System], dimensions: list[DimensionChoice]) -> None:
    scorecard.systems.set(systems)
    Dimension.objects.bulk_create(
        Dimension(
            scorecard=scorecard,
            position=position,
            name=choice.name,
            criterion=choice.criterion,
            study=choice.study,
            scorer=choice.scorer,
            estimand=choice.estimand,
            labels=list(choice.labels),
            where=dict(choice.where),
            direction=choice.direction,
            primary=choice.primary,
        )
        for position, choice in enumerate(dimensions)
    )


def _checked(
    workspace: Workspace,
    existing: Scorecard | None,
    name: str,
    question: str,
    systems: Sequence[System],
    dimensions: Sequence[DimensionChoice],
    version: DatasetVersion | None,
    baseline: System | None,
    scope: str,
    confidence: float,
) -> list[DimensionChoice]:
    """Refuse what cannot be a scorecard; return the dimensions with their defaults."""
    _check_words(workspace, existing, name, question)
    _check_systems(workspace, systems, baseline)
    if version is not None and version.dataset.workspace_id != workspace.pk:
        raise Invalid(
            "The dataset version must be of this workspace.", code="other_workspace", field="version"
        )
    if not 0.5 < confidence < 1:
        raise Invalid(
            f"The confidence must lie between 0.5 and 1, got {confidence:g}.",
            code="bad_confidence",
            field="confidence",
        )
    if scope not in Scope.values:
        known = ", ".join(Scope.values)
        raise Invalid(f"The scope is one of {known}; got {scope!r}.", code="bad_scope", field="scope")
    return checked(dimensions, workspace=workspace)


def _check_words(workspace: Workspace, existing: Scorecard | None, name: str, question: str) -> None:
    if not name.strip() or len(name) > 160:
        raise Invalid("A scorecard needs a name of at most 160 characters.", code="bad_name", field="name")
    if not question.strip() or len(question) > 400:
        raise Invalid(
            "Say in at most 400 characters which question the scorecard answers.",
            code="bad_question",
            field="question",
        )
    others = Scorecard.objects.filter(workspace=workspace, name=name.strip())
    if existing is not None:
        others = others.exclude(pk=existing.pk)
    if others.exists():
        raise Conflict(
            f"There is a scorecard called “{name.strip()}” already.", code="name_taken", field="name"
        )


def _check_systems(workspace: Workspace, systems: Sequence[System], baseline: System | None) -> None:
    if not systems:
        raise Invalid("Choose at least one system.", code="no_system", field="systems")
    if len(systems) > MOST_SYSTEMS:
        raise Invalid(
            f"A scorecard compares at most {MOST_SYSTEMS} systems.", code="too_many_systems", field="systems"
        )
    if any(system.workspace_id != workspace.pk for system in systems):
        raise Invalid("The systems must be of this workspace.", code="other_workspace", field="systems")
    if baseline is not None and baseline.pk not in {system.pk for system in systems}:
        raise Invalid(
            "The baseline must be one of the scorecard's systems.", code="bad_baseline", field="baseline"
        )
