"""Drawing a study's agreement over time, whenever its figures were computed."""

from annotation.models import Study, StudyPicture
from annotation.selectors.history import alpha_history
from concord.core.services.pictures import Sight, keep_current


def draw_history(*, study: Study) -> bool:
    """Draw the kept snapshots; returns whether there is a picture of them."""

    def look() -> Sight:
        # Here, because every web process loads what asks for a snapshot.
        from annotation.pictures import agreement

        history = alpha_history(study)
        return Sight(list(history.snapshots), lambda: agreement(history))

    return keep_current(StudyPicture, look, study=study)
