"""Filters and tags of pages: numbers, moments, chips, addresses; everything else stays text."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone

from concord.core.templatetags import concord as tags

HOSTILE = '<img src=x onerror="alert(1)">'


def shown(template: str, **context: Any) -> str:
    return Template("{% load concord %}" + template).render(Context(context))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (4.0, "4"),
        (4.25, "4.25"),
        (1234567, "1234567"),
        (0.1 + 0.2, "0.3"),
        (None, ""),
        (float("nan"), ""),
        (-0.5, "-0.5"),
    ],
)
def test_a_form_control_gets_a_number_that_it_takes(value: Any, text: str) -> None:
    assert tags.plain_number(value) == text


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.034, 1, "3.4\u00a0%"),
        (0.5, 0, "50\u00a0%"),
        (1, 0, "100\u00a0%"),
        (0.999, 0, "100\u00a0%"),
        (None, 0, "undefined"),
    ],
)
def test_a_share_is_shown_in_percent(value: Any, digits: int, text: str) -> None:
    assert tags.percent(value, digits) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5107.4, "5,107\u00a0ms"),
        (100, "100\u00a0ms"),
        (99.96, "100.0\u00a0ms"),
        (12.34, "12.3\u00a0ms"),
        (10, "10.0\u00a0ms"),
        (0.2144, "0.214\u00a0ms"),
        (None, "undefined"),
        (float("nan"), "undefined"),
    ],
)
def test_a_latency_has_the_digits_that_it_bears(value: Any, text: str) -> None:
    assert tags.ms(value) == text


def test_a_moment_is_told_in_words_with_the_exact_one_behind() -> None:
    assert tags.ago(None) == "never"
    moment = timezone.now() - timedelta(hours=3)
    html = tags.ago(moment)
    assert f'datetime="{moment.isoformat()}"' in html
    assert ">3 hours ago</time>" in html
    assert 'title="31 January 2020, 1' in tags.ago(datetime(2020, 1, 31, 12, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("state", "words", "css", "text"),
    [
        ("draft", "", "draft", "draft"),
        ("in_review", "", "in-review", "in review"),
        (SimpleNamespace(value="done"), "", "done", "done"),
        ("done", "finished", "done", "finished"),
        ("", "", "", ""),
        (None, "", "", ""),
        (HOSTILE, "", "", "&lt;img src=x onerror=&quot;alert(1)&quot;&gt;"),
        ("done", HOSTILE, "done", "&lt;img src=x onerror=&quot;alert(1)&quot;&gt;"),
    ],
)
def test_a_state_is_a_chip_of_its_name(state: Any, words: str, css: str, text: str) -> None:
    assert tags.chip(state, words) == f'<span class="chip chip-{css}">{text}</span>'


def test_what_programs_made_is_marked_and_nothing_else() -> None:
    assert tags.simulated(True) == '<span class="chip chip-simulated">simulated</span>'
    assert tags.simulated(False) == ""
    assert "&lt;b&gt;" in tags.simulated(True, "<b>")


@pytest.mark.parametrize(
    ("estimate", "parts"),
    [
        ({"value": 0.72, "low": 0.68, "high": 0.76, "n": 412}, ["0.72", "[0.68, 0.76]", "n\u00a0=\u00a0412"]),
        (SimpleNamespace(value=0.72, low=0.68, high=0.76, n=1412), ["0.72", "[0.68, 0.76]", "1,412"]),
    ],
)
def test_an_estimate_is_its_value_its_interval_and_its_n(estimate: Any, parts: list[str]) -> None:
    html = tags.interval(estimate)
    for part in parts:
        assert part in html
    assert html.count("<span") == 4
    assert "72" in tags.interval(estimate, "percent")


def test_an_undefined_estimate_is_its_reason_as_text() -> None:
    html = tags.interval({"value": None, "low": None, "high": None, "n": 0, "undefined": HOSTILE})
    assert html.startswith('<span class="undefined">')
    assert "<img" not in html


def test_an_output_is_its_blocks_or_else_its_text_in_its_kind() -> None:
    blocks = {"content": [{"type": "text", "text": "from blocks"}], "text": "from text"}
    assert "from blocks" in tags.answer(blocks)
    assert "from text" not in tags.answer(blocks)
    assert "<strong>b</strong>" in tags.answer({"text": "**b**"})
    assert "<strong>" not in tags.answer({"text": "**b**", "text_kind": "text"})
    assert "**b**" in tags.answer(SimpleNamespace(text="**b**", text_kind="code", content=None))
    assert "<em>x</em>" in tags.answer("*x*")
    assert tags.answer({"text": None}) is not None
    assert "<em>x</em>" in tags.markdown("*x*")
    assert tags.words([{"type": "text", "text": "a"}, "b"]) == "a\n\nb"
    assert tags.words(None) == ""


def test_filters_of_keys_and_settings() -> None:
    assert tags.get({"a": 1}, "a") == 1
    assert tags.get({}, "a") is None
    assert tags.get(None, "a") is None
    assert tags.as_json({"a": "é", "b": [1]}) == '{"a": "é", "b": [1]}'
    assert "&lt;b&gt;" in shown("{{ value|json }}", value={"a": "<b>"})
    criterion = SimpleNamespace(label_of=lambda value: "Good" if value == 2 else "")
    assert (tags.label(2, criterion), tags.label(None, criterion)) == ("Good", "could not be judged")


@pytest.mark.parametrize(
    ("query", "template", "address"),
    [
        ("", "{% page_query 2 %}", "?page=2"),
        ("?q=a+b&page=1", "{% page_query 3 %}", "?q=a+b&amp;page=3"),
        ("?q=x", '{% page_query 3 "seite" %}', "?q=x&amp;seite=3"),
        ("", '{% sort_query "name" %}', "?sort=name"),
        ("?sort=name&page=4", '{% sort_query "name" %}', "?sort=-name"),
        ("?sort=-name", '{% sort_query "name" %}', "?sort=name"),
        ("?sort=age&page=4&q=x", '{% sort_query "name" %}', "?sort=name&amp;q=x"),
    ],
)
def test_a_query_keeps_what_is_asked_and_changes_one_thing(query: str, template: str, address: str) -> None:
    assert shown(template, request=RequestFactory().get(f"/{query}")) == address


def test_crumbs_lead_back_and_the_last_says_where_one_is() -> None:
    html = shown('{% crumbs "Studies" "/s/" name %}', name=HOSTILE)
    assert '<li><a href="/s/">Studies</a></li>' in html
    assert '<span aria-current="page">&lt;img' in html
    assert "<img" not in html
    assert shown('{% crumbs "Only" %}').count("<li>") == 1


def test_an_entry_of_the_menu_knows_where_one_is() -> None:
    membership = SimpleNamespace(workspace=SimpleNamespace(slug="acme"))
    here = RequestFactory().get("/w/acme/people/3/")
    link = shown('{% nav_link "people" "People" %}', membership=membership, request=here)
    assert link == '<li><a href="/w/acme/people/" aria-current="page">People</a></li>'
    there = shown(
        '{% nav_link "people" "People" %}', membership=membership, request=RequestFactory().get("/")
    )
    assert "aria-current" not in there
    assert shown('{% nav_link "people" "People" %}', membership=None, request=here) == ""
    assert shown('{% nav_link "no-such-page" "X" %}', membership=membership, request=here) == ""
