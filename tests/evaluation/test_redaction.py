"""Keys in texts: every way in which a server may repeat what it was sent."""

import base64
import html
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.redaction import LONG, MARK, RUN, Redactor

KEY = "sk-Proj_4fG7/hJ2+kL9"  # 20 characters, some of them escaped in one notation or another
SHORT = "sk-hidden"


def hidden(text: str, *keys: str) -> str:
    return Redactor(keys or (KEY,)).redact(text).text


def everything_percent(text: str) -> str:
    return "".join(f"%{ord(letter):02x}" for letter in text)


def everything_unicode(text: str) -> str:
    return "".join(f"\\u{ord(letter):04X}" for letter in text)


ECHOES = {
    "plain": str,
    "capitals": str.upper,
    "small": str.lower,
    "percent": lambda key: quote(key, safe=""),
    "percent in small letters": lambda key: quote(key, safe="").lower(),
    "every letter percent": everything_percent,
    "percent twice": lambda key: quote(quote(key, safe=""), safe=""),
    "JSON": json.dumps,
    "JSON with slashes escaped": lambda key: key.replace("/", "\\/"),
    "JSON, every letter": everything_unicode,
    "JSON in JSON": lambda key: json.dumps(everything_unicode(key)),
    "repr of bytes": lambda key: repr(f"Bearer {key}".encode()),
    "HTML": html.escape,
    "HTML by numbers": lambda key: "".join(f"&#{ord(letter)};" for letter in key),
    "HTML by hexadecimal numbers": lambda key: "".join(f"&#x{ord(letter):X};" for letter in key),
    "hexadecimal": lambda key: key.encode().hex(),
    "hexadecimal in capitals": lambda key: key.encode().hex().upper(),
    "base64": lambda key: base64.b64encode(key.encode()).decode(),
    "base64 after one byte": lambda key: base64.b64encode(b":" + key.encode()).decode(),
    "base64 after two bytes": lambda key: base64.b64encode(b"k:" + key.encode()).decode(),
    "base64 of the header": lambda key: base64.b64encode(f"Bearer {key}\n".encode()).decode(),
    "base64 for addresses": lambda key: base64.urlsafe_b64encode(f"?>{key}".encode()).decode(),
}


@pytest.mark.parametrize("key", [KEY, SHORT, "0123456789abcdef", "key with blanks in it & more"])
@pytest.mark.parametrize("name", ECHOES)
def test_an_echoed_key_is_hidden_in_every_notation(name: str, key: str) -> None:
    echoed = ECHOES[name](key)
    found = Redactor([key]).redact(f"Incorrect API key provided: {echoed}. Find yours at the console.")
    assert found.text.startswith("Incorrect API key provided: ")
    assert found.text.endswith(". Find yours at the console.")
    assert found.count >= 1
    left = found.text.removeprefix("Incorrect API key provided: ").split(". Find")[0].replace(MARK, "")
    # Of base64, what is mixed with the neighbours' bytes may stay: less than a group at each end, and what they wrote.
    assert len(left) <= len(echoed) - len(key), left
    assert key.lower()[1:-1] not in found.text.lower()


@pytest.mark.parametrize("first", range(len(KEY) - 7))
def test_any_eight_characters_in_a_row_are_hidden_and_seven_are_left(first: int) -> None:
    assert hidden(f"<{KEY[first : first + 8]}>") == f"<{MARK}>"
    seven = KEY[first : first + 7]
    assert hidden(f"<{seven}>") == f"<{seven}>"


@pytest.mark.parametrize(
    "name",
    [
        "plain",
        "every letter percent",
        "JSON, every letter",
        "HTML by numbers",
        "HTML by hexadecimal numbers",
        "hexadecimal",
    ],
)
def test_an_escape_is_hidden_to_its_last_character(name: str) -> None:
    assert hidden(f"<{ECHOES[name](KEY)}>") == f"<{MARK}>"


@pytest.mark.parametrize("before", [b"", b"\xff", b"\xff\xff"])
def test_base64_is_found_whatever_bytes_stand_around_the_key(before: bytes) -> None:
    for key in (KEY, SHORT):
        found = hidden(base64.b64encode(before + key.encode() + b"\xff\xff\xff").decode(), key)
        assert found.count(MARK) == 1
        assert len(found) - len(MARK) <= 4 + 4 + 2, "but for the neighbours, all of it is hidden"


def test_a_key_within_a_key_leaves_nothing_of_the_longer() -> None:
    assert hidden("<abcdefghij>", "abcdefghij", "bcdefghi") == f"<{MARK}>"


def test_from_sixteen_characters_on_a_part_gives_it_away_and_below_only_the_whole() -> None:
    key = "abcdefghijklmnop"
    assert len(key) == LONG
    assert hidden("x abcdefgh x", key) == f"x {MARK} x"
    assert hidden("x abcdefgh x", key[:-1]) == "x abcdefgh x"
    assert hidden(f"x {key[:-1]} x", key[:-1]) == f"x {MARK} x"


def test_a_placeholder_that_servers_without_keys_are_given_is_left_in_answers() -> None:
    assert hidden("The list is EMPTY.", "EMPTY") == "The list is EMPTY."
    assert Redactor(["EMPTY"], shortest=4).redact("key EMPTY refused").text == f"key {MARK} refused"


def test_places_are_counted_and_what_touches_is_one() -> None:
    found = Redactor([KEY, SHORT]).redact(f"{KEY}{KEY} and {SHORT}, {KEY[3:14]}")
    assert (found.text, found.count) == (f"{MARK} and {SHORT}, {MARK}".replace(SHORT, MARK), 3)
    assert hidden(f"{SHORT}, again {SHORT}", SHORT) == f"{MARK}, again {MARK}"
    assert Redactor([]).redact(KEY).text == KEY
    assert Redactor([""]).redact(KEY).count == 0


def test_what_stands_around_a_key_stays_to_the_letter() -> None:
    text = "100% of %41 \\u0041 &amp; \\n ümläut 日本 \U0001f600 "
    assert hidden(text) == text
    assert hidden(text + quote(KEY, safe="") + text) == text + MARK + text


def test_a_key_that_looks_escaped_itself() -> None:
    key = "abc%41defg\\u0042hijk"
    assert hidden(f"<{key}>", key) == f"<{MARK}>"
    assert hidden(f"<{quote(key, safe='')}>", key) == f"<{MARK}>"


LETTERS = st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=16, max_size=60)


@given(
    key=LETTERS, before=st.text(max_size=30), after=st.text(max_size=30), name=st.sampled_from(list(ECHOES))
)
def test_no_eight_characters_of_any_key_survive(key: str, before: str, after: str, name: str) -> None:
    found = Redactor([key]).redact(before + ECHOES[name](key) + after)
    assert found.count >= 1
    for piece in found.text.split(MARK):
        assert not any(key[i : i + RUN].lower() in piece.lower() for i in range(len(key) - RUN + 1))


@given(text=st.text(max_size=200))
def test_a_text_without_a_key_is_left_alone(text: str) -> None:
    assert Redactor(["0f9e8d7c6b5a49382716"]).redact(text).text == text


def test_two_million_characters_take_moments() -> None:
    import time

    text = "The quick brown fox & %20 the lazy dog. " * 50_000
    began = time.process_time()
    found = Redactor([KEY]).redact(text + KEY)
    assert found.text == text + MARK
    assert time.process_time() - began < 10
