"""The picture of a benchmark's systems side by side. For workers: it loads Altair."""

from collections.abc import Sequence

from concord.charts.forest import forest
from concord.charts.picture import Picture
from concord.charts.rows import Axis, ForestRow
from concord.estimates.formatting import column_digits, estimate_parts
from evaluation.selectors.summary import Compared


def comparison(rows: Sequence[Compared]) -> Picture | None:
    """Return the first scorer's estimate of each system with its interval; None where no system has one.

    Scores between 0 and 1 have a scale that ends there.
    """
    scored = [row for row in rows if row.summary.accuracies]
    if not any(row.summary.first and row.summary.first.defined for row in scored):
        return None
    title = scored[0].summary.accuracies[0].title
    digits = column_digits(row.summary.first for row in scored)
    drawn = [_row(row, title, digits) for row in scored]
    inside = all(0 <= end <= 1 for row in drawn for end in (row.low, row.value, row.high) if end is not None)
    axis = Axis(name=title, low=0.0, high=1.0) if inside else Axis(name=title)
    return forest(drawn, [axis], key="compared", title=f"{title} of each system, with 95 % interval")


def _row(row: Compared, on: str, digits: int | None) -> ForestRow:
    estimate = row.summary.first
    parts = estimate_parts(estimate, digits=digits)
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
