"""From a figure to the page that says how it is computed; where the pages are missing, words without a link."""

from collections.abc import Iterable

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from concord.core.services.method_pages import Page, page_about, shelf

register = template.Library()


@register.simple_tag
def method_name(estimator: str, words: str) -> str:
    """`{% method_name "agreement.krippendorff_alpha" "Krippendorff's alpha" %}`: the words, leading to the method's page."""
    page = page_about(estimator)
    return _link(page, words) if page else words


@register.simple_tag
def how_computed(*estimators: str | Iterable[str]) -> SafeString:
    """`{% how_computed "comparison.mean" more %}`: a line that names and leads to the page of each; nothing without pages."""
    names = [name for one in estimators for name in ([one] if isinstance(one, str) else one)]
    pages = {page.slug: page for page in map(page_about, names) if page}
    if not pages:
        return SafeString("")
    links = format_html_join(", ", "{}", ((_link(page, page.title),) for page in pages.values()))
    return format_html('<p class="how-computed no-print">How this is computed: {}</p>', links)


@register.simple_tag
def methods_link(words: str) -> SafeString:
    """A link to the list of all methods; nothing where there is none."""
    return format_html('<a href="{}">{}</a>', reverse("methods"), words) if shelf().index else SafeString("")


def _link(page: Page, words: str) -> SafeString:
    return format_html('<a class="method-link" href="{}">{}</a>', reverse("method", args=[page.slug]), words)
