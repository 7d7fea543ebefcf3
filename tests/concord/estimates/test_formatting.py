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
