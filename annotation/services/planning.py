"""A whole plan in one step: a new question where wanted, the study, its units."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from annotation.models import Study
from annotation.services.studies import create_study
from annotation.services.units import build_units
from concord.accounts.models import Workspace
from concord.catalog.models import Criterion, DatasetVersion, System
from concord.catalog.services.criteria import create_criterion
from concord.core.errors import Invalid


@transaction.atomic
def plan_study(
    *,
    workspace: Workspace,
    actor: Any,
    version: DatasetVersion,
    system_ids: Sequence[int],
    criteria: Sequence[Criterion],
    new_criterion: dict[str, Any] | None = None,
    pairs_per_example: int | None = None,
    examples: int | None = None,
    **plan: Any,
) -> Study:
    """The draft with its units, or nothing. Raises what `create_study`, `create_criterion` and `build_units` raise."""
    systems = list(System.objects.filter(workspace=workspace, pk__in=system_ids))
    if len(systems) != len(set(system_ids)):
        raise Invalid("A system that was chosen is not in this workspace.", code="other_workspace")
    made = [create_criterion(workspace=workspace, definition=new_criterion)] if new_criterion else []
    study = create_study(
        workspace=workspace,
        actor=actor,
        version=version,
        systems=systems,
        criteria=[*criteria, *made],
        **plan,
    )
    build_units(study=study, pairs_per_example=pairs_per_example, examples=examples)
    return study
