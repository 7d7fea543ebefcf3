"""Asking for a snapshot. Apart from the computing, so that the web process never loads the estimators."""

from concord.accounts.selectors.lookup import require
from concord.accounts.states import Action
from concord.core.actors import Actor
from concord.core.jobs import enqueue
from concord.core.models import Job
from concord.scorecards.models import Scorecard

JOB = "scorecards.compute"


def request_snapshot(*, actor: Actor, scorecard: Scorecard) -> Job:
    """Have the scorecard computed in the background; a computation that is under way is returned instead of a second one."""
    require(actor=actor, workspace=scorecard.workspace, to=Action.DESIGN)
    return enqueue(
        JOB, key=job_key(scorecard.pk), workspace=scorecard.workspace_id, scorecard_id=scorecard.pk
    )


def job_key(scorecard_id: int) -> str:
    return f"scorecard-{scorecard_id}"
