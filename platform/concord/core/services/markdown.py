"""The one set-up of markdown: what a hostile output and a page of our own are both parsed with, and the tags either may use."""

from collections.abc import Callable, Sequence

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

DIRECTED = ("p", "li", "h3", "h4", "h5", "h6", "blockquote", "td", "th")
TAGS = frozenset(
    {*DIRECTED, "a", "b", "strong", "em", "i", "s", "del", "code", "pre", "br", "hr", "ul", "ol"}
    | {"table", "thead", "tbody", "tr", "div", "span"}
)
Rule = Callable[[RendererHTML, Sequence[Token], int, OptionsDict, EnvType], str]


def parser(*, breaks: bool, table_class: str) -> MarkdownIt:
    """CommonMark with tables and strikethrough; raw HTML is off, and a table scrolls inside its own box.

    With `breaks`, a line that ends also ends on the page, as whoever types an answer means it.
    """
    made = MarkdownIt("commonmark", {"html": False, "breaks": breaks, "maxNesting": 20})
    made.enable(["table", "strikethrough"])
    box = f'<div class="{table_class}" tabindex="0" role="group" aria-label="Table"><table>'
    made.add_render_rule("table_open", _constant(box))
    made.add_render_rule("table_close", _constant("</table></div>"))
    return made


def _constant(html: str) -> Rule:
    return lambda renderer, tokens, index, options, env: html
