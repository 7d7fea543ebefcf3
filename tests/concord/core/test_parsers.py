"""JSON as everybody means it, and each refusal with its reason."""

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ParseError

from concord.core.api.parsers import StrictJSONParser

# Half characters and null bytes are what PostgreSQL cannot keep.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)


def parse(text: str | bytes, **context: Any) -> Any:
    body = text if isinstance(text, bytes) else text.encode()
    return StrictJSONParser().parse(io.BytesIO(body), "application/json", context)


@given(JSON, st.booleans())
def test_whatever_can_be_kept_comes_through_as_it_was(value: Any, ascii_only: bool) -> None:
    assert parse(json.dumps(value, ensure_ascii=ascii_only)) == value


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ("{'a': 1}", "is not JSON"),
        ("[1,]", "is not JSON"),
        ("NaN", "NaN is no number"),
        ("[Infinity]", "Infinity is no number"),
        ('{"a": -Infinity}', "-Infinity is no number"),
        ("1e999", "1e999 is too large a number"),
        ("-1e999", "-1e999 is too large a number"),
        (b"\xff", "is not JSON"),
        (r'"\u0000"', "null byte or half a character"),
        (r'"a\ud800b"', "null byte or half a character"),
        (r'["x", {"a": ["\uDFFF"]}]', "null byte or half a character"),
        (r'{"\u0000": 1}', "null byte or half a character"),
        ("[" * 200_000, "nested too deeply"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_reason(text: str | bytes, says: str) -> None:
    with pytest.raises(ParseError, match=says):
        parse(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'"\ud83d\ude00"', "😀"),
        (r'"\\u0000"', "\\u0000"),
        (r'"\u00e9"', "é"),
        ("1e308", 1e308),
        ("1e-999", 0.0),
        ("12345678901234567890123", 12345678901234567890123),
        ("[[]]", [[]]),
        ("null", None),
    ],
)
def test_what_only_looks_like_it_is_taken(text: str, value: Any) -> None:
    assert parse(text) == value


def test_an_encoding_is_that_of_the_request_and_an_unknown_one_is_refused() -> None:
    assert parse('"é"'.encode("latin-1"), encoding="latin-1") == "é"
    with pytest.raises(ParseError, match="unknown encoding"):
        parse('"a"', encoding="no-such")
