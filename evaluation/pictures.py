"""The picture of a benchmark's systems side by side. For workers: it loads Altair."""

from collections.abc import Sequence

from concord.charts.forest import forest
from concord.charts.picture import Picture
from concord.charts.rows import Axis, ForestRow, share
from concord.estimates.formatting import SCALES, column_digits, estimate_parts
from evaluation.selectors.summary import Compared


def comparison(rows: Sequence[Compared]) -> Picture | None:
    """Return the first scorer's estimate of each system with its interval, as the table beside it writes it; None where no
    system has one.
    """
    scored = [row for row in rows if row.summary.accuracies]
    if not any(row.summary.first and row.summary.first.defined for row in scored):
        return None
    first = scored[0].summary.accuracies[0]
    scale = "percent" if first.is_share else ""
    digits = column_digits((row.summary.first for row in scored), factor=SCALES[scale][0])
    drawn = [_row(row, first.title, scale, digits) for row in scored]
    axis = share(first.title) if first.is_share else Axis(name=first.title)
    return forest(
        drawn, [axis], key="compared", title=f"{first.title} of each system, with 95\u00a0% interval"
    )


def _row(row: Compared, on: str, scale: str, digits: int | None) -> ForestRow:
    estimate = row.summary.first
    parts = estimate_parts(estimate, scale=scale, digits=digits)
    name = f"{row.run.system}"
    if estimate is None or not estimate.defined:
        return ForestRow(system=name, dimension=on, side="machine", value=None, undefined=parts.undefined)
    interval = f" [{parts.low}, {parts.high}]" if parts.low else ""
    return ForestRow(
        system=name,
        dimension=on,
        side="machine",
        value=estimate.value,
        low=estimate.low if parts.low else None,
        high=estimate.high if parts.low else None,
        text=parts.value,
        says=f"{parts.value}{interval} n = {parts.n}",
    )
