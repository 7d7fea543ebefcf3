"""State machines: TextChoices plus one table of allowed moves; a move is a conditional UPDATE that counts its rows."""

from collections.abc import Mapping
from typing import Any

from django.db import models, transaction

from concord.core.errors import Conflict
from concord.core.models.history import StateChange


def move(
    instance: models.Model,
    to: str,
    *,
    moves: Mapping[str, frozenset[str]],
    actor: Any = None,
    why: str = "",
    **fields: Any,
) -> None:
    """Move `instance.state` to `to`, with `fields` set in the same UPDATE, and write a history row.

    Two callers cannot both win: the UPDATE names the states it may start from and must hit exactly one row.
    Raises `Conflict` (code `illegal_move`) with the state found otherwise; nothing is then written.
    """
    sources = [state for state, targets in moves.items() if to in targets]
    with transaction.atomic():
        model = type(instance)
        row = (
            model._default_manager.select_for_update()
            .filter(pk=instance.pk)
            .values_list("state", flat=True)
            .first()
        )
        if row not in sources:
            raise Conflict(
                f"This {model._meta.verbose_name} is {row}; it cannot become {to}.",
                code="illegal_move",
                state=row,
                to=to,
            )
        model._default_manager.filter(pk=instance.pk, state=row).update(state=to, **fields)
        StateChange.objects.create(
            model=model._meta.label_lower, object_id=instance.pk, before=row, after=to, actor=actor, why=why
        )
    instance.refresh_from_db(fields=["state", *fields])
