"""The append-only note of what people did that others may have to answer for.

Every service with an `actor` writes one: who moved, deleted or exported what, and who changed what others may do. The leases
and answers of raters are not noted a second time: their rows are append-only themselves, and say who and when.
"""

from typing import Any

from django.db import models

from concord.core.actors import Actor, Installation, person_of
from concord.core.models import AuditEvent


def record(
    *,
    actor: Actor,
    verb: str,
    workspace_id: int | None = None,
    obj: models.Model | None = None,
    **details: Any,
) -> AuditEvent:
    """Write one event, in the transaction of what it tells of. `details` must be JSON; never put a secret in it.

    `actor` is a person, or the part of the installation that acted. `verb` is past tense with its noun: `study.closed`.
    """
    return AuditEvent.objects.create(
        actor=person_of(actor),
        part=actor.part if isinstance(actor, Installation) else "",
        verb=verb,
        workspace_id=workspace_id,
        model=obj._meta.label_lower if obj is not None else "",
        object_id=obj.pk if obj is not None else None,
        details=details,
    )
