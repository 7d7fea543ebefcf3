"""Background work of the scorecards."""

from concord.core.jobs import Handle, register
from concord.scorecards.models import Scorecard
from concord.scorecards.services.requests import JOB


@register(JOB)
def compute_scorecard(job: Handle, *, scorecard_id: int) -> None:
    """Compute a scorecard; one that was deleted meanwhile is left alone."""
    from concord.scorecards.services.snapshots import (
        take_snapshot,
    )  # the estimators stay out of the web process

    scorecard = Scorecard.objects.filter(pk=scorecard_id).first()
    if scorecard is not None:
        take_snapshot(scorecard=scorecard, handle=job)
