"""A drawn picture, read back: what stands where."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

import pytest

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
