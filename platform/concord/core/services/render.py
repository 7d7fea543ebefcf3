"""Hostile text as safe HTML."""

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString


def blocks_html(blocks: Any) -> SafeString:
    return format_html('<pre class="plain">{}</pre>', plain_text(blocks))


def output_html(text: str, kind: str = "markdown") -> SafeString:
    return format_html('<pre class="plain">{}</pre>', text)


def plain_text(blocks: Any) -> str:
    return "\n\n".join(str(block.get("text", "")) for block in blocks)
