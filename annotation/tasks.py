"""The Celery entry points of the human side."""

from celery import shared_task

from annotation.services.expiring import expire_leases as expire
from annotation.services.snapshots import refresh_due


@shared_task(name="annotation.expire_leases", ignore_result=True)
def expire_leases() -> int:
    """Called each minute by beat: ends old leases, then has the figures of studies with new ratings computed again."""
    ended = expire()
    refresh_due()
    return ended
