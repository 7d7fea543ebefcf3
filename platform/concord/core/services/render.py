"""Text that a system, a data set or a designer wrote, as safe HTML.

A model's output is hostile. Markdown is rendered with raw HTML switched off, so that tags arrive as the text they are;
the result then goes through an allow-list as well, so that one mistake in either is not enough. Nothing remote is
loaded: an image is a stored file of the same workspace or its description. Control characters and directional
overrides, which could make a text read otherwise than it is, are drawn as visible marks.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import nh3
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from concord.core.services.markdown import DIRECTED, TAGS, parser

# Longer text is shown as it is, unrendered: markdown can take quadratic time on crafted input.
MARKDOWN_LIMIT = 40_000
LINE_LIMIT = 5_000
# What is laid out at once; the rest lies folded beneath, up to the second limit.
SHOWN_LIMIT = 60_000
FOLDED_LIMIT = 4_000_000
BLOCKS_LIMIT = 500
DEPTH_LIMIT = 3

ROLES = {"user": "User", "assistant": "Assistant", "system": "System", "tool": "Tool"}

_LINK = re.compile(r"(https?://|mailto:)", re.IGNORECASE)
_LANGUAGE = re.compile(r"language-[A-Za-z0-9_+#-]{1,30}")
_ATTRIBUTES = {
    "*": {"dir"},
    "a": {"href", "target"},
    "ol": {"start"},
    "code": {"class"},
    "div": {"class", "tabindex", "role", "aria-label"},
    "span": {"class"},
}

# C0 controls but tab, newline and return; delete; the directional embeddings, overrides and isolates; the invisible tags.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f\ud800-\udfff]"
)
_MARKED = re.compile(r"⟦(U\+[0-9A-F]{4,6})⟧")
_TAG = re.compile(r"(<[^>]*>)")


def output_html(text: str, kind: str = "markdown") -> SafeString:
    """A text as safe HTML; `kind` is markdown, text or code. Any other kind is shown as text."""
    if len(text) > SHOWN_LIMIT:
        return _long(text)
    return _rendered(text, kind)


def blocks_html(blocks: Any, workspace: str = "", depth: int = 0) -> SafeString:
    """Content blocks as safe HTML. Images need the slug of the workspace that their files lie in.

    Whatever is no list of blocks is shown as the JSON it is: data of an unforeseen shape is data, not an error.
    """
    if isinstance(blocks, str):
        return output_html(blocks, "text")
    if not isinstance(blocks, list) or depth > DEPTH_LIMIT:
        return output_html(_json(blocks), "code") if blocks else SafeString("")
    parts = [_block(block, workspace, depth) for block in blocks[:BLOCKS_LIMIT]]
    if len(blocks) > BLOCKS_LIMIT:
        parts.append(
            format_html('<p class="cut">{} more blocks are not shown.</p>', len(blocks) - BLOCKS_LIMIT)
        )
    return format_html_join("", "{}", ((part,) for part in parts))


def plain_text(blocks: Any) -> str:
    """The words of content blocks, for excerpts, exports and prompts to a system."""
    if isinstance(blocks, str):
        return blocks
    if not isinstance(blocks, list):
        return _json(blocks) if blocks else ""
    return "\n\n".join(filter(None, (_block_text(block) for block in blocks)))


def visible(text: str) -> str:
    """The text with every character that hides or reorders others replaced by a mark that names it."""
    return _UNSEEN.sub(lambda found: f"⟦U+{ord(found.group()):04X}⟧", text)


# -- blocks


def _block(block: Any, workspace: str, depth: int) -> SafeString:
    if isinstance(block, str):
        return output_html(block, "text")
    if not isinstance(block, Mapping):
        return output_html(_json(block), "code")
    kind = str(block.get("type", "text"))
    if kind in ("text", "markdown", "code"):
        return output_html(str(block.get("text") or ""), kind)
    if kind == "chat":
        return _chat(block, workspace, depth)
    if kind == "image":
        return _image(block, workspace)
    name = str(block.get("alt") or block.get("name") or "no description")
    return format_html('<p class="remote-image">[{}: {}]</p>', visible(kind), visible(name))


def _chat(block: Mapping[str, Any], workspace: str, depth: int) -> SafeString:
    return format_html_join(
        "",
        '<div class="turn turn-{}"><span class="turn-role">{}</span>{}</div>',
        (
            (
                role if role in ROLES else "other",
                ROLES.get(role, visible(role)),
                _turn_html(content, workspace, depth),
            )
            for role, content in _turns(block)
        ),
    )


def _turn_html(content: Any, workspace: str, depth: int) -> SafeString:
    return output_html(content) if isinstance(content, str) else blocks_html(content, workspace, depth + 1)


def _turns(block: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    turns = block.get("turns") or block.get("messages") or []
    for turn in turns if isinstance(turns, list) else []:
        if isinstance(turn, Mapping):
            yield str(turn.get("role", "user")), turn.get("content", turn.get("text", ""))


def _image(block: Mapping[str, Any], workspace: str) -> SafeString:
    """Only a stored file's id becomes an address, and only within the workspace: its page checks who may see it."""
    alt = visible(str(block.get("alt") or "image without a description"))
    file = block.get("file")
    try:
        source = (
            reverse("file", kwargs={"workspace": workspace, "pk": int(file)}) if workspace and file else ""
        )
    except (NoReverseMatch, TypeError, ValueError, OverflowError):
        source = ""
    if not source:
        return format_html('<p class="remote-image">[image: {}]</p>', alt)
    return format_html('<p><img src="{}" alt="{}"></p>', source, alt)


