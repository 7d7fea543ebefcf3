"""Numbers as people read them."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.template import Context, Template
from django.utils import timezone

from concord.estimates.formatting import (
    aligned,
    column_digits,
    decimals,
    duration,
    estimate_parts,
    in_column,
    number,
    since,
)


@dataclass
class Figure:
    value: float
    low: float
    high: float
    n: int | None = None
    undefined: str | None = None


def shown(text: str, **context: object) -> str:
    return Template(text).render(Context(context))


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (12345, None, "12,345"),
        (12345.678, None, "12,346"),
        (1234.5, 1, "1,234.5"),
        (0.71834, 2, "0.72"),
        (0.000123, None, "0.000123"),
        (-2.5, None, "\u22122.50"),
        (-0.0001, 2, "0.00"),
        (0, None, "0"),
        (float("nan"), None, "undefined"),
        (float("inf"), None, "undefined"),
        (None, None, "undefined"),
        ("words", None, "undefined"),
        (1, None, "1"),
        (0.5, None, "0.500"),
        (99.46, None, "99.5"),
        (100.4, None, "100"),
        (1e6, None, "1,000,000"),
        (-1234.5, 0, "\u22121,234"),
    ],
)
def test_number(value: object, digits: int | None, text: str) -> None:
    assert number(value, digits) == text


@pytest.mark.parametrize(
    ("low", "high", "digits"),
    [
        (0.68, 0.76, 2),
        (0.712, 0.736, 3),
        (0.2, 0.8, 1),
        (0.1, 0.5, 2),
        (480.0, 560.0, 0),
        (0.5, 0.5, 3),
        (1e-9, 2e-9, 6),
        (0.0, 0.6, 1),
        (0.0, 0.58, 2),
        (0.4, 0.0, 2),
        (0.0, 4.0, 1),
        (0.0, 6.0, 0),
        (0.0, float("inf"), 3),
    ],
)
def test_decimals_that_an_interval_can_bear(low: float, high: float, digits: int) -> None:
    assert decimals(low, high) == digits


def test_an_estimate_is_value_interval_n() -> None:
    parts = estimate_parts(Figure(0.7234, 0.683, 0.761, 412))
    assert (parts.value, parts.low, parts.high, parts.n) == ("0.72", "0.68", "0.76", "412")


def test_an_estimate_from_stored_json_is_the_same() -> None:
    assert estimate_parts({"value": 0.7234, "low": 0.683, "high": 0.761, "n": 412}) == estimate_parts(
        Figure(0.7234, 0.683, 0.761, 412)
    )


def test_an_undefined_estimate_is_its_reason_never_zero() -> None:
    nan = float("nan")
    assert estimate_parts(Figure(nan, nan, nan, 0, "no ratings yet")).undefined == "no ratings yet"
    assert estimate_parts({"value": None, "low": None, "high": None}).undefined == "undefined"
    assert estimate_parts(None).undefined == "not computed"


def test_the_interval_filter_escapes_reasons() -> None:
    assert "<b>" not in shown("{{ e|interval }}", e={"value": None, "undefined": "<b>x</b>"})


def test_the_interval_filter_as_shares() -> None:
    html = shown('{{ e|interval:"percent" }}', e=Figure(0.7234, 0.683, 0.761, 412))
    assert "72\u00a0%" in html
    assert "[68\u00a0%, 76\u00a0%]" in html


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.43, "430\u00a0ms"),
        (4.23, "4.2\u00a0s"),
        (38.2, "38\u00a0s"),
        (59.7, "1\u00a0min"),
        (200.4, "3\u00a0min 20\u00a0s"),
        (7500, "2\u00a0h 5\u00a0min"),
        (3600, "1\u00a0h"),
        (0.9994, "999\u00a0ms"),
        (1, "1.0\u00a0s"),
        (9.94, "9.9\u00a0s"),
        (10, "10\u00a0s"),
        (59.4, "59\u00a0s"),
        (60, "1\u00a0min"),
        (61, "1\u00a0min 1\u00a0s"),
        (3599, "59\u00a0min 59\u00a0s"),
        (3660, "1\u00a0h 1\u00a0min"),
        (86399, "23\u00a0h 59\u00a0min"),
        (86400, "1\u00a0d"),
        (90000, "1\u00a0d 1\u00a0h"),
        (276500, "3\u00a0d 4\u00a0h"),
        (None, "undefined"),
    ],
)
def test_duration(value: float | None, text: str) -> None:
    assert duration(value) == text


@pytest.mark.parametrize(
    ("passed", "text"),
    [
        (3, "just now"),
        (70, "1 minute ago"),
        (7300, "2 hours ago"),
        (-5, "just now"),
        (86400 * 40, "1 month ago"),
        (9.9, "just now"),
        (10, "10 seconds ago"),
        (59, "59 seconds ago"),
        (60, "1 minute ago"),
        (3599, "59 minutes ago"),
        (3600, "1 hour ago"),
        (86399, "23 hours ago"),
        (86400, "1 day ago"),
        (86400 * 29, "29 days ago"),
        (86400 * 60, "2 months ago"),
        (86400 * 364, "12 months ago"),
        (86400 * 365, "1 year ago"),
        (86400 * 800, "2 years ago"),
    ],
)
def test_since(passed: float, text: str) -> None:
    assert since(passed) == text


def test_ago_keeps_the_exact_moment() -> None:
    moment = timezone.now() - timedelta(hours=2, seconds=5)
    html = shown("{{ moment|ago }}", moment=moment)
    assert "2 hours ago" in html
    assert moment.isoformat() in html
    assert shown("{{ moment|ago }}", moment=None) == "never"


def test_a_chip_takes_no_class_from_foreign_text() -> None:
    assert shown("{{ state|chip }}", state="live") == '<span class="chip chip-live">live</span>'
    assert 'class="chip chip-"' in shown("{{ state|chip }}", state='x" onclick="y')


def test_crumbs_end_where_one_is() -> None:
    html = shown('{% crumbs "Studies" "/s/" name %}', name="<A>")
    assert '<a href="/s/">Studies</a>' in html
    assert '<span aria-current="page">&lt;A&gt;</span>' in html


def test_differences_of_shares_are_in_percentage_points() -> None:
    html = shown('{{ e|interval:"points" }}', e=Figure(-0.15, -0.34, 0.04, 24))
    assert "\u221215\u00a0pp" in html
    assert "%" not in html


def test_down_a_column_the_digits_are_the_same() -> None:
    """What the middle interval can bear, so that one tiny interval does not give all others digits that they cannot bear."""
    column = [
        {"value": 0.7262, "low": 0.66, "high": 0.79},
        {"value": 0.7, "low": 0.5, "high": 0.9},
        {"value": 0.7200004, "low": 0.71999, "high": 0.72001},
        {"value": None, "undefined": "nobody"},
        None,
    ]
    assert column_digits(column, factor=100) == 0
    aligned(column, "percent")
    shown = [estimate_parts(one, percent=True) for one in column if one and one["value"]]
    assert [one.value for one in shown] == ["73\u00a0%", "70\u00a0%", "72\u00a0%"]
    assert column_digits([{"value": 1.0}]) is None


def test_latencies_below_a_millisecond_stay_visible() -> None:
    html = shown('{{ e|interval:"ms" }}', e={"value": 0.391, "low": 0.352, "high": 0.424})
    assert "0.39\u00a0ms" in html
    assert "[0.35\u00a0ms, 0.42\u00a0ms]" in html


@pytest.mark.parametrize(
    ("scale", "texts"),
    [
        ("", ("0.72", "0.68", "0.76")),
        ("percent", ("72\u00a0%", "68\u00a0%", "76\u00a0%")),
        ("points", ("72\u00a0pp", "68\u00a0pp", "76\u00a0pp")),
        ("ms", ("0.72\u00a0ms", "0.68\u00a0ms", "0.76\u00a0ms")),
    ],
)
def test_each_scale_has_its_factor_and_its_unit(scale: str, texts: tuple[str, str, str]) -> None:
    parts = estimate_parts(Figure(0.7234, 0.683, 0.761, 1412), scale=scale)
    assert (parts.value, parts.low, parts.high, parts.n) == (*texts, "1,412")


def test_without_an_interval_three_figures_are_shown_or_those_of_the_column() -> None:
    alone = {"value": 0.71834, "low": None, "high": None, "n": 3}
    assert estimate_parts(alone, percent=True).value == "71.8\u00a0%"
    assert estimate_parts(alone, digits=1).value == "0.7"
    assert estimate_parts({**alone, "digits": 2}).value == "0.72"
    assert estimate_parts({**alone, "low": 0.6}).low == ""
    assert estimate_parts({**alone, "n": None}).n == ""
    assert estimate_parts({"value": 0.71834, "low": 0.7, "high": 0.74}, digits=1).high == "0.7"


def test_a_columns_digits_are_what_its_middle_interval_bears() -> None:
    def rows(*halves: float) -> list[dict[str, float]]:
        return [{"value": 0.5, "low": 0.5 - half, "high": 0.5 + half} for half in halves]

    assert column_digits(rows(0.05)) == 2
    assert column_digits(rows(0.05, 0.0005)) == 4
    assert column_digits(rows(0.05, 0.0005, 0.00005)) == 4
    assert column_digits(rows(0.05, 0.05, 0.0005)) == 2
    assert column_digits(rows(0.05), factor=100.0) == 0
    assert column_digits([*rows(0.0), {"value": 1.0, "low": 0.5}, {"value": 1.0, "high": 0.5}]) is None


def test_a_column_is_printed_alike_from_objects_and_mappings() -> None:
    figure = Figure(0.7234, 0.683, 0.761, 4)
    found = in_column(
        [figure, None, {"value": 0.5, "low": 0.45, "high": 0.55, "n": 9, "other": 1}], "percent"
    )
    assert found == [
        {"value": 0.7234, "low": 0.683, "high": 0.761, "n": 4, "undefined": None, "digits": 0},
        None,
        {"value": 0.5, "low": 0.45, "high": 0.55, "n": 9, "undefined": None, "digits": 0},
    ]
