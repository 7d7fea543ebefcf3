"""A study's ratings as a file."""

from collections.abc import Iterator

from annotation.models import Study
from annotation.selectors.pages import EXPORT, exported_ratings
from concord.accounts.selectors.lookup import require
from concord.accounts.states import Action
from concord.core.actors import Actor
from concord.core.services import audit
from concord.core.services.csv_cells import lines


def ratings_csv(*, actor: Actor, study: Study) -> Iterator[str]:
    """Every rating, superseded ones included, row by row: for those who may see single ratings."""
    require(actor=actor, workspace=study.workspace, to=Action.REVIEW)
    audit.record(actor=actor, verb="ratings.exported", workspace_id=study.workspace_id, obj=study)
    return lines(EXPORT, exported_ratings(study))