def _block_text(block: Any) -> str:
    if not isinstance(block, Mapping):
        return str(block)
    if block.get("type") == "chat":
        return "\n\n".join(
            f"{ROLES.get(role, role)}: {plain_text(content)}" for role, content in _turns(block)
        )
    if "text" in block:
        return str(block["text"] or "")
    return f"[{block.get('type')}: {block.get('alt') or block.get('name') or 'no description'}]"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


# -- text


@lru_cache(maxsize=2048)
def _rendered(text: str, kind: str) -> SafeString:
    shown = visible(text)
    if kind == "code":
        return _marks(format_html('<pre dir="ltr"><code>{}</code></pre>', shown))
    if kind != "markdown" or len(shown) > MARKDOWN_LIMIT or _longest_line(shown) > LINE_LIMIT:
        return _marks(format_html('<div class="plain" dir="auto">{}</div>', shown))
    return _marks(_markdown(shown))


def _markdown(text: str) -> SafeString:
    html = nh3.clean(
        _parser().render(text),
        tags=set(TAGS),
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener noreferrer",
        set_tag_attribute_values={tag: {"dir": "auto"} for tag in DIRECTED} | {"a": {"target": "_blank"}},
        strip_comments=True,
    )
    return mark_safe(html)  # noqa: S308 - just sanitised by the allow-list above


def _long(text: str) -> SafeString:
    """A very long text: its beginning, and the rest folded so that the browser need not lay it out."""
    rest = text[SHOWN_LIMIT:FOLDED_LIMIT]
    lost = max(0, len(text) - FOLDED_LIMIT)
    beyond = f" The last {lost:,} characters are only in the export." if lost else ""
    return _marks(
        format_html(
            '<div class="plain" dir="auto">{}</div>'
            '<details class="cut"><summary>{} more characters of {}. Show them{}</summary>'
            '<div class="plain" dir="auto">{}</div></details>',
            visible(text[:SHOWN_LIMIT]),
            f"{len(rest):,}",
            f"{len(text):,}",
            beyond,
            visible(rest),
        )
    )


def _longest_line(text: str) -> int:
    return max(map(len, text.split("\n")), default=0)


def _marks(html: SafeString) -> SafeString:
    """The marks of `visible` as small badges, in text only, never inside a tag."""
    if "⟦U+" not in html:
        return html
    badge = r'<span class="invisible-character">\1</span>'
    parts = _TAG.split(html)
    parts[::2] = [_MARKED.sub(badge, part) for part in parts[::2]]
    return mark_safe("".join(parts))  # noqa: S308 - only a constant span was added, outside of tags


def _attribute(tag: str, name: str, value: str) -> str | None:
    """What the allow-list of names lets through is checked by value as well."""
    if tag == "a" and name == "href":
        return value if _LINK.match(value) else None
    if name == "class":
        fixed = {"scroll", "remote-image", "plain"}
        return value if value in fixed or (tag == "code" and _LANGUAGE.fullmatch(value)) else None
    return value


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    made = parser(breaks=True, table_class="scroll")
    made.validateLink = _acceptable_link  # type: ignore[method-assign]
    made.add_render_rule("image", _described_image)
    for rule in ("heading_open", "heading_close"):
        made.add_render_rule(rule, _lower_heading)
    return made


def _acceptable_link(url: str) -> bool:
    """Links go to web pages and mail addresses; an image's address is never fetched, so any may be described."""
    return bool(_LINK.match(url.strip()))


def _described_image(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    alt = renderer.renderInlineAsText(tokens[index].children or [], options, env)
    return format_html('<span class="remote-image">[image not loaded: {}]</span>', alt or "no description")


def _lower_heading(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    """A heading in an answer stands below the page's own: two levels down, six at most."""
    tokens[index].tag = f"h{min(6, int(tokens[index].tag[1]) + 2)}"
    return renderer.renderToken(tokens, index, options, env)
