"""Vega's SVG made fit for a page: one image with a title and a description, attributes only, nothing that runs."""

import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from concord.charts.palette import INK, resolved

SVG = "http://www.w3.org/2000/svg"
DRAWN = {"path", "line", "text", "rect"}
PLACES = ("transform", "d", "x", "y", "x1", "x2", "y1", "y2", "width", "height")
PAINT = ("fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray")
KEPT = (*PLACES, *PAINT, "text-anchor", "font-weight", "font-size")
# What every reader of SVG assumes, or what the root says already.
ASSUMED = {
    ("font-size", "12px"),
    ("text-anchor", "start"),
    ("y2", "0"),
    ("x2", "0"),
    ("font-weight", "normal"),
}
_LONG = re.compile(r"-?\d+\.\d{3,}(?:e-?\d+)?")
_TITLE_ROOM = 30.0


def accessible(
    drawn: str,
    *,
    key: str,
    title: str,
    description: str,
    left: float,
    top: float,
    width: float,
    height: float,
) -> str:
    """Return the picture as one image, `left` and `top` pixels of it before the drawing's own origin.

    Vega's own roles, labels, classes and measures of the whole are dropped: they depend on the worker's fonts. A mark's
    label becomes the words shown on hovering.
    """
    # The XML comes from our own renderer, which escapes every label.
    root = ElementTree.fromstring(drawn)  # noqa: S314
    image = Element("svg", _root(key, left, top, width, height))
    SubElement(image, "title", {"id": f"{key}-title"}).text = title
    SubElement(image, "desc", {"id": f"{key}-desc"}).text = description
    inner = SubElement(image, "g", {"aria-hidden": "true", "fill": "none"})
    for child in root:
        # The outermost group is moved by as much as Vega found labels to stick out.
        for part in child:
            _copy(part, inner)
    return ElementTree.tostring(image, encoding="unicode")


def _root(key: str, left: float, top: float, width: float, height: float) -> dict[str, str]:
    return {
        "xmlns": SVG,
        "class": "drawing",
        "role": "img",
        "aria-labelledby": f"{key}-title {key}-desc",
        "width": f"{width:g}",
        "height": f"{height:g}",
        "viewBox": f"{-left:g} {-top:g} {width:g} {height:g}",
        "direction": "ltr",
        "font-family": "var(--sans)",
        "font-size": "12",
    }


def _copy(element: Element, into: Element) -> None:
    """Copy what is seen; groups that say nothing are opened."""
    tag = element.tag.removeprefix(f"{{{SVG}}}")
    if tag == "g":
        kept = _attributes(element)
        target = SubElement(into, "g", kept) if kept else into
        for child in element:
            _copy(child, target)
    elif tag not in DRAWN:
        raise ValueError(f"a picture is made of {', '.join(sorted(DRAWN))}, but <{tag}> was drawn")
    elif element.get("class") not in ("background", "foreground") and element.get("stroke") != "none":
        made = SubElement(into, tag, _attributes(element))
        made.text = element.text
        if element.get("aria-label"):
            SubElement(made, "title").text = element.get("aria-label")


def _attributes(element: Element) -> dict[str, str]:
    found = {name: _short(element.attrib[name]) for name in KEPT if name in element.attrib}
    return {
        name: value
        for name, value in found.items()
        if (name, value) not in ASSUMED and (name, value) != ("transform", "translate(0,0)")
    }


def _short(value: str) -> str:
    """Round coordinates to a hundredth of a pixel."""
    return _LONG.sub(lambda found: f"{round(float(found[0]), 2):g}", value)


def as_file(svg: str, *, title: str) -> str:
    """Return the picture that other programs show: light colours in place of variables, and its title above it."""
    root = ElementTree.fromstring(svg)  # noqa: S314
    left, top, width, height = (float(part) for part in root.attrib["viewBox"].split())
    root.set("viewBox", f"{left:g} {top - _TITLE_ROOM:g} {width:g} {height + _TITLE_ROOM:g}")
    root.set("height", f"{height + _TITLE_ROOM:g}")
    place = {"x": f"{left:g}", "y": f"{top - _TITLE_ROOM + 14:g}", "font-size": "14", "font-weight": "600"}
    SubElement(root, f"{{{SVG}}}text", {**place, "fill": INK, "aria-hidden": "true"}).text = title
    ElementTree.register_namespace("", SVG)
    return resolved(ElementTree.tostring(root, encoding="unicode"))
