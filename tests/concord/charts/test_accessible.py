"""Whatever the labels are, a picture is one image that says what it is, in names of colours, and does nothing."""

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from concord.charts.accessible import accessible
from concord.charts.differences import differences
from concord.charts.distribution import distribution
from concord.charts.forest import forest
from concord.charts.palette import LIGHT
from concord.charts.rendering import as_png
from concord.charts.rows import Axis, DifferenceRow, DistributionRow, ForestRow, ScatterRow
from concord.charts.scatter import scatter

HOSTILE = (
    "\"><script>alert(1)</script>&amp;\u202eelgoog\x00\x1b[2J\ud800\uffff\n{{7*7}} url(x) ' + alert(2) + '"
)
LONG = "Donaudampfschifffahrtsgesellschaft" * 9
ARABIC = "شبكة عصبية كبيرة"
NAMES = (HOSTILE, LONG, ARABIC)
AXIS = Axis(name=HOSTILE, unit=HOSTILE, better="lower", line=0.5, line_says=HOSTILE)
SVG = "{http://www.w3.org/2000/svg}"
TAGS = {"svg", "title", "desc", "g", "path", "line", "text", "rect"}
WIDTHS = (300.0, 640.0)


def _forest() -> Any:
    rows = [
        ForestRow(system=name, dimension=HOSTILE, side="people", value=0.4, low=0.3, high=0.5, says=name)
        for name in NAMES
    ]
    rows.append(ForestRow(system="x", dimension=HOSTILE, side="joint", value=None, undefined=HOSTILE))
    return forest(rows, [AXIS], key="p", title=HOSTILE, widths=WIDTHS)


def _differences() -> Any:
    rows = [
        DifferenceRow(system=name, against="x", value=0.1, low=0.0, high=0.2, says=name) for name in NAMES
    ]
    rows.append(DifferenceRow(system="x", against=HOSTILE, value=None, undefined=HOSTILE))
    return differences(rows, AXIS, key="p", title=HOSTILE, widths=WIDTHS)


def _scatter() -> Any:
    rows = [
        ScatterRow(system=name, number=i, x=0.1 * i, y=0.2, x_low=0.0, x_high=0.4, says=name)
        for i, name in enumerate(NAMES)
    ]
    return scatter(rows, AXIS, AXIS, key="p", title=HOSTILE, diagonal=True, widths=WIDTHS)


def _distribution(form: Any) -> Any:
    rows = [DistributionRow(system=name, number=i, values=(1.0, 2.0, 4.0)) for i, name in enumerate(NAMES)]
    rows.append(DistributionRow(system="x", number=3, values=(), undefined=HOSTILE))
    return distribution(rows, AXIS, key="p", title=HOSTILE, form=form, widths=WIDTHS)


MAKERS = {
    "forest": _forest,
    "differences": _differences,
    "scatter": _scatter,
    "steps": lambda: _distribution("steps"),
    "dots": lambda: _distribution("dots"),
    "bars": lambda: _distribution("bars"),
}


@pytest.fixture(scope="module", params=MAKERS)
def picture(request: Any) -> Any:
    return MAKERS[request.param]()


def test_it_is_one_image_with_title_and_description(picture: Any) -> None:
    for svg in [*(page.svg for page in picture.pages), picture.file]:
        root = ElementTree.fromstring(svg)
        assert [one.get("role") for one in root.iter() if one.get("role")] == ["img"]
        title, description = root[0], root[1]
        assert (title.tag, description.tag) == (f"{SVG}title", f"{SVG}desc")
        assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
        assert title.text
        assert "table holds all figures" in (description.text or "")
        assert all(part.get("aria-hidden") == "true" for part in root[2:])


def test_nothing_in_it_runs_or_styles_or_fetches(picture: Any) -> None:
    for svg in [*(page.svg for page in picture.pages), picture.file]:
        root = ElementTree.fromstring(svg)
        assert {one.tag.removeprefix(SVG) for one in root.iter()} <= TAGS
        for one in root.iter():
            for name, value in one.attrib.items():
                assert name not in ("style", "href", "class") or (name, value) == ("class", "drawing")
                assert not name.startswith(("on", "{"))
                assert "url(" not in value
                assert "javascript" not in value


