"""Drawing a study's agreement over time, whenever its figures were computed."""

import structlog

from annotation.models import Study, StudyPicture
from annotation.selectors.history import alpha_history

log = structlog.get_logger(__name__)


def draw_history(*, study: Study) -> bool:
    """Draw the kept snapshots; returns whether there is a picture of them.

    Figures never wait for their picture: where drawing fails the page keeps its table, and the failure is logged.
    """
    # Here, because every web process loads what asks for a snapshot.
    from annotation.pictures import agreement
    from concord.charts.rendering import as_png

    history = alpha_history(study)
    shown = list(history.snapshots)
    if StudyPicture.objects.filter(study=study, snapshots=shown).exists():
        return True
    try:
        picture = agreement(history)
        png = as_png(picture) if picture else b""
    except Exception:
        log.exception("annotation.picture_failed", study=study.pk)
        picture = None
    if picture is None:
        return False
    StudyPicture.objects.bulk_create(
        [StudyPicture.of(picture, png, study=study, snapshots=shown)],
        update_conflicts=True,
        unique_fields=["study", "key"],
        update_fields=["title", "description", "pages", "file", "png", "snapshots"],
    )
    return True
