"""A snapshot's pictures, for its page."""

from concord.scorecards.models import Snapshot, SnapshotPicture


def pictures(snapshot: Snapshot) -> dict[str, SnapshotPicture]:
    """Return what a page shows, by key; empty until a worker has drawn it."""
    rows = SnapshotPicture.objects.filter(snapshot=snapshot).only("key", "title", "pages")
    return {picture.key: picture for picture in rows}
