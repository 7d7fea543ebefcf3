"""A sheet becomes a picture: once for each width with ids of its own, and once as a file for other programs."""

import io
import json
from typing import Any
from xml.etree import ElementTree

import pytest
from PIL import Image

from concord.charts.accessible import accessible, as_file
from concord.charts.differences import differences
from concord.charts.picture import WIDTHS
from concord.charts.rendering import VEGA_LITE, as_png, check_key, check_widths, concatenated
from concord.charts.rows import Axis, DifferenceRow

SVG = "{http://www.w3.org/2000/svg}"
BARE = '<svg xmlns="http://www.w3.org/2000/svg">{}</svg>'


def made(inner: str, **more: Any) -> ElementTree.Element:
    given = {
        "key": "a",
        "title": "T",
        "description": "D",
        "left": 10.0,
        "top": 5.5,
        "width": 200,
        "height": 90,
    }
    return ElementTree.fromstring(accessible(BARE.format(inner), **(given | more)))


def parts(root: ElementTree.Element) -> list[ElementTree.Element]:
    return [one for one in root[2].iter() if one is not root[2]]


def tag(element: ElementTree.Element) -> str:
    return element.tag.removeprefix(SVG)


@pytest.fixture(scope="module")
def picture() -> Any:
    row = DifferenceRow(system="a", against="b", value=0.5, low=0.25, high=0.75)
    return differences([row], Axis(name="gap"), key="gap", title="Gap & more <i>")


def test_each_width_is_a_page_with_its_own_ids_and_the_widest_is_the_file(picture: Any) -> None:
    assert [page.width for page in picture.pages] == list(WIDTHS)
    for page in picture.pages:
        root = ElementTree.fromstring(page.svg)
        assert root.get("aria-labelledby") == f"gap-{page.width:g}-title gap-{page.width:g}-desc"
        assert (float(root.attrib["width"]), float(root.attrib["height"])) == (page.width, page.height)
    file = ElementTree.fromstring(picture.file)
    assert float(file.attrib["width"]) == WIDTHS[-1]
    assert float(file.attrib["height"]) == picture.pages[-1].height + 30


def test_what_is_kept_is_json_and_holds_all_there_is(picture: Any) -> None:
    kept = json.loads(json.dumps(picture.as_json()))
    assert set(kept) == {"key", "title", "description", "pages", "file"}
    assert (kept["key"], kept["title"], kept["file"]) == ("gap", "Gap & more <i>", picture.file)
    assert [(page["width"], page["height"], page["svg"]) for page in kept["pages"]] == [
        (page.width, page.height, page.svg) for page in picture.pages
    ]


def test_pixels_are_twice_the_size_on_white(picture: Any) -> None:
    image = Image.open(io.BytesIO(as_png(picture))).convert("RGB")
    height = picture.pages[-1].height + 30
    assert image.size == (2 * WIDTHS[-1], 2 * height)
    corners = [(0, 0), (image.width - 1, 0), (0, image.height - 1), (image.width - 1, image.height - 1)]
    assert {image.getpixel(corner) for corner in corners} == {(255, 255, 255)}
    assert len(image.getcolors(1 << 20) or []) > 3


def test_the_sheet_begins_before_the_drawings_origin() -> None:
    root = made("")
    assert root.get("viewBox") == "-10 -5.5 200 90"
    assert (root.get("role"), root.get("direction"), root.get("font-family")) == ("img", "ltr", "var(--sans)")
    assert [(tag(one), one.text) for one in root[:2]] == [("title", "T"), ("desc", "D")]


def test_vegas_own_outermost_move_is_dropped_and_all_others_kept() -> None:
    root = made(
        '<g transform="translate(7,3)"><g transform="translate(0,0)"><path d="M0,0h5"/></g>'
        '<g transform="translate(20,1.23456)"><rect width="3" height="4"/></g></g>'
    )
    assert [(tag(one), one.attrib) for one in parts(root)] == [
        ("path", {"d": "M0,0h5"}),
        ("g", {"transform": "translate(20,1.23)"}),
        ("rect", {"width": "3", "height": "4"}),
    ]