def test_hostile_labels_are_words_and_nothing_else(picture: Any) -> None:
    said = "".join(ElementTree.fromstring(picture.pages[-1].svg).itertext())
    assert "<script>" in said
    assert not set("\u202e\x00\x1b\ud800\uffff\n") & set(said)


def test_a_page_gets_names_of_colours_and_a_file_gets_colours(picture: Any) -> None:
    painted = [
        (one.get(name), svg is picture.file)
        for svg in [*(page.svg for page in picture.pages), picture.file]
        for one in ElementTree.fromstring(svg).iter()
        for name in ("fill", "stroke")
        if one.get(name) not in (None, "none")
    ]
    assert painted
    for colour, in_file in painted:
        assert re.fullmatch(r"#[0-9a-f]{6}" if in_file else r"var\(--[a-z0-9-]+\)", str(colour))
        if not in_file:
            assert str(colour)[6:-1] in LIGHT
    assert "var(--" not in picture.file.replace(HOSTILE, "")


def test_no_text_is_below_twelve_pixels(picture: Any) -> None:
    for page in picture.pages:
        root = ElementTree.fromstring(page.svg)
        width, height = root.attrib["viewBox"].split()[2:]
        assert (root.get("width"), root.get("height")) == (width, height)
        sizes = [float(one.get("font-size", "12").removesuffix("px")) for one in root.iter()]
        assert min(sizes) >= 12


def test_ids_are_its_own(picture: Any) -> None:
    ids = [
        one.get("id")
        for page in picture.pages
        for one in ElementTree.fromstring(page.svg).iter()
        if one.get("id")
    ]
    assert len(ids) == len(set(ids)) == 4
    assert all(str(one).startswith("p-") for one in ids)


def test_the_ground_is_transparent(picture: Any) -> None:
    root = ElementTree.fromstring(picture.file)
    width = float(root.attrib["width"])
    for one in root.iter():
        numbers = [float(part) for part in re.findall(r"-?\d+\.?\d*", one.get("d", ""))]
        assert not (one.get("fill") == LIGHT["surface"] and numbers and max(numbers) > width / 2)


def test_the_file_says_its_title_above_the_picture() -> None:
    root = ElementTree.fromstring(_forest().file)
    first = root[-1]
    assert "script" in (first.text or "")
    assert float(first.get("y", 0)) > float(root.attrib["viewBox"].split()[1])


def test_pixels_are_a_png_of_twice_the_size_on_white() -> None:
    picture = _scatter()
    png = as_png(picture)
    assert png.startswith(b"\x89PNG")
    assert int.from_bytes(png[16:20], "big") == 2 * picture.pages[-1].width


@pytest.mark.parametrize("key", ["", "1a", 'a"b', "Ab", "a b"])
def test_a_key_that_would_not_be_an_id_is_refused(key: str) -> None:
    row = DifferenceRow(system="a", against="b", value=0.0)
    with pytest.raises(ValueError, match="key"):
        differences([row], Axis(name="x"), key=key, title="t")


def test_what_no_picture_is_made_of_is_refused() -> None:
    drawn = '<svg xmlns="http://www.w3.org/2000/svg"><g><image href="x"/></g></svg>'
    with pytest.raises(ValueError, match="<image>"):
        accessible(drawn, key="a", title="", description="", left=0, top=0, width=1, height=1)


def test_colours_of_files_are_those_of_the_light_theme() -> None:
    sheet = (Path(__file__).resolve().parents[3] / "static/css/tokens.css").read_text()
    named = dict(re.findall(r"--([a-z0-9-]+): (?:light-dark\()?(#[0-9a-f]{6})[;,]", sheet))
    assert {name: named[name] for name in LIGHT if name != "sans"} == {
        name: value for name, value in LIGHT.items() if name != "sans"
    }
    assert f"--sans: {LIGHT['sans']};".replace("'", '"') in sheet
