"""Keeping a figure's picture beside it, and handing it out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog
from django.db import models

from concord.charts.picture import Picture
from concord.core.actors import Actor
from concord.core.models import CurrentPicture, DrawnPicture
from concord.core.selectors.pictures import with_file
from concord.core.services import audit

Current = TypeVar("Current", bound=CurrentPicture)
Drawn = TypeVar("Drawn", bound=DrawnPicture)
log = structlog.get_logger(__name__)
MOST_ROUNDS = 3
DRAWN = ("title", "description", "pages", "file", "png", "shown")


@dataclass(frozen=True)
class Sight:
    """What there is to see now (`shown`, as JSON), and how it is drawn; no picture where there is no figure."""

    shown: list[Any]
    draw: Callable[[], Picture | None]


def keep_current(table: type[Current], look: Callable[[], Sight], **owner: models.Model) -> bool:
    """Draw what `look` sees unless that is drawn already; returns whether there is a picture of it. For workers.

    What has changed while it was drawn is drawn too: a request for it was taken for this one. Figures never wait for their
    picture: where drawing fails the page keeps its table, and the failure is logged.
    """
    for _ in range(MOST_ROUNDS):
        sight = look()
        if table._default_manager.filter(**owner, shown=sight.shown).exists():
            return True
        made = _drawn(table, sight, owner)
        if made is None:
            return False
        table._default_manager.bulk_create(
            [made], update_conflicts=True, unique_fields=[*owner, "key"], update_fields=DRAWN
        )
    return True


def _drawn(table: type[Current], sight: Sight, owner: dict[str, models.Model]) -> Current | None:
    # Here, because every web process loads what asks for a picture.
    from concord.charts.rendering import as_png

    try:
        picture = sight.draw()
        return table.of(picture, as_png(picture), shown=sight.shown, **owner) if picture else None
    except Exception:
        log.exception("core.picture_failed", **{name: one.pk for name, one in owner.items()})
        return None


def handed_out(
    pictures: models.QuerySet[Drawn], kind: str, *, actor: Actor, workspace_id: int, obj: models.Model
) -> Drawn:
    """Return the first of these with its files, and keep in the audit log who took it. Whether he may, the caller has asked.

    Raises
    ------
    Missing
        Where there is no such kind of file, or nothing is drawn yet.
    """
    found = with_file(pictures, kind)
    audit.record(
        actor=actor, verb="picture.exported", workspace_id=workspace_id, obj=obj, picture=found.key, kind=kind
    )
    return found
