"""How far a run is, how fast it goes, and when it will be done."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from evaluation.models import Run
from evaluation.states import AskedBy, RunState

WINDOW_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class Counts:
    done: int
    failed: int
    open: int
    total: int


@dataclass(frozen=True, kw_only=True)
class Progress(Counts):
    """`rate` is examples a second over the last minute; None while nothing can be said. `seconds_left` likewise."""

    rate: float | None
    seconds_left: float | None

    @property
    def share(self) -> float:
        return (self.done + self.failed) / self.total if self.total else 0.0


def counts(run: Run) -> Counts:
    return _counts([run])[0]


def progress(run: Run) -> Progress:
    """Everything comes from the database, so it survives a reload, a restart and a killed worker."""
    return progress_of([run])[0]


def progress_of(runs: Sequence[Run]) -> list[Progress]:
    """The same of many runs, in their order: a list of runs asks once for all of them, and again for each that moves."""
    return [_progress(run, now) for run, now in zip(runs, _counts(runs), strict=True)]


def _counts(runs: Sequence[Run]) -> list[Counts]:
    written, failed = _written(runs), _failed(runs)
    counted = []
    for run in runs:
        recorded = run.settings["asked_by"] == AskedBy.RECORDING
        done = _recorded(run) if recorded else written.get((run.output_set_id, run.system_id), 0)
        lost = failed.get(run.pk, 0)
        counted.append(Counts(done=done, failed=lost, open=max(0, run.total - done - lost), total=run.total))
    return counted


def _progress(run: Run, now: Counts) -> Progress:
    rate = _rate(run) if run.state == RunState.RUNNING else None
    left = now.open / rate if rate else None
    return Progress(
        done=now.done, failed=now.failed, open=now.open, total=now.total, rate=rate, seconds_left=left
    )


def _written(runs: Sequence[Run]) -> dict[tuple[int | None, int], int]:
    """Answers by (output set, system)."""
    rows = _all(
        "SELECT output_set_id, system_id, count(*) FROM catalog_output WHERE output_set_id = ANY(%s) GROUP BY 1, 2",
        [[run.output_set_id for run in runs]],
    )
    return {(output_set, system): count for output_set, system, count in rows}


def _failed(runs: Sequence[Run]) -> dict[int, int]:
    """Examples that are given up, by run."""
    rows = _all(
        "SELECT f.run_id, count(*) FROM evaluation_failure f JOIN evaluation_run r ON r.id = f.run_id "
        "WHERE f.run_id = ANY(%s) AND f.attempts >= (r.settings->>'max_attempts')::int GROUP BY 1",
        [[run.pk for run in runs]],
    )
    return dict(rows)


def _recorded(run: Run) -> int:
    """Imported outputs that have the scores of all the run's scorers."""
    pairs = {(spec["scorer_id"], spec["criterion_id"]) for spec in run.settings["scorers"]}
    return _one(
        "SELECT count(*) FROM (SELECT s.output_id FROM evaluation_score s JOIN catalog_output o ON o.id = s.output_id "
        "JOIN catalog_example e ON e.id = o.example_id "
        "WHERE o.output_set_id = %s AND o.system_id = %s AND o.epoch = 1 AND e.version_id = %s AND s.other_output_id IS NULL "
        "AND (s.scorer_id, s.criterion_id) IN (SELECT * FROM unnest(%s::bigint[], %s::bigint[])) "
        "AND e.position < (SELECT max(last) FROM evaluation_shard WHERE run_id = %s) "
        "GROUP BY s.output_id HAVING count(*) >= %s) q",
        [
            run.recorded_set_id,
            run.system_id,
            run.benchmark.version_id,
            [scorer for scorer, _ in pairs],
            [criterion for _, criterion in pairs],
            run.pk,
            len(pairs),
        ],
    )


def _rate(run: Run) -> float | None:
    """Answers a second over the last minute, or since the first of them where that is more recent."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), extract(epoch FROM clock_timestamp() - min(created_at)) FROM catalog_output "
            "WHERE output_set_id = %s AND created_at > clock_timestamp() - make_interval(secs => %s)",
            [run.output_set_id, WINDOW_SECONDS],
        )
        count, since = cursor.fetchone()
    return float(count) / max(float(since), 0.5) if count else None


def _all(sql: str, parameters: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def _one(sql: str, parameters: list[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.fetchone()[0])
