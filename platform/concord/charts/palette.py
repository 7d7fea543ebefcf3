"""Colours by name: a page's theme decides what they are; a file gets the light theme's values.

The values repeat `static/css/tokens.css`; a test holds the two together.
"""

import re
from dataclasses import dataclass

INK, SOFT, LINE, STRONG = "var(--ink)", "var(--ink-soft)", "var(--line)", "var(--line-strong)"
SURFACE, SUNKEN = "var(--surface)", "var(--surface-sunken)"
LIGHT = {
    "ink": "#16191d",
    "ink-soft": "#444c55",
    "line": "#d8dce1",
    "line-strong": "#8a939d",
    "surface": "#ffffff",
    "surface-sunken": "#eef0f2",
    "series-1": "#0072b2",
    "series-2": "#e69f00",
    "series-3": "#009e73",
    "series-4": "#d55e00",
    "series-5": "#cc79a7",
    "series-6": "#56b4e9",
    "series-7": "#b3a400",
    "series-8": "#4d4d4d",
    "sans": (
        "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', 'DejaVu Sans', Arial, sans-serif"
    ),
}
COLOURS = 8
SHAPES = ("circle", "square", "triangle-up", "diamond")
_VARIABLE = re.compile(r"(?<==\")var\(--([a-z0-9-]+)\)(?=\")")


@dataclass(frozen=True, kw_only=True)
class Look:
    """How one system is drawn, on every page: its colour and its mark."""

    colour: str
    shape: str


def look_of(number: int) -> Look:
    """Return colour and mark of the system with this number (its key, which never changes).

    Of 32 numbers in a row no two look alike, and neighbours differ in both.
    """
    turn = number // COLOURS
    return Look(colour=f"var(--series-{number % COLOURS + 1})", shape=SHAPES[(number + turn) % len(SHAPES)])


def resolved(svg: str) -> str:
    """Return the picture with the light theme's values in place of variables; only whole attributes are variables."""
    return _VARIABLE.sub(lambda found: LIGHT[found[1]], svg)
