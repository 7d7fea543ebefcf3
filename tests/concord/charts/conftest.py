"""A picture read back: what stands where, from the SVG that was drawn, or sooner from what Vega was told to draw."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import pytest
import vl_convert

from concord.charts.picture import Picture
from concord.charts.text import width_of

SVG = "{http://www.w3.org/2000/svg}"
MOVED = re.compile(r"translate\(([-\d.e]+),([-\d.e]+)\)")


@dataclass(frozen=True)
class Seen:
    """One element with its place on the sheet; `says` is what it shows on hovering."""

    tag: str
    x: float
    y: float
    text: str
    says: str
    attributes: dict[str, str]

    def number(self, name: str) -> float:
        return float(self.attributes.get(name, 0))


@dataclass(frozen=True)
class Sheet:
    root: ElementTree.Element
    seen: tuple[Seen, ...]

    def texts(self) -> list[str]:
        return [one.text for one in self.seen if one.tag == "text"]

    def text(self, text: str) -> Seen:
        return next(one for one in self.seen if one.tag == "text" and one.text == text)

    def mark(self, says: str) -> Seen:
        return next(one for one in self.seen if one.tag == "path" and says in one.says)

    def marks(self) -> list[Seen]:
        return [one for one in self.seen if one.tag == "path" and one.says]

    def lines(self, stroke: str) -> list[Seen]:
        return [one for one in self.seen if one.tag == "line" and one.attributes.get("stroke") == stroke]


def _walk(element: ElementTree.Element, x: float, y: float) -> Iterator[Seen]:
    moved = MOVED.search(element.get("transform", ""))
    if moved:
        x, y = x + float(moved[1]), y + float(moved[2])
    tag = element.tag.removeprefix(SVG)
    if tag in ("path", "line", "text", "rect"):
        title = element.find(f"{SVG}title")
        says = "" if title is None else title.text or ""
        yield Seen(tag, x, y, element.text or "", says, dict(element.attrib))
    for child in element:
        yield from _walk(child, x, y)


@dataclass(frozen=True)
class Box:
    left: float
    right: float
    top: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across > 0.01 and down > 0.01

    def within(self, other: "Box") -> bool:
        return (
            other.left - 0.01 <= self.left
            and self.right <= other.right + 0.01
            and other.top - 0.01 <= self.top
            and self.bottom <= other.bottom + 0.01
        )


@dataclass(frozen=True)
class Told:
    """One mark that Vega is told to draw, in pixels of the sheet; `row` are its data."""

    kind: str
    panel: int
    x: float
    y: float
    x2: float
    y2: float
    row: dict[str, Any]
    mark: dict[str, Any]

    @property
    def text(self) -> str:
        return str(self.row["text"])

    @property
    def box(self) -> Box:
        """Of a text: as wide as it is reckoned, from the top of its letters to their foot."""
        width = width_of(self.text, bold=self.mark["fontWeight"] == "bold")
        left = {"left": self.x, "right": self.x - width, "center": self.x - width / 2}[self.mark["align"]]
        return Box(left, left + width, self.y - 6, self.y + 6)


@dataclass(frozen=True)
class Laid:
    """One width of a picture as it is laid out, before a font or a renderer has touched it."""

    sheet: Box
    panels: tuple[Box, ...]
    told: tuple[Told, ...]

    def of(self, kind: str) -> list[Told]:
        return [one for one in self.told if one.kind == kind]

    def words(self) -> list[Told]:
        """Every text once: a halo is the same text behind itself."""
        return [one for one in self.of("text") if "stroke" not in one.mark]

    def word(self, text: str) -> Told:
        return next(one for one in self.words() if one.text == text)

    def spots(self) -> list[Told]:
        return [one for one in self.of("point") if "says" in one.row]

    def spot(self, says: str) -> Told:
        return next(one for one in self.spots() if says in one.row["says"])

    def tick_words(self) -> list[Told]:
        return self.of("tick")


def _laid(spec: dict[str, Any], svg: str) -> Laid:
    left, top, width, height = map(float, ElementTree.fromstring(svg).attrib["viewBox"].split())
    panels, told = [], []
    for place, panel in enumerate(spec["concat"]):
        band, column = divmod(place, spec["columns"])
        x = column * (panel["width"] + spec["spacing"]["column"])
        y = band * (panel["height"] + spec["spacing"]["row"])
        panels.append(Box(x, x + panel["width"], y, y + panel["height"]))
        for layer in panel["layer"]:
            told += _told(layer, place, panels[-1])
    return Laid(Box(left, left + width, top, top + height), tuple(panels), tuple(told))


def _told(layer: dict[str, Any], place: int, panel: Box) -> Iterator[Told]:
    ways, mark = layer["encoding"], layer["mark"]

    def at(channel: str, row: dict[str, Any], beside: str = "") -> float:
        way = ways.get(channel) or ways[beside]
        scale = ways[channel.removesuffix("2")].get("scale")
        value = float(row[way["field"]])
        start, end = (panel.left, panel.right) if channel.startswith("x") else (panel.bottom, panel.top)
        if scale is None:
            return value + (panel.left if channel.startswith("x") else panel.top)
        low, high = scale["domain"]
        return start + (value - low) / (high - low) * (end - start)

    for row in layer["data"]["values"]:
        x, y = at("x", row), at("y", row)
        yield Told(mark["type"], place, x, y, at("x2", row, "x"), at("y2", row, "y"), row, mark)
    for channel in ("x", "y"):
        axis = ways[channel].get("axis")
        for tick in axis["values"] if axis else []:
            shown = re.fullmatch(
                r"format\(datum\.value \* (\S+), ',\.(\d+)f'\) \+ \"(.*)\"", axis["labelExpr"]
            )
            assert shown is not None
            text = f"{tick * float(shown[1]):,.{int(shown[2])}f}{shown[3]}".encode().decode("unicode_escape")
            low, high = ways[channel]["scale"]["domain"]
            part = (tick - low) / (high - low)
            x = panel.left + part * (panel.right - panel.left) if channel == "x" else panel.left - 6
            y = panel.bottom + 12 if channel == "x" else panel.bottom - part * (panel.bottom - panel.top)
            seen = {"align": "center" if channel == "x" else "right", "fontWeight": "normal"}
            yield Told("tick", place, x, y, x, y, {"text": text, "value": tick, "channel": channel}, seen)


@pytest.fixture(scope="session")
def laid() -> Callable[[Callable[[], Picture]], list[Laid]]:
    """What a call would have drawn, at each width. Nothing is rendered, so that a test can ask it many times."""
    nothing = '<svg xmlns="http://www.w3.org/2000/svg"><g/></svg>'

    def laying(draw: Callable[[], Picture]) -> list[Laid]:
        specs: list[dict[str, Any]] = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(vl_convert, "vegalite_to_svg", lambda spec, **_: specs.append(spec) or nothing)
            pages = draw().pages
        return [_laid(spec, page.svg) for spec, page in zip(specs, pages, strict=True)]

    return laying


@pytest.fixture(scope="session")
def read() -> Callable[[str], Sheet]:
    def reading(svg: str) -> Sheet:
        root = ElementTree.fromstring(svg)
        return Sheet(root, tuple(_walk(root, 0.0, 0.0)))

    return reading


@pytest.fixture(scope="session")
def along() -> Callable[[Sheet, str, float, str, float], Callable[[float], float]]:
    """Where a value lies across, by two ticks whose texts are on the sheet: nothing of ours is used to find it."""

    def between(sheet: Sheet, first: str, one: float, second: str, other: float) -> Callable[[float], float]:
        a, b = sheet.text(first).x, sheet.text(second).x
        return lambda value: a + (value - one) / (other - one) * (b - a)

    return between