def test_grounds_frames_and_what_has_no_line_are_left_out() -> None:
    root = made(
        '<g><path class="background" d="M0,0"/><path class="foreground" d="M0,0"/><line stroke="none"/>'
        '<line stroke="var(--ink)"/></g>'
    )
    assert [one.attrib for one in parts(root)] == [{"stroke": "var(--ink)"}]


def test_only_attributes_that_are_seen_are_kept_and_none_that_every_reader_assumes() -> None:
    root = made(
        '<g role="graphics-object" class="x"><text style="fill:red" onclick="x()" id="y" x="1" y2="0" x2="0"'
        ' font-size="12px" text-anchor="start" font-weight="normal" fill="var(--ink)">w</text>'
        '<text font-size="14px" text-anchor="end" font-weight="bold" x2="7">v</text></g>'
    )
    assert [(one.text, one.attrib) for one in parts(root)] == [
        ("w", {"x": "1", "fill": "var(--ink)"}),
        ("v", {"font-size": "14px", "text-anchor": "end", "font-weight": "bold", "x2": "7"}),
    ]


def test_a_marks_label_becomes_the_words_of_hovering() -> None:
    root = made('<g><path d="M0,0" aria-label="Ada: &lt;0.5&gt;" aria-roledescription="point"/></g>')
    path = parts(root)[0]
    assert [(tag(one), one.text) for one in path] == [("title", "Ada: <0.5>")]
    assert set(path.attrib) == {"d"}


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("M0.12345,6.789L-1.0051,2", "M0.12,6.79L-1.01,2"),
        ("M1.5,2.25", "M1.5,2.25"),
        ("M1e-7,0.0000001234e-3", "M1e-7,0"),
        ("M100.999,-0.001", "M101,-0"),
        ("M1234.5678,0", "M1234.57,0"),
    ],
)
def test_coordinates_are_kept_to_a_hundredth_of_a_pixel(written: str, kept: str) -> None:
    assert parts(made(f'<g><path d="{written}"/></g>'))[0].get("d") == kept


def test_a_file_has_thirty_pixels_more_above_with_its_title_in_them() -> None:
    svg = ElementTree.tostring(made('<g><path d="M0,0" fill="var(--series-1)"/></g>'), encoding="unicode")
    root = ElementTree.fromstring(as_file(svg, title="A & B"))
    assert root.get("viewBox") == "-10 -35.5 200 120"
    assert (root.get("width"), root.get("height")) == ("200", "120")
    title = root[-1]
    assert (title.text, title.get("x"), title.get("y")) == ("A & B", "-10", "-21.5")
    assert (title.get("fill"), title.get("aria-hidden")) == ("#16191d", "true")
    assert parts(root)[0].get("fill") == "#0072b2"
    assert "ns0:" not in as_file(svg, title="A & B")


@pytest.mark.parametrize("key", ["a", "a1", "trade-off-2"])
def test_plain_names_are_keys(key: str) -> None:
    check_key(key)


@pytest.mark.parametrize("widths", [(), (239.0,), (300.0, 300.0), (640.0, 300.0), (239.9, 640.0)])
def test_widths_that_hold_nothing_or_do_not_grow_are_refused(widths: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="must grow from at least 240"):
        check_widths(widths)


@pytest.mark.parametrize("widths", [(240.0,), (240.0, 240.5), WIDTHS])
def test_widths_that_grow_are_taken(widths: tuple[float, ...]) -> None:
    check_widths(widths)


def test_panels_stand_exactly_so_far_apart_and_share_no_scale() -> None:
    spec = concatenated([{"layer": []}], columns=3, gap=7.0, row_gap=11.0)
    assert spec["spacing"] == {"row": 11.0, "column": 7.0}
    assert (spec["columns"], spec["bounds"]) == (3, "flush")
    assert spec["resolve"] == {"scale": {"x": "independent", "y": "independent"}}
    assert spec["config"]["view"] == {"stroke": None}
    assert VEGA_LITE.count(".") == 1
