"""A snapshot's pictures, for its page and as files."""

from concord.core.errors import Missing
from concord.scorecards.models import Snapshot, SnapshotPicture


def pictures(snapshot: Snapshot) -> dict[str, SnapshotPicture]:
    """Return what a page shows, by key; empty until a worker has drawn it."""
    rows = SnapshotPicture.objects.filter(snapshot=snapshot).only("key", "title", "pages")
    return {picture.key: picture for picture in rows}


def picture(snapshot: Snapshot, key: str) -> SnapshotPicture:
    """Return one picture with its files.

    Raises
    ------
    Missing
        Where the snapshot has no such picture, or none yet.
    """
    found: SnapshotPicture | None = (
        SnapshotPicture.objects.filter(snapshot=snapshot, key=key).defer("pages").first()
    )
    if found is None:
        raise Missing("This scorecard has no such picture, or it is not drawn yet.", code="no_picture")
    return found
