"""A study's ratings, and the picture of its agreement, as files."""

from collections.abc import Iterator

from annotation.models import Study, StudyPicture
from annotation.selectors.pages import EXPORT, exported_ratings
from concord.accounts.selectors.lookup import require
from concord.accounts.states import Action
from concord.core.actors import Actor
from concord.core.services import audit
from concord.core.services.csv_cells import lines
from concord.core.services.pictures import handed_out


def ratings_csv(*, actor: Actor, study: Study) -> Iterator[str]:
    """Every rating, superseded ones included, row by row: for those who may see single ratings."""
    require(actor=actor, workspace=study.workspace, to=Action.REVIEW)
    audit.record(actor=actor, verb="ratings.exported", workspace_id=study.workspace_id, obj=study)
    return lines(EXPORT, exported_ratings(study))


def history_file(*, actor: Actor, study: Study, kind: str) -> StudyPicture:
    """Agreement over time as last drawn, to whoever may read the study."""
    require(actor=actor, workspace=study.workspace, to=Action.READ)
    pictures = StudyPicture.objects.filter(study=study)
    found: StudyPicture = handed_out(pictures, kind, actor=actor, workspace_id=study.workspace_id, obj=study)
    return found
