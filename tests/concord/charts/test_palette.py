"""A system looks the same everywhere, and two systems differ in more than colour."""

from itertools import pairwise

from concord.charts.palette import look_of, resolved


def test_of_thirty_two_systems_no_two_look_alike_and_neighbours_differ_in_both() -> None:
    for start in (0, 1, 17, 1000):
        looks = [look_of(number) for number in range(start, start + 32)]
        assert len(set(looks)) == 32
        for one, other in pairwise(looks):
            assert one.colour != other.colour
            assert one.shape != other.shape


def test_only_whole_attributes_are_resolved() -> None:
    assert resolved('<a fill="var(--ink)">var(--ink)</a>') == '<a fill="#16191d">var(--ink)</a>'
