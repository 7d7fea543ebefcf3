"""Criteria: made from a definition, which may start from a template."""

from typing import Any

from django.db import IntegrityError, transaction

from concord.accounts.models import Workspace
from concord.catalog.criteria.definition import criterion_fields
from concord.catalog.models import Criterion, ImportBatch
from concord.core.errors import Conflict


@transaction.atomic
def create_criterion(
    *, workspace: Workspace, definition: dict[str, Any], batch: ImportBatch | None = None
) -> Criterion:
    """A new criterion. Raises `Invalid` for a bad definition, `Conflict` where the slug is taken."""
    fields = criterion_fields(definition)
    try:
        with transaction.atomic():
            return Criterion.objects.create(workspace=workspace, batch=batch, **fields)
    except IntegrityError as error:
        message = f"There is already a criterion {fields['slug']!r} in this workspace."
        raise Conflict(message, code="criterion_exists", slug=fields["slug"]) from error
