"""Prometheus metrics: of the web processes, and of the queue of background jobs."""

import ipaddress

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django_prometheus import exports
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from concord.core.errors import Forbidden
from concord.core.models import Job


def metrics(request: HttpRequest) -> HttpResponse:
    """For a scraper on this machine, or an administrator who is signed in."""
    if not (_is_local(request) or getattr(request.user, "is_superuser", False)):
        raise Forbidden("Metrics are for this machine and for administrators.")
    response: HttpResponse = exports.ExportToDjangoView(request)
    response.content = response.content + _jobs()
    return response


def _is_local(request: HttpRequest) -> bool:
    """Whether nobody stands between: behind a proxy on this machine, everybody would look local."""
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _jobs() -> bytes:
    registry = CollectorRegistry()
    gauge = Gauge("concord_jobs", "Background jobs that are not over.", ["queue", "state"], registry=registry)
    live = Job.objects.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING])
    for queue, state, count in live.values_list("queue", "state").annotate(count=Count("id")):
        gauge.labels(queue=queue, state=state).set(count)
    return generate_latest(registry)
