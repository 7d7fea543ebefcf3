"""The picture of a study's agreement over time. For workers: it loads Altair."""

from annotation.selectors.history import History, Moment
from concord.charts.course import course
from concord.charts.picture import Picture
from concord.charts.rows import Axis, CourseRow
from concord.estimates.formatting import estimate_parts


def agreement(history: History) -> Picture | None:
    """Return each criterion's alpha over the number of ratings; None where no criterion has two moments."""
    rows = [_row(line.name, moment) for line in history.lines for moment in line.moments]
    if not rows:
        return None
    return course(
        rows,
        Axis(name="ratings", low=0.0),
        Axis(name="Krippendorff's alpha", high=1.0, line=0.0),
        key="agreement",
        title="Krippendorff's alpha over time, with 95\u00a0% interval",
    )


def _row(name: str, moment: Moment) -> CourseRow:
    alpha, parts = moment.alpha, estimate_parts(moment.alpha)
    known = alpha["low"] is not None and alpha["high"] is not None
    interval = f" [{parts.low}, {parts.high}]" if known else ""
    return CourseRow(
        name=name,
        at=moment.ratings,
        value=alpha["value"],
        low=alpha["low"] if known else None,
        high=alpha["high"] if known else None,
        says=f"{parts.value}{interval} with {moment.ratings:,} ratings",
    )
