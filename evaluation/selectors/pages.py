"""What the pages and the API list: rows with their counts, in a fixed number of queries."""

from django.db.models import Count, QuerySet

from concord.accounts.models import Workspace
from concord.catalog.models import DatasetVersion, System
from evaluation.models import Benchmark, Failure, Run, Secret


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
