"""Template tags and filters that every page has."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template
from django.template.context import Context
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from concord.core.services import render
from concord.estimates import formatting as figures

register = template.Library()


@register.filter
def number(value: Any, digits: int | None = None) -> str:
    """`12345` as 12,345; `0.71834|number:2` as 0.72; nothing as a word."""
    return figures.number(value, digits)


@register.filter
def plain_number(value: Any) -> str:
    """A number as a form control takes it: a point for the decimals, no separators, 4 rather than 4.0."""
    shown = figures.as_float(value)
    return "" if shown is None else f"{shown:.12g}"


@register.filter
def percent(value: Any, digits: int = 0) -> str:
    """A share as a percentage: `0.034|percent:1` is 3.4 %."""
    shown = figures.as_float(value)
    return "undefined" if shown is None else f"{figures.number(100 * shown, digits)}\u00a0%"


@register.filter
def seconds(value: Any) -> str:
    """A duration given in seconds: 430 ms, 4.2 s, 3 min 20 s, 2 h 5 min."""
    return figures.duration(value)


@register.filter
def ms(value: Any) -> str:
    """A latency given in milliseconds: 5,107 ms, 12.3 ms, 0.214 ms."""
    shown = figures.as_float(value)
    if shown is None:
        return "undefined"
    digits = 0 if shown >= 100 else 1 if shown >= 10 else None
    return f"{figures.number(shown, digits)}\u00a0ms"


@register.filter
def drawn(svg: str) -> SafeString:
    """A picture from `concord.charts` as part of the page: every label in it was escaped when a worker drew it."""
    return mark_safe(svg)  # noqa: S308 - our own drawing, of a fixed set of elements and attributes


@register.filter
def ago(moment: datetime | None) -> str:
    """How long ago, with the exact moment in the title."""
    if not isinstance(moment, datetime):
        return "never"
    passed = (timezone.now() - moment).total_seconds()
    shown = timezone.localtime(moment).strftime("%d %B %Y, %H:%M:%S %Z")
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', moment.isoformat(), shown, figures.since(passed)
    )


@register.filter
def interval(estimate: Any, scale: str = "") -> str:
    """`0.72 [0.68, 0.76] n = 412` from anything with value, low, high, n (an object or a mapping).

    `estimate|interval:"percent"` shows shares as percentages, `"points"` their differences in percentage points.
    Rounded to what the interval can bear.
    An undefined estimate is its reason in words.
    """
    parts = figures.estimate_parts(estimate, scale=scale if scale in figures.SCALES else "")
    if parts.undefined:
        return format_html('<span class="undefined">{}</span>', parts.undefined)
    range_ = (
        format_html(' <span class="estimate-range">[{}, {}]</span>', parts.low, parts.high)
        if parts.low
        else ""
    )
    n = format_html(' <span class="estimate-n">n\u00a0=\u00a0{}</span>', parts.n) if parts.n else ""
    return format_html(
        '<span class="estimate"><span class="estimate-value">{}</span>{}{}</span>', parts.value, range_, n
    )


@register.filter
def blocks(content: Any, workspace: str = "") -> str:
    """Content blocks of an example or an output as safe HTML; images need the workspace: `content|blocks:workspace.slug`."""
    return render.blocks_html(content or [], workspace)


@register.filter
def words(content: Any) -> str:
    """The words of content blocks, for an excerpt: `content|words|truncatechars:120` (escaped like any text)."""
    return render.plain_text(content or [])


@register.filter
def answer(output: Any, workspace: str = "") -> str:
    """A system's output as safe HTML: its blocks, or else its text in its kind; `output|answer:workspace.slug`."""
    if isinstance(output, str):
        return render.output_html(output)
    get = (
        output.get
        if isinstance(output, Mapping)
        else lambda name, default=None: getattr(output, name, default)
    )
    if get("content"):
        return render.blocks_html(get("content"), workspace)
    return render.output_html(get("text") or "", get("text_kind") or "markdown")


@register.filter
def markdown(text: str | None) -> str:
    """Text that a designer wrote (instructions, help), through the same allow-list."""
    return render.output_html(text or "", "markdown")


@register.filter
def label(value: float | None, criterion: Any) -> str:
    """The words of a stored rating: `rating.value|label:criterion`."""
    return str(criterion.label_of(value)) or "could not be judged"


@register.filter
def chip(state: Any, words: str = "") -> str:
    """A state as a chip; its colour and mark follow its name."""
    name = str(getattr(state, "value", state) or "")
    known = name if name.replace("-", "").replace("_", "").isalnum() else ""
    return format_html(
        '<span class="chip chip-{}">{}</span>', known.replace("_", "-"), words or name.replace("_", " ")
    )


@register.filter
def simulated(is_simulated: bool, words: str = "simulated") -> str:
    """The mark that everything made by programs in place of people carries."""
    return format_html('<span class="chip chip-simulated">{}</span>', words) if is_simulated else ""


@register.filter(name="json")
def as_json(value: Any) -> str:
    """Settings as JSON on one line; escaped as any other text."""
    return json.dumps(value, ensure_ascii=False, default=str)


@register.filter
def get(mapping: Mapping[Any, Any] | None, key: Any) -> Any:
    """`mapping|get:key`, for keys that are themselves values; None where there is none."""
    return mapping.get(key) if isinstance(mapping, Mapping) else None


@register.simple_tag(takes_context=True)
def nav_link(context: Context, name: str, text: str) -> str:
    """A navigation entry of the current workspace; nothing where no page has that name."""
    membership = context.get("membership")
    try:
        url = reverse(name, kwargs={"workspace": membership.workspace.slug}) if membership else ""
    except NoReverseMatch:
        url = ""
    if not url:
        return ""
    request = context.get("request")
    here = request is not None and request.path.startswith(url)
    return format_html(
        '<li><a href="{}"{}>{}</a></li>', url, mark_safe(' aria-current="page"') if here else "", text
    )


@register.simple_tag(takes_context=True)
def page_query(context: Context, page: int, parameter: str = "page") -> str:
    """The current query string with another page number."""
    query = context["request"].GET.copy()
    query[parameter] = str(page)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def sort_query(context: Context, column: str, parameter: str = "sort") -> str:
    """The query that sorts by `column`, or the other way round where it already does; back to the first page."""
    query = context["request"].GET.copy()
    query[parameter] = f"-{column}" if query.get(parameter) == column else column
    query.pop("page", None)
    return f"?{query.urlencode()}"


@register.simple_tag
def crumbs(*parts: Any) -> SafeString:
    """`{% crumbs "Studies" studies_url study.name %}`: text and address in turn; the last is where one is."""
    pairs = [(parts[i], parts[i + 1] if i + 1 < len(parts) else "") for i in range(0, len(parts), 2)]
    items = format_html_join("", "<li>{}</li>", ((_crumb(text, url),) for text, url in pairs))
    return format_html('<nav class="crumbs" aria-label="Where you are"><ol>{}</ol></nav>', items)


def _crumb(text: Any, url: Any) -> SafeString:
    if url:
        return format_html('<a href="{}">{}</a>', url, text)
    return format_html('<span aria-current="page">{}</span>', text)
