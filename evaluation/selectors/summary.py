"""A run's figures put together, and kept once the run is done: they cannot change any more."""

from dataclasses import dataclass
from typing import Any

from django.core.cache import cache

from concord.catalog.models import Criterion
from concord.catalog.states import Direction
from concord.estimates.figure import Figure
from concord.estimates.latency import Latency
from evaluation.models import Benchmark, Run
from evaluation.selectors.results import Accuracy, SliceRow, accuracies, latency_of, slices
from evaluation.states import RunState

KEPT_SECONDS = 24 * 3600
COMPARED = 30


@dataclass(frozen=True, kw_only=True)
class Summary:
    accuracies: list[Accuracy]
    slices: list[SliceRow]
    latency: Latency | None

    @property
    def first(self) -> Figure | None:
        """The figure that stands for the run in a table: that of its first scorer."""
        return self.accuracies[0].estimate if self.accuracies else None

    @property
    def computed_by(self) -> list[str]:
        """The estimators behind the accuracies."""
        return list(
            dict.fromkeys(one.estimate.estimator for one in self.accuracies if one.estimate.estimator)
        )


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One line of the comparison."""

    run: Run
    summary: Summary


def summary(run: Run) -> Summary:
    if run.state != RunState.DONE or run.finished_at is None:
        return _computed(run)
    key = f"evaluation:summary:5:{run.pk}:{run.finished_at.timestamp()}"
    found: Summary | None = cache.get(key)
    if found is None:
        found = _computed(run)
        cache.set(key, found, KEPT_SECONDS)
    return found


def compared(benchmark: Benchmark) -> list[Compared]:
    """The newest finished run of each system, best first by the first scorer's criterion; without a figure last."""
    runs: Any = (
        Run.objects.filter(benchmark=benchmark, state=RunState.DONE)
        .select_related("system", "benchmark")
        .order_by("system_id", "-id")
    )
    newest = list(runs.distinct("system_id"))[:COMPARED]
    rows = [(run, summary(run)) for run in newest]
    sign = 1.0 if _less_is_better(rows) else -1.0
    rows.sort(
        key=lambda row: sign * row[1].first.value if row[1].first and row[1].first.defined else float("inf")
    )
    return [Compared(run=run, summary=found) for run, found in rows]


def _less_is_better(rows: list[tuple[Run, Summary]]) -> bool:
    asked = next((found.accuracies[0].criterion_id for _, found in rows if found.accuracies), None)
    return asked is not None and Criterion.objects.filter(pk=asked, direction=Direction.LOWER).exists()


def _computed(run: Run) -> Summary:
    found = accuracies(run)
    return Summary(accuracies=found, slices=slices(run, found[0]) if found else [], latency=latency_of(run))
