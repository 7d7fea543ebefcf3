"""Reading scorecards and their snapshots."""

from typing import Any

from django.db.models import Count, Max, QuerySet

from concord.accounts.models import Workspace
from concord.core.models import Job
from concord.scorecards.models import Scorecard, Snapshot
from concord.scorecards.selectors.stamps import stamp


def scorecards_of(workspace: Workspace) -> QuerySet[Scorecard]:
    """Return the workspace's scorecards with counts and the time of the last snapshot."""
    rows: QuerySet[Scorecard] = Scorecard.objects.filter(workspace=workspace)
    return rows.annotate(
        systems_count=Count("systems", distinct=True),
        dimensions_count=Count("dimensions", distinct=True),
        computed_at=Max("snapshots__created_at"),
    ).order_by("name")


def latest(scorecard: Scorecard) -> Snapshot | None:
    found: Snapshot | None = scorecard.snapshots.order_by("-created_at", "-pk").first()
    return found


def is_stale(scorecard: Scorecard, snapshot: Snapshot) -> bool:
    """Whether evidence, definition or methods have changed since the snapshot was taken."""
    return bool(snapshot.result.get("stamp") != stamp(scorecard))


def last_job(scorecard_id: int) -> Job | None:
    """Return the newest computation of this scorecard, whatever became of it."""
    rows: Any = Job.objects.filter(name="scorecards.compute", arguments__scorecard_id=scorecard_id)
    found: Job | None = rows.order_by("-pk").first()
    return found
