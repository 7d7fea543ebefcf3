"""Names beside their marks: the first free place around it, and none rather than one on top of another."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.charts.labels import Box, Label, place_labels
from concord.charts.text import width_of

WIDE = Box(left=-1000, right=1000, top=-1000, bottom=1000)


def box(label: Label, text: str) -> Box:
    left = label.x if label.anchor == "left" else label.x - width_of(text)
    return Box(left=left, right=left + width_of(text), top=label.y - 8, bottom=label.y + 8)


def test_a_lone_name_stands_to_the_right_and_above() -> None:
    assert place_labels([(10.0, 20.0)], ["name"], WIDE) == [Label(x=16.0, y=10.0, anchor="left")]


@pytest.mark.parametrize(
    ("room", "place"),
    [
        (Box(left=-1000, right=11, top=-1000, bottom=1000), Label(x=4.0, y=10.0, anchor="right")),
        (Box(left=-1000, right=1000, top=3, bottom=1000), Label(x=16.0, y=30.0, anchor="left")),
        (Box(left=-1000, right=11, top=3, bottom=1000), Label(x=4.0, y=30.0, anchor="right")),
        (Box(left=0, right=11, top=3, bottom=1000), None),
    ],
    ids=["no room to the right", "none above", "neither", "none at all"],
)
def test_without_room_it_takes_the_next_place_around_its_mark(room: Box, place: Label | None) -> None:
    assert place_labels([(10.0, 20.0)], ["name"], room) == [place]


def test_a_room_that_just_fits_is_room_enough() -> None:
    exact = Box(left=16, right=16 + width_of("name"), top=2, bottom=18)
    assert place_labels([(10.0, 20.0)], ["name"], exact) == [Label(x=16.0, y=10.0, anchor="left")]


def test_a_name_may_lie_at_its_own_mark_but_never_on_the_next_one() -> None:
    first, second = place_labels([(0.0, 0.0), (30.0, -10.0)], ["name", "b"], WIDE)
    assert first is not None
    assert first.anchor == "right"
    assert second == Label(x=36.0, y=-20.0, anchor="left")


def test_boxes_that_only_touch_do_not_meet() -> None:
    one = Box(left=0, right=10, top=0, bottom=10)
    assert not one.meets(Box(left=10, right=20, top=0, bottom=10))
    assert not one.meets(Box(left=0, right=10, top=10, bottom=20))
    assert not one.meets(Box(left=-9, right=0, top=-9, bottom=0))
    assert one.meets(Box(left=9.9, right=20, top=9.9, bottom=20))
    assert one.meets(Box(left=2, right=3, top=2, bottom=3))


def test_a_box_within_another_may_share_its_edges() -> None:
    outer = Box(left=0, right=10, top=0, bottom=10)
    assert outer.within(outer)
    for part in ({"left": -0.1}, {"right": 10.1}, {"top": -0.1}, {"bottom": 10.1}):
        assert not Box(**({"left": 0.0, "right": 10.0, "top": 0.0, "bottom": 10.0} | part)).within(outer)


@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 200)), min_size=1, max_size=12),
    st.lists(st.text("abcdefgh WM", min_size=1, max_size=12), min_size=12, max_size=12),
)
def test_names_never_lie_on_names_or_on_marks_of_others_or_outside(
    at: list[tuple[int, int]], texts: list[str]
) -> None:
    points = [(float(x), float(y)) for x, y in at]
    room = Box(left=0, right=320, top=0, bottom=200)
    placed = place_labels(points, texts[: len(points)], room)
    assert len(placed) == len(points)
    boxes = {place: box(label, texts[place]) for place, label in enumerate(placed) if label is not None}
    for (_, one), (_, other) in combinations(boxes.items(), 2):
        assert not one.meets(other)
    for place, one in boxes.items():
        assert one.within(room)
        for other, (x, y) in enumerate(points):
            mark = Box(left=x - 6, right=x + 6, top=y - 6, bottom=y + 6)
            assert other == place or not one.meets(mark)


def test_as_many_names_as_marks_are_asked_for() -> None:
    with pytest.raises(ValueError, match="zip"):
        place_labels([(0.0, 0.0)], ["a", "b"], WIDE)
