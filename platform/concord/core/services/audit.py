"""The append-only note of what people did that others may have to answer for."""

from typing import Any

from django.db import models

from concord.core.models import AuditEvent


def record(
    *, actor: Any, verb: str, workspace_id: int | None = None, obj: models.Model | None = None, **details: Any
) -> AuditEvent:
    """Write one event, in the transaction of what it tells of. `details` must be JSON; never put a secret in it.

    `actor` is a user, or None for the system itself. `verb` is past tense with its noun: `study.closed`.
    """
    return AuditEvent.objects.create(
        actor=actor if getattr(actor, "is_authenticated", False) else None,
        verb=verb,
        workspace_id=workspace_id,
        model=obj._meta.label_lower if obj is not None else "",
        object_id=obj.pk if obj is not None else None,
        details=details,
    )
