"""A system looks the same everywhere, and two systems differ in more than colour."""

from itertools import combinations, pairwise

import pytest

from concord.charts.palette import INK, LIGHT, LINE, SOFT, STRONG, SUNKEN, SURFACE, Look, look_of, resolved


def test_of_thirty_two_systems_no_two_look_alike_and_neighbours_differ_in_both() -> None:
    for start in (0, 1, 17, 1000):
        looks = [look_of(number) for number in range(start, start + 32)]
        assert len(set(looks)) == 32
        for one, other in pairwise(looks):
            assert one.colour != other.colour
            assert one.shape != other.shape


def test_only_whole_attributes_are_resolved() -> None:
    assert resolved('<a fill="var(--ink)">var(--ink)</a>') == '<a fill="#16191d">var(--ink)</a>'


@pytest.mark.parametrize(
    ("number", "colour", "shape"),
    [
        (0, 1, "circle"),
        (1, 2, "square"),
        (7, 8, "diamond"),
        (8, 1, "square"),
        (9, 2, "triangle-up"),
        (16, 1, "triangle-up"),
        (31, 8, "triangle-up"),
        (32, 1, "circle"),
    ],
)
def test_a_systems_number_alone_decides_its_look(number: int, colour: int, shape: str) -> None:
    assert look_of(number) == Look(colour=f"var(--series-{colour})", shape=shape)


def _luminance(colour: str) -> float:
    """Relative luminance of WCAG 2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted([_luminance(LIGHT[one]), _luminance(LIGHT[other])], reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("ground", ["surface", "surface-sunken"])
def test_words_of_a_file_can_be_read_on_either_ground(ground: str) -> None:
    assert _contrast("ink", ground) >= 7
    assert _contrast("ink-soft", ground) >= 4.5


def test_colours_of_systems_are_told_apart_in_the_file() -> None:
    series = [LIGHT[f"series-{number}"] for number in range(1, 9)]
    rgb = [tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5)) for colour in series]
    apart = [
        sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5
        for one, other in combinations(rgb, 2)
    ]
    assert min(apart) > 50


def test_every_variable_of_a_picture_has_a_colour_and_no_other_text_is_touched() -> None:
    for name in (INK, SOFT, LINE, STRONG, SURFACE, SUNKEN):
        assert resolved(f'<a fill="{name}"/>') == f'<a fill="{LIGHT[name[6:-1]]}"/>'
    for text in (
        '<a d="x var(--ink)"/>',
        "<a>var(--ink)</a>",
        '<a fill="var(--ink) "/>',
        "<a fill='var(--ink)'/>",
    ):
        assert resolved(text) == text
    with pytest.raises(KeyError):
        resolved('<a fill="var(--unknown)"/>')
