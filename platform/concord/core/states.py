"""State machines: TextChoices plus one table of allowed moves; a move is a conditional UPDATE that counts its rows."""

from collections.abc import Mapping
from typing import Any

from django.db import models, transaction

from concord.core.actors import BACKGROUND, Actor, person_of
from concord.core.errors import Conflict
from concord.core.models.history import StateChange
from concord.core.services import audit


def move(
    instance: models.Model,
    to: str,
    *,
    moves: Mapping[str, frozenset[str]],
    actor: Actor = BACKGROUND,
    why: str = "",
    **fields: Any,
) -> None:
    """Move `instance.state` to `to`, with `fields` set in the same UPDATE, and write a history row and an audit event.

    Two callers cannot both win: the row is locked, and the UPDATE names the states it may start from and must hit exactly
    that row. The event's verb is the noun with the state reached: `study.live`, `run.done`.
    Raises `Conflict` (code `illegal_move`) with the state found otherwise; nothing is then written.
    """
    sources = [state for state, targets in moves.items() if to in targets]
    model = type(instance)
    rows = model._default_manager.filter(pk=instance.pk)
    with transaction.atomic():
        # Locked first, so that the history tells from where it really came.
        before = rows.select_for_update().values_list("state", flat=True).first()
        if rows.filter(state__in=sources).update(state=to, **fields) != 1:
            raise Conflict(
                f"This {model._meta.verbose_name} is {before}; it cannot become {to}.",
                code="illegal_move",
                state=before,
                to=to,
            )
        _note(instance, before=str(before), after=to, actor=actor, why=why)
    instance.refresh_from_db(fields=["state", *fields])


def _note(instance: models.Model, *, before: str, after: str, actor: Actor, why: str) -> None:
    meta = instance._meta
    StateChange.objects.create(
        model=meta.label_lower,
        object_id=instance.pk,
        before=before,
        after=after,
        actor=person_of(actor),
        why=why,
    )
    audit.record(
        actor=actor,
        verb=f"{str(meta.verbose_name).replace(' ', '_')}.{after}",
        workspace_id=getattr(instance, "workspace_id", None),
        obj=instance,
        before=before,
        **({"why": why} if why else {}),
    )
