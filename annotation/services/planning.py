"""A whole plan in one step: a new question where wanted, the study, its units."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from annotation.models import Study
from annotation.selectors.freshness import BUILD
from annotation.services.studies import create_study
from annotation.services.units import build_units
from annotation.states import StudyKind, StudyState
from concord.accounts.models import Workspace
from concord.accounts.selectors.lookup import require
from concord.accounts.states import Action
from concord.catalog.models import Criterion, DatasetVersion, Output, System
from concord.catalog.services.criteria import create_criterion
from concord.core import jobs
from concord.core.actors import BACKGROUND, Actor
from concord.core.errors import DomainError, Invalid

AT_ONCE = 50_000  # units that are made while the designer waits


@transaction.atomic
def plan_study(
    *,
    workspace: Workspace,
    actor: Actor,
    version: DatasetVersion,
    system_ids: Sequence[int],
    criteria: Sequence[Criterion],
    new_criterion: dict[str, Any] | None = None,
    pairs_per_example: int | None = None,
    examples: int | None = None,
    **plan: Any,
) -> Study:
    """The draft with its units, or nothing. Raises what `create_study`, `create_criterion` and `build_units` raise.

    Where there would be very many units, a background job makes them; the study stays a draft until it is done.
    """
    require(actor=actor, workspace=workspace, to=Action.DESIGN)
    systems = list(System.objects.filter(workspace=workspace, pk__in=system_ids))
    if len(systems) != len(set(system_ids)):
        raise Invalid(
            "A system that was chosen is not in this workspace.", code="other_workspace", field="systems"
        )
    made = [_new_criterion(actor, workspace, new_criterion)] if new_criterion else []
    study = create_study(
        workspace=workspace,
        actor=actor,
        version=version,
        systems=systems,
        criteria=[*criteria, *made],
        **plan,
    )
    if _expected(study, len(systems), pairs_per_example) > AT_ONCE:
        jobs.enqueue(
            BUILD,
            key=f"{BUILD}:{study.pk}",
            study_id=study.pk,
            pairs_per_example=pairs_per_example,
            examples=examples,
        )
    else:
        build_units(actor=actor, study=study, pairs_per_example=pairs_per_example, examples=examples)
    return study


def _new_criterion(actor: Actor, workspace: Workspace, definition: dict[str, Any]) -> Criterion:
    """Its refusals are about a part of the plan: `name` is the criterion's, not the study's."""
    try:
        return create_criterion(actor=actor, workspace=workspace, definition=definition)
    except DomainError as error:
        error.field = f"new_criterion.{error.field}" if error.field else "new_criterion"
        raise


@jobs.register(BUILD)
def build_job(job: Any, *, study_id: int, pairs_per_example: int | None, examples: int | None) -> None:
    study = Study.objects.filter(pk=study_id, state=StudyState.DRAFT).first()
    if study is not None:
        build_units(actor=BACKGROUND, study=study, pairs_per_example=pairs_per_example, examples=examples)


def _expected(study: Study, systems: int, pairs_per_example: int | None) -> int:
    """At most how many units there will be: one an output, or the pairs of each example."""
    outputs = Output.objects.filter(example__version=study.version_id, system__in=study.systems.all()).count()
    if study.kind == StudyKind.SCALE:
        return outputs
    pairs = systems * (systems - 1) // 2
    return outputs * min(pairs_per_example or pairs, pairs) // systems
