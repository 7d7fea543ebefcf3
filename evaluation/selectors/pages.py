"""What the pages and the API list: rows with their counts, in a fixed number of queries."""

from typing import Any

from django.db.models import Count, Q, QuerySet

from concord.accounts.models import Workspace
from concord.catalog.models import DatasetVersion, System
from concord.catalog.states import SystemKind
from evaluation.models import Benchmark, EndpointConsent, Failure, Run, Secret


def benchmarks_of(workspace: Workspace) -> QuerySet[Benchmark]:
    rows: QuerySet[Benchmark] = Benchmark.objects.filter(workspace=workspace)
    return rows.select_related("version__dataset").annotate(runs_count=Count("runs")).order_by("-id")


def runs_of(workspace: Workspace, *, state: str = "") -> QuerySet[Run]:
    rows: QuerySet[Run] = Run.objects.filter(workspace=workspace, **({"state": state} if state else {}))
    return rows.select_related("benchmark__version__dataset", "system").order_by("-id")


def secrets_of(workspace: Workspace) -> QuerySet[Secret]:
    """Names only: the ciphertext never leaves the services."""
    rows: QuerySet[Secret] = Secret.objects.filter(workspace=workspace)
    return rows.defer("ciphertext").order_by("name")


def versions_of(workspace: Workspace) -> QuerySet[DatasetVersion]:
    rows: QuerySet[DatasetVersion] = DatasetVersion.objects.filter(dataset__workspace=workspace)
    return rows.select_related("dataset").order_by("dataset__name", "-number")


def runnable_systems(workspace: Workspace) -> QuerySet[System]:
    rows: QuerySet[System] = System.objects.filter(workspace=workspace, archived_at=None)
    return rows.order_by("name", "version")


def failures_of(run: Run) -> QuerySet[Failure]:
    return Failure.objects.filter(run=run).select_related("example").order_by("example__position")


def awaits_consent(run: Run) -> bool:
    """Whether the run's endpoint was refused as private and nobody has allowed it since."""
    if run.system.kind != SystemKind.OPENAI:
        return False
    refused = Q(message__contains="private address")
    if not Failure.objects.filter(refused, run=run).exists():
        return False
    url: Any = run.system.config.get("base_url")
    return not EndpointConsent.objects.filter(system=run.system, base_url=url).exists()
