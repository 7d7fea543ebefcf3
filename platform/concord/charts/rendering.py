"""The one place that knows vl-convert. It is loaded when something is drawn, and never by a web process."""

import re
from dataclasses import dataclass
from typing import Any

import altair as alt

from concord.charts.accessible import accessible, as_file
from concord.charts.picture import Drawing, Picture
from concord.charts.text import clean

VEGA_LITE = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
_KEY = re.compile(r"[a-z][a-z0-9-]*")
_PIXELS_PER_POINT = 2.0


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A specification, the pixels that it takes before and after its origin, and what it is called."""

    spec: dict[str, Any]
    left: float
    top: float
    width: float
    height: float


def concatenated(panels: list[dict[str, Any]], *, columns: int, gap: float, row_gap: float) -> dict[str, Any]:
    """Return one specification of equal panels, placed exactly: `gap` and `row_gap` pixels between them."""
    return {
        "concat": panels,
        "columns": columns,
        "bounds": "flush",
        "spacing": {"row": row_gap, "column": gap},
        "resolve": {"scale": {"x": "independent", "y": "independent"}},
        "config": {"background": "transparent", "font": "sans-serif", "view": {"stroke": None}},
    }


def drawn(sheets: list[Sheet], *, key: str, title: str, description: str) -> Picture:
    """Draw each sheet, from narrow to wide; ids end in the width, so that several can stand on a page."""
    check_key(key)
    title, description = clean(title), clean(description)
    pages = tuple(_drawing(sheet, f"{key}-{sheet.width:g}", title, description) for sheet in sheets)
    return Picture(
        key=key,
        title=title,
        description=description,
        pages=pages,
        file=as_file(pages[-1].svg, title=title),
    )


def _drawing(sheet: Sheet, key: str, title: str, description: str) -> Drawing:
    import vl_convert

    svg = accessible(
        vl_convert.vegalite_to_svg(sheet.spec, vl_version=VEGA_LITE),
        key=key,
        title=title,
        description=description,
        left=sheet.left,
        top=sheet.top,
        width=sheet.width,
        height=sheet.height,
    )
    return Drawing(width=sheet.width, height=sheet.height, svg=svg)


def as_png(picture: Picture) -> bytes:
    """Return the file version as pixels, two a point, on white."""
    import vl_convert

    ground = '<rect x="-9999" y="-9999" width="99999" height="99999" fill="#ffffff"/>'
    head, rest = picture.file.split("</desc>", 1)
    return vl_convert.svg_to_png(f"{head}</desc>{ground}{rest}", scale=_PIXELS_PER_POINT)


def check_key(key: str) -> None:
    """Raise ValueError where ids made from the key would not be plain names."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"key must be lower-case letters, digits and hyphens, but is {key!r}")


def check_widths(widths: tuple[float, ...]) -> None:
    """Raise ValueError for widths that no picture fits in or that do not grow."""
    if not widths or min(widths) < 240 or list(widths) != sorted(set(widths)):
        raise ValueError(f"widths must grow from at least 240 pixels, but are {widths}")
