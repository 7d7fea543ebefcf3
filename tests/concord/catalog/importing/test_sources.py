"""Bytes as lines of text, in bounded memory."""

import gzip
import io
from typing import Any

import pytest

from concord.catalog.importing import sources
from concord.catalog.importing.sources import Raw, TextLines, byte_stream, excerpt, has_surrogates, usable
from concord.core.errors import Invalid


def raw(content: bytes, *, compressed: bool = False, encoding: str = "utf-8") -> Raw:
    return Raw(io.BytesIO(content), "t", "csv", compressed, len(content), encoding)


def test_lines_keep_their_ends_and_their_numbers() -> None:
    lines = TextLines(raw("a\r\nb\n\nä".encode()))
    assert [(line, lines.number, lines.bad) for line in lines] == [
        ("a\r\n", 1, 0), ("b\n", 2, 0), ("\n", 3, 0), ("ä", 4, 0),
    ]  # fmt: skip


def test_the_last_line_with_bytes_of_another_encoding_is_known() -> None:
    lines = TextLines(raw(b"a\n\xff\nb\n\xfe\nc\n"))
    assert [(next(lines), lines.bad)[1] for _ in range(5)] == [0, 2, 2, 4, 4]


def test_a_line_beyond_the_limit_is_cut_and_the_rest_of_it_is_skipped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sources, "MAX_LINE", 5)
    assert list(TextLines(raw(b"abcd\nabcdefghijklmnop\nxyz\nabcde\n12345"))) == [
        "abcd\n",
        "abcde",
        "xyz\n",
        "abcde",
        "12345",
    ]


def test_a_file_can_be_read_again_from_its_beginning() -> None:
    source = raw(b"a\nb\n")
    for _ in range(2):
        assert list(TextLines(source)) == ["a\n", "b\n"]
    assert not source.raw.closed
    assert byte_stream(source).read() == b"a\nb\n"
    packed = raw(gzip.compress(b"a\nb\n"), compressed=True)
    assert [byte_stream(packed).read() for _ in range(2)] == [b"a\nb\n"] * 2


def test_an_unknown_encoding_is_refused() -> None:
    with pytest.raises(Invalid, match="no known encoding"):
        TextLines(raw(b"", encoding="klingon"))


def test_half_a_utf16_file_is_refused_not_raised() -> None:
    assert list(TextLines(raw("a\n".encode("utf-16"), encoding="utf-16"))) == ["a\n"]
    with pytest.raises(Invalid, match="cannot be decoded"):
        list(TextLines(raw(b"a\n", encoding="utf-16")))


@pytest.mark.parametrize("cut", [1, 9, 20])
def test_a_damaged_gzip_file_is_refused(cut: int) -> None:
    content = gzip.compress(b"a,b\n" * 100)
    with pytest.raises(Invalid, match="damaged"):
        byte_stream(raw(content[:-cut], compressed=True)).read()


def test_a_file_that_unpacks_too_far_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_LINE", 100)
    monkeypatch.setattr(sources, "MAX_RATIO", 3)
    allowed = 1024 * 3 + 100
    for size, fits in ((allowed, True), (allowed + 1, False)):
        packed = raw(gzip.compress(b"a" * size), compressed=True)
        if fits:
            assert len(byte_stream(packed).read()) == size
        else:
            with pytest.raises(Invalid, match="far more than its size"):
                byte_stream(packed).read()


def test_a_larger_file_may_unpack_to_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_LINE", 0)
    monkeypatch.setattr(sources, "MAX_RATIO", 1)
    content = gzip.compress(b"a" * 1500)
    packed = Raw(io.BytesIO(content), "t", "csv", True, 2000, "utf-8")
    assert len(byte_stream(packed).read()) == 1500


def test_columns_that_can_be_used() -> None:
    assert usable(["a", "", "", "b"]) == ["a", "", "", "b"], "nameless columns are not two of one name"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["a", "b", "a", "c", "b"], "same name: a, b"),
        (["a\x00"], "null bytes"),
        (["\udcff"], "no text in this encoding"),
    ],
)
def test_columns_that_cannot_be_used(names: list[str], said: str) -> None:
    with pytest.raises(Invalid, match=said):
        usable(names)


@pytest.mark.parametrize(
    ("value", "said"),
    [
("x" * 130, "x" * 120),
 ("x" * 120, "x" * 120),
 ("a\x00b", "a\N{REPLACEMENT CHARACTER}b"), ("a\udcffb", "a?b"), (None, "None"), (12, "12")],
)  # fmt: skip
def test_an_excerpt_is_what_the_database_can_hold(value: Any, said: str) -> None:
    assert excerpt(value) == said


def test_surrogates_are_found() -> None:
    assert has_surrogates("a\ud800")
    assert not has_surrogates("ä😀")


def test_the_encoding_by_its_usual_name() -> None:
    assert raw(b"", encoding="utf-8-sig").encoding_name == "UTF-8"
    assert raw(b"", encoding="latin-1").encoding_name == "LATIN-1"
    plain = raw(b"")
    assert (plain.delimiter, plain.skip_lines, plain.header) == ("", 0, True)
