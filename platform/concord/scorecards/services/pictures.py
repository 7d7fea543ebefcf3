"""Drawing a snapshot's pictures and keeping them beside it. For workers only: drawing loads Altair and vl-convert."""

import structlog
from django.db import transaction

from concord.charts.rendering import as_png
from concord.scorecards.models import Snapshot, SnapshotPicture
from concord.scorecards.pictures import pictures_of

log = structlog.get_logger(__name__)


def draw_pictures(*, snapshot: Snapshot) -> int:
    """Draw what is not drawn yet; returns how many pictures were made.

    Figures never wait for their pictures: where drawing fails the page keeps its tables, and the failure is logged.
    """
    if snapshot.pictures.exists():
        return 0
    try:
        rows = [
            SnapshotPicture.of(picture, as_png(picture), snapshot=snapshot)
            for picture in pictures_of(snapshot.result)
        ]
    except Exception:
        log.exception("scorecards.pictures_failed", snapshot=snapshot.pk)
        return 0
    with transaction.atomic():
        SnapshotPicture.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)
