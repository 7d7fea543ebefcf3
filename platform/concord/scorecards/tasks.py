"""Background work of the scorecards."""

from concord.core.jobs import Handle, register
from concord.scorecards.models import Scorecard
from concord.scorecards.services.requests import JOB


@register(JOB)
def compute_scorecard(job: Handle, *, scorecard_id: int) -> None:
    """Compute a scorecard, then draw it; one that was deleted meanwhile is left alone."""
    # Here, because estimators and charts stay out of the web process.
    from concord.scorecards.services.pictures import draw_pictures
    from concord.scorecards.services.snapshots import take_snapshot

    scorecard = Scorecard.objects.filter(pk=scorecard_id).first()
    if scorecard is not None:
        draw_pictures(snapshot=take_snapshot(scorecard=scorecard, handle=job))
