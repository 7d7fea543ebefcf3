"""A page of our own documentation as HTML: headings that can be linked to, links between pages, pictures in the page's colours.

What stands in the folder is ours, as a template is. It goes through an allow-list all the same, and the pictures with it:
that also takes out their own colours, so that they follow the reader's choice of light or dark.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import nh3
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from concord.core.services.markdown import TAGS, parser

_HEADINGS = frozenset({"h2", "h3", "h4"})
_DRAWN = frozenset(
    {"svg", "title", "defs", "marker", "g", "path", "line", "polyline", "polygon", "circle", "rect", "text"}
)
_DRAWING = frozenset(
    {
        "viewBox",
        "width",
        "height",
        "x",
        "y",
        "x1",
        "x2",
        "y1",
        "y2",
        "cx",
        "cy",
        "r",
        "d",
        "points",
        "transform",
    }
    | {"fill", "stroke", "stroke-width", "stroke-dasharray", "font-size", "text-anchor", "id", "role"}
    | {"refX", "refY", "markerWidth", "markerHeight", "orient", "marker-end"}
)
_TAGS = TAGS | _HEADINGS | _DRAWN | {"figure", "figcaption"}
_ATTRIBUTES: dict[str, frozenset[str]] = {
    "a": frozenset({"href", "class"}),
    "ol": frozenset({"start"}),
    "td": frozenset({"class", "colspan"}),
    **{tag: frozenset({"id"}) for tag in _HEADINGS},
    **{tag: frozenset({"class", "tabindex", "role", "aria-label"}) for tag in ("div", "pre", "figure")},
    **dict.fromkeys(_DRAWN, _DRAWING),
}
_PAGE = re.compile(r"(\w+)\.md(#[\w-]+)?")
_OUTSIDE = re.compile(r"https?://|#")
_FIGURES = re.compile(r"[\d\s.,:;%±<>=−–-]+")
_SOURCE = re.compile(r"\b(?:doi:(?P<doi>10\.\d{4,9}/\S*[\w)])|arXiv:(?P<arxiv>\d{4}\.\d{4,5}))")


@dataclass(frozen=True)
class Shown:
    """The page without its title, and its parts: where each is, and what it is called."""

    html: SafeString
    parts: tuple[tuple[str, str], ...]


def as_html(text: str, *, known: frozenset[str], pictures: Mapping[str, str]) -> Shown:
    """`known` are the names of the other pages; a link to anything else that is not on the web is shown as its words."""
    markdown, env = _parser(), {"known": known, "pictures": pictures}
    tokens = markdown.parse(text, env)
    parts = _name_headings(tokens)
    _take_out_pictures(tokens)
    tokens = _with_group_rows(tokens)
    html = nh3.clean(
        markdown.renderer.render(tokens, markdown.options, env),
        tags=set(_TAGS),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        url_schemes={"http", "https"},
        link_rel=None,
    )
    return Shown(html=mark_safe(html), parts=parts)  # noqa: S308 - just sanitised by the allow-list above


def anchor(title: str) -> str:
    """What a heading is called in links, as on the sites where markdown is read."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _name_headings(tokens: Sequence[Token]) -> tuple[tuple[str, str], ...]:
    """Give every heading an address of its own; those of the second level are the parts of the page."""
    parts: list[tuple[str, str]] = []
    taken: Counter[str] = Counter()
    for at, token in enumerate(tokens):
        if token.type != "heading_open":
            continue
        title = "".join(child.content for child in tokens[at + 1].children or [])
        name = anchor(title)
        taken[name] += 1
        if taken[name] > 1:
            name = f"{name}-{taken[name] - 1}"
        token.attrSet("id", name)
        if token.tag == "h2":
            parts.append((name, title))
    return tuple(parts)


def _take_out_pictures(tokens: Sequence[Token]) -> None:
    """A paragraph that is nothing but a picture becomes a figure: that must not stand in a paragraph."""
    for at, token in enumerate(tokens):
        if token.type == "inline" and [child.type for child in token.children or []] == ["image"]:
            tokens[at - 1].hidden = tokens[at + 1].hidden = True


def _with_group_rows(tokens: Sequence[Token]) -> list[Token]:
    """In a table, a row of which only the first cell says something heads those below it, so that cell takes the whole row.

    Cells of nothing but figures are kept on one line.
    """
    kept: list[Token] = []
    row: list[Token] = []
    for token in tokens:
        if token.type == "tr_open" or row:
            row.append(token)
        else:
            kept.append(token)
        if token.type == "tr_close":
            kept += _row(row)
            row = []
    return kept


def _row(tokens: list[Token]) -> list[Token]:
    cells = [at for at, token in enumerate(tokens) if token.type == "td_open"]
    words = [tokens[at + 1].content.strip() for at in cells]
    for at, text in zip(cells, words, strict=True):
        if _FIGURES.fullmatch(text):
            tokens[at].attrJoin("class", "nowrap")
    if len(cells) < 2 or not words[0].startswith("**") or any(words[1:]):
        return tokens
    tokens[cells[0]].attrSet("colspan", str(len(cells)))
    return [*tokens[: cells[1]], tokens[-1]]


def _parser() -> MarkdownIt:
    made = parser(breaks=False, table_class="table-wrap")
    made.add_render_rule("link_open", _link)
    made.add_render_rule("image", _picture)
    made.add_render_rule("text", _text)
    made.add_render_rule("heading_open", _heading_open)
    made.add_render_rule("heading_close", _heading_close)
    for rule in ("fence", "code_block"):
        made.add_render_rule(rule, _code)
    return made


def _link(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    href = str(tokens[index].attrGet("href") or "")
    page = _PAGE.fullmatch(href)
    if page and page.group(1) == "index":
        href = reverse("methods") + (page.group(2) or "")
    elif page and page.group(1) in env["known"]:
        href = reverse("method", args=[page.group(1)]) + (page.group(2) or "")
    elif not _OUTSIDE.match(href):
        return "<a>"
    return f'<a href="{escape(href)}">'


def _text(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    """Words, in which the number of a source leads to the source."""
    return _SOURCE.sub(_source, escape(tokens[index].content))


def _source(found: re.Match[str]) -> str:
    doi = found["doi"]
    url = f"https://doi.org/{doi}" if doi else f"https://arxiv.org/abs/{found['arxiv']}"
    return f'<a href="{url}">{found.group()}</a>'


def _picture(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    words = escape(renderer.renderInlineAsText(tokens[index].children or [], options, env))
    drawn = env["pictures"].get(str(tokens[index].attrGet("src")), "")
    if not drawn:
        return words
    return f'<figure class="figure" tabindex="0">{drawn}<figcaption>{words}</figcaption></figure>'


def _heading_open(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    """The heading's own words lead to it, so that a reader can copy the address of a part."""
    name = escape(tokens[index].attrGet("id"))
    return f'<{tokens[index].tag} id="{name}"><a class="anchor" href="#{name}">'


def _heading_close(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    return f"</a></{tokens[index].tag}>\n"


def _code(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    """Lines of code are never broken: what is too long scrolls inside its own box."""
    name = "Formula" if tokens[index].info == "text" else "Code"
    words = escape(tokens[index].content)
    return f'<pre tabindex="0" role="group" aria-label="{name}"><code>{words}</code></pre>\n'
