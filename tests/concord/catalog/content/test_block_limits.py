"""Blocks of every type: what is kept of each, and where the first wrong one stands."""

from typing import Any

import pytest

from concord.catalog.content.blocks import MAX_BLOCKS, chat, file_ids, text_block, validate_blocks
from concord.core.errors import Invalid

TURNS = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": ""}]


@pytest.mark.parametrize(
    ("block", "kept"),
    [
        ({"type": "text", "text": "x"}, {"type": "text", "text": "x"}),
        ({"type": "text", "text": ""}, {"type": "text", "text": ""}),
        ({"type": "markdown", "text": "x", "note": 1}, {"type": "markdown", "text": "x"}),
        ({"type": "code", "text": "x", "language": "py"}, {"type": "code", "text": "x", "language": "py"}),
        ({"type": "code", "text": "x", "language": ""}, {"type": "code", "text": "x"}),
        ({"type": "image", "file": 3, "alt": "a" * 500}, {"type": "image", "file": 3, "alt": "a" * 400}),
        ({"type": "image", "file": 3, "alt": None}, {"type": "image", "file": 3}),
        ({"type": "chat", "turns": TURNS, "x": 1}, {"type": "chat", "turns": TURNS}),
    ],
)
def test_what_is_kept_of_a_block(block: dict[str, Any], kept: dict[str, Any]) -> None:
    assert validate_blocks([block]) == [kept]


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ({"type": "text"}, "Block 2 has no text"),
        ({"type": "text", "text": None}, "Block 2 has no text"),
        ({"type": "code", "text": "a\x00"}, "Block 2 holds a null byte"),
        ({"type": "code", "text": "x", "language": 7}, "Block 2 has no text"),
        ({"type": "image"}, "names a stored file by its number"),
        ({"type": "image", "file": "3"}, "names a stored file by its number"),
        ({"type": "image", "file": True}, "names a stored file by its number"),
        ({"type": "audio", "file": 3}, "audio is not shown yet"),
        ({"type": "video", "file": 3}, "video is not shown yet"),
        ({"type": "table"}, "has the type 'table'; known types are text, markdown, code, chat, image"),
        ({}, "has the type 'None'"),
        ("x", "has the type 'None'"),
        ({"type": "chat"}, "a chat has a list of turns"),
        ({"type": "chat", "turns": []}, "a chat has a list of turns"),
        ({"type": "chat", "turns": ["hi"]}, "a turn's role is one of"),
        ({"type": "chat", "turns": [{"role": "human", "content": "x"}]}, "a turn's role is one of"),
        ({"type": "chat", "turns": [*TURNS, {"role": "tool"}]}, "Block 2 has no text"),
    ],
)
def test_the_first_wrong_block_is_named_by_its_place(block: Any, said: str) -> None:
    with pytest.raises(Invalid, match="Block 2") as caught:
        validate_blocks([*text_block("fine"), block, {"type": "worse"}])
    assert said in caught.value.message
    assert caught.value.code == "bad_blocks"


def test_content_is_a_list_of_at_most_so_many_blocks() -> None:
    assert len(validate_blocks(text_block("x") * MAX_BLOCKS)) == MAX_BLOCKS
    with pytest.raises(Invalid, match="has 501 blocks; at most 500"):
        validate_blocks(text_block("x") * (MAX_BLOCKS + 1))
    for content in ({}, "x", None):
        with pytest.raises(Invalid, match="a list of blocks"):
            validate_blocks(content)
    assert validate_blocks([]) == []


def test_a_conversation_and_the_files_of_a_content() -> None:
    assert chat(TURNS) == [{"type": "chat", "turns": TURNS}]
    images = [{"type": "image", "file": 4}, *text_block("x"), {"type": "image", "file": 2}]
    assert (file_ids(images), file_ids([])) == ([4, 2], [])
