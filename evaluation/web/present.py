"""Figures as tables print them: the decimals of a column agree."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from concord.estimates.formatting import in_column
from evaluation.models import Run
from evaluation.selectors.results import SliceRow
from evaluation.selectors.summary import Compared, Summary

Printed = dict[str, Any] | None


@dataclass(frozen=True, kw_only=True)
class ScoreCell:
    estimate: Printed
    scale: str


@dataclass(frozen=True, kw_only=True)
class ComparedLine:
    """One system's line: a cell for each scorer; without `percentiles` nothing was timed."""

    run: Run
    scores: list[ScoreCell]
    percentiles: list[Printed]
    tokens_per_second: Printed
    largest_batch: int | None

    @property
    def counts_tokens(self) -> bool:
        """Whether tokens per second are known."""
        return self.tokens_per_second is not None and self.tokens_per_second["value"] is not None


@dataclass(frozen=True, kw_only=True)
class SliceLine:
    name: str
    value: str
    estimate: Printed


def scale_of(is_share: bool) -> str:
    return "percent" if is_share else ""


def compared_lines(rows: Sequence[Compared]) -> list[ComparedLine]:
    """Return the lines of the table of systems, in the order of `rows`."""
    if not rows:
        return []
    scored = [_column(rows, place, one.is_share) for place, one in enumerate(rows[0].summary.accuracies)]
    timed = [row for row in rows if row.summary.latency is not None]
    names = list(timed[0].summary.latency.percentiles) if timed and timed[0].summary.latency else []
    percentiles = [in_column([_latency(row, name) for row in rows], "ms") for name in names]
    tokens = in_column(row.summary.latency.tokens_per_second if row.summary.latency else None for row in rows)
    return [
        ComparedLine(
            run=row.run,
            scores=[column[at] for column in scored],
            percentiles=[column[at] for column in percentiles] if row.summary.latency else [],
            tokens_per_second=tokens[at],
            largest_batch=row.summary.latency.largest_batch if row.summary.latency else None,
        )
        for at, row in enumerate(rows)
    ]


def _column(rows: Sequence[Compared], place: int, is_share: bool) -> list[ScoreCell]:
    scale = scale_of(is_share)
    figures = [
        row.summary.accuracies[place].estimate if place < len(row.summary.accuracies) else None
        for row in rows
    ]
    return [ScoreCell(estimate=one, scale=scale) for one in in_column(figures, scale)]


def _latency(row: Compared, name: str) -> Any:
    return row.summary.latency.percentiles.get(name) if row.summary.latency else None


def slice_lines(summary: Summary) -> list[SliceLine]:
    """Return the lines of the table of slices."""
    rows: list[SliceRow] = summary.slices
    scale = scale_of(summary.accuracies[0].is_share) if summary.accuracies else ""
    printed = in_column((row.estimate for row in rows), scale)
    return [
        SliceLine(name=row.name, value=row.value, estimate=one)
        for row, one in zip(rows, printed, strict=True)
    ]
