"""The vocabulary of content: a list of blocks, the same for prompts and for outputs.

A block is an object with a `type`:

    {"type": "text", "text": ...}                       plain text
    {"type": "markdown", "text": ...}
    {"type": "code", "text": ..., "language"?: ...}
    {"type": "chat", "turns": [{"role": "system" | "user" | "assistant" | "tool", "content": ...}, ...]}
    {"type": "image", "file": <stored file id>, "alt"?: ...}

`audio` and `video` are reserved: they are named here so that no one uses the words for something else.
"""

from collections.abc import Iterable
from typing import Any

from concord.core.errors import Invalid

TEXTS = ("text", "markdown", "code")
FILES = ("image",)
RESERVED = ("audio", "video")
ROLES = ("system", "user", "assistant", "tool")
MAX_BLOCKS = 500


def text_block(text: str) -> list[dict[str, Any]]:
    """Plain text as content."""
    return [{"type": "text", "text": text}]


def validate_blocks(content: Any) -> list[dict[str, Any]]:
    """The content as it may be stored. Raises `Invalid` with the place of the first block that is wrong."""
    if not isinstance(content, list):
        raise Invalid("Content is a list of blocks.", code="bad_blocks")
    if len(content) > MAX_BLOCKS:
        raise Invalid(
            f"Content has {len(content):,} blocks; at most {MAX_BLOCKS} are allowed.", code="bad_blocks"
        )
    return [_block(place, block) for place, block in enumerate(content, 1)]


def file_ids(content: Iterable[dict[str, Any]]) -> list[int]:
    """The stored files that the content shows."""
    return [block["file"] for block in content if block["type"] in FILES]


def chat(turns: Any) -> list[dict[str, Any]]:
    """A conversation as content, from the usual `[{"role": ..., "content": ...}, ...]`."""
    return validate_blocks([{"type": "chat", "turns": turns}])


def _block(place: int, block: Any) -> dict[str, Any]:
    kind = block.get("type") if isinstance(block, dict) else None
    if kind in TEXTS:
        return {"type": kind, "text": _text(place, block.get("text")), **_extra(place, block, "language")}
    if kind == "chat":
        return {"type": kind, "turns": _turns(place, block.get("turns"))}
    if kind in FILES:
        file = block.get("file")
        if not isinstance(file, int) or isinstance(file, bool):
            raise Invalid(f"Block {place}: an image names a stored file by its number.", code="bad_blocks")
        return {"type": kind, "file": file, **_extra(place, block, "alt")}
    if kind in RESERVED:
        raise Invalid(f"Block {place}: {kind} is not shown yet.", code="bad_blocks")
    known = ", ".join((*TEXTS, "chat", *FILES))
    raise Invalid(
        f"Block {place} has the type {str(kind)[:40]!r}; known types are {known}.", code="bad_blocks"
    )


def _turns(place: int, turns: Any) -> list[dict[str, str]]:
    if not isinstance(turns, list) or not turns:
        raise Invalid(f"Block {place}: a chat has a list of turns.", code="bad_blocks")
    found = []
    for turn in turns:
        role = turn.get("role") if isinstance(turn, dict) else None
        if role not in ROLES:
            raise Invalid(f"Block {place}: a turn's role is one of {', '.join(ROLES)}.", code="bad_blocks")
        found.append({"role": role, "content": _text(place, turn.get("content"))})
    return found


def _text(place: int, text: Any) -> str:
    if not isinstance(text, str):
        raise Invalid(f"Block {place} has no text.", code="bad_blocks")
    if "\x00" in text:
        raise Invalid(f"Block {place} holds a null byte.", code="bad_blocks")
    return text


def _extra(place: int, block: dict[str, Any], name: str) -> dict[str, str]:
    return {name: _text(place, block[name])[:400]} if block.get(name) else {}
