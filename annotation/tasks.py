"""The Celery entry points of the human side."""

from celery import shared_task

from annotation.services.expiring import expire_leases as expire


@shared_task(name="annotation.expire_leases", ignore_result=True)
def expire_leases() -> int:
    """Called each minute by beat."""
    return expire()
