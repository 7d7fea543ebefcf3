"""The picture of what a page shows now, and pictures as files."""

from typing import Any, TypeVar

from django.db.models import QuerySet

from concord.core.errors import Missing
from concord.core.models import CurrentPicture, DrawnPicture

Current = TypeVar("Current", bound=CurrentPicture)
Drawn = TypeVar("Drawn", bound=DrawnPicture)
KINDS_OF_PICTURE = {"svg": "image/svg+xml", "png": "image/png"}


def current(pictures: QuerySet[Current], shown: list[Any]) -> Current | None:
    """Return the picture of exactly this; None until a worker has drawn it."""
    return pictures.filter(shown=shown).only("key", "title", "pages").first()


def with_file(pictures: QuerySet[Drawn], kind: str) -> Drawn:
    """Return the first of these with its files.

    Raises
    ------
    Missing
        Where there is no such kind of file, or nothing is drawn yet.
    """
    if kind not in KINDS_OF_PICTURE:
        raise Missing("A picture is given as svg or png.", code="no_such_kind")
    found = pictures.defer("pages").first()
    if found is None:
        raise Missing("There is no such picture, or it is not drawn yet.", code="no_picture")
    return found
