"""Criteria: made from a definition, which may start from a template."""

from typing import Any

from django.db import IntegrityError, transaction

from concord.accounts.models import Workspace
from concord.accounts.selectors.lookup import require
from concord.accounts.states import Action
from concord.catalog.criteria.definition import criterion_fields
from concord.catalog.models import Criterion, ImportBatch
from concord.core.actors import Actor
from concord.core.errors import Conflict
from concord.core.services import audit


@transaction.atomic
def create_criterion(
    *, actor: Actor, workspace: Workspace, definition: dict[str, Any], batch: ImportBatch | None = None
) -> Criterion:
    """A new criterion. Raises `Invalid` for a bad definition, `Conflict` where the slug is taken."""
    require(actor=actor, workspace=workspace, to=Action.DESIGN)
    fields = criterion_fields(definition)
    try:
        with transaction.atomic():
            made: Criterion = Criterion.objects.create(workspace=workspace, batch=batch, **fields)
    except IntegrityError as error:
        message = f"There is already a criterion {fields['slug']!r} in this workspace."
        raise Conflict(message, code="criterion_exists", field="slug", slug=fields["slug"]) from error
    audit.record(
        actor=actor, verb="criterion.created", workspace_id=workspace.pk, obj=made, slug=fields["slug"]
    )
    return made
