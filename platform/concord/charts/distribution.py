"""How the values of each system are spread: steps, dots or bars."""

from collections.abc import Sequence
from typing import Literal

from concord.charts.bars import bars_sheet
from concord.charts.dots import dots_sheet
from concord.charts.picture import WIDTHS, Picture
from concord.charts.rendering import check_widths, drawn
from concord.charts.rows import Axis, DistributionRow
from concord.charts.steps import MOST_SYSTEMS, steps_sheet

Form = Literal["steps", "dots", "bars"]
FORMS: dict[Form, str] = {
    "steps": "Steps: the share of values that are at most so high.",
    "dots": "Dots: each stands for the same share of the values.",
    "bars": "Bars: the share of the values that lies in each range, from 0.",
}


def distribution(
    rows: Sequence[DistributionRow],
    axis: Axis,
    *,
    key: str,
    title: str,
    form: Form = "dots",
    widths: tuple[float, ...] = WIDTHS,
) -> Picture:
    """Draw how each system's values are spread, all on one scale.

    `steps` lays the systems over one another as cumulative shares (at most eight stay legible), `dots` gives each a row of
    fifty quantile dots, `bars` a histogram of its own whose bars all start at 0. Systems without values say why.
    `title` and `key` are as for `forest`.

    Raises
    ------
    ValueError
        For no row, two rows for one system, no value at all, more than eight systems as steps, or an unknown form.
    """
    names = [row.system for row in rows]
    if not rows or len(set(names)) < len(names):
        raise ValueError(f"a distribution needs rows, one a system, but has {names}")
    if form not in FORMS:
        raise ValueError(f"form must be one of {', '.join(FORMS)}, but is {form!r}")
    if not any(row.values for row in rows):
        raise ValueError("no system has a value: a page says so in words")
    if form == "steps" and len(rows) > MOST_SYSTEMS:
        raise ValueError(
            f"steps of more than {MOST_SYSTEMS} systems are not legible, but there are {len(rows)}"
        )
    check_widths(widths)
    draw = {"steps": steps_sheet, "dots": dots_sheet, "bars": bars_sheet}[form]
    sheets = [draw(rows, axis, width) for width in widths]
    return drawn(sheets, key=key, title=title, description=_description(rows, axis, form))


def _description(rows: Sequence[DistributionRow], axis: Axis, form: Form) -> str:
    counted = "; ".join(
        f"{row.system}: {len(row.values):,} values" if row.values else f"{row.system}: {row.undefined}"
        for row in rows
    )
    return f"The spread of {axis.name}. {FORMS[form]} {counted}. The table holds all figures."
