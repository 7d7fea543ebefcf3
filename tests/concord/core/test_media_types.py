"""A file is what its first bytes say; a name decides only among kinds of text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.core.media_types import IMAGES, TABLES, TEXTS, media_type_of


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"GIF87a", "image/gif"),
        (b"GIF89a", "image/gif"),
        (b"PAR1", "application/vnd.apache.parquet"),
        (b"%PDF-", "application/pdf"),
        (b"PK\x03\x04", "application/zip"),
        (b"\x1f\x8b", "application/gzip"),
        (b"RIFF....WEBP", "image/webp"),
    ],
)
@pytest.mark.parametrize("name", ["a.csv", "a.png", "a"])
def test_a_mark_decides_whatever_the_name(head: bytes, media_type: str, name: str) -> None:
    assert media_type_of(head, name) == media_type
    assert media_type_of(head + b"\x00more", name) == media_type
    assert media_type_of(head[:-1], "x.txt") != media_type, "half a mark is none"
    assert media_type_of(b" " + head, "x.txt") != media_type, "nor is one that comes later"


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.csv", "text/csv"),
        ("a.TSV", "text/tab-separated-values"),
        ("a.jsonl", "application/x-ndjson"),
        ("a.ndjson", "application/x-ndjson"),
        ("a.json", "application/json"),
        ("a.md", "text/markdown"),
        ("a.markdown", "text/markdown"),
        ("a.txt", "text/plain"),
        ("a.svg", "text/plain"),
        ("a.html", "text/plain"),
        ("a.csv.exe", "text/plain"),
        ("csv", "text/plain"),
        ("", "text/plain"),
    ],
)
def test_among_texts_the_ending_decides_and_markup_is_never_more_than_text(
    name: str, media_type: str
) -> None:
    assert media_type_of(b"<svg onload=alert(1)>", name) == media_type


@given(st.binary(max_size=64), st.sampled_from(["a.png", "a.svg", "a.csv", "a.html", "a.gif", "a.webp"]))
def test_no_name_turns_other_bytes_into_an_image(head: bytes, name: str) -> None:
    if media_type_of(head, name) in IMAGES:
        assert head.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF"))


def test_null_bytes_make_a_text_binary_unless_it_is_marked_as_utf_16() -> None:
    assert media_type_of(b"a\x00b", "a.csv") == "application/octet-stream"
    assert media_type_of(b"\xff\xfea\x00,\x00", "a.csv") == "text/csv"
    assert media_type_of(b"\xfe\xff\x00a\x00,", "a.csv") == "text/csv"
    assert media_type_of(b"RIFF\x01\x01\x01\x01AVI ", "a.csv") == "text/csv"


def test_no_kind_is_an_image_and_something_else() -> None:
    assert not IMAGES & TABLES
    assert not IMAGES & TEXTS
    assert not TABLES & TEXTS
    assert "image/svg+xml" not in IMAGES, "a drawing can hold scripts"
