"""Blocks: the vocabulary of content, and nothing outside it."""

import pytest

from concord.catalog.content.blocks import chat, file_ids, validate_blocks
from concord.core.errors import Invalid


@pytest.mark.parametrize(
    "content",
    [
        "text",
        [{"type": "text"}],
        [{"type": "video", "file": 1}],
        [{"type": "html", "text": "<b>"}],
        [{"type": "image", "file": "https://elsewhere/x.png"}],
        [{"type": "image", "file": True}],
        [{"type": "chat", "turns": []}],
        [{"type": "chat", "turns": [{"role": "robot", "content": "x"}]}],
        [{"type": "text", "text": "\x00"}],
        [{"type": "text", "text": "x"}] * 501,
    ],
)
def test_content_outside_the_vocabulary_is_refused(content):
    with pytest.raises(Invalid):
        validate_blocks(content)


def test_blocks_keep_what_they_may_say_and_nothing_else():
    content = validate_blocks(
        [
            {"type": "image", "file": 3, "alt": "a cat", "onload": "x"},
            {"type": "code", "text": "1", "language": "py"},
        ]
    )
    assert content == [
        {"type": "image", "file": 3, "alt": "a cat"},
        {"type": "code", "text": "1", "language": "py"},
    ]
    assert file_ids(content) == [3]
    assert chat([{"role": "user", "content": "Hi", "name": "x"}])[0]["turns"] == [
        {"role": "user", "content": "Hi"}
    ]
