"""Keys taken out of what an endpoint sent, before it is cut, stored or shown.

Of a key of 16 characters or more every run of 8 is hidden, of a shorter one the whole; one of fewer than 8 keeps no secret, and
hiding it would tear holes into answers. What an endpoint may echo is found as it is, percent-encoded, escaped as in JSON or
HTML, in base64 or hexadecimal, in capitals or not. An endpoint that means harm knows the key and can write it in any other
way: this protects from those that repeat what they were sent.
"""

import base64
import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MARK = "[key]"
RUN = 8
LONG = 16
ROUNDS = 2  # text in JSON in JSON
LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
ESCAPE = re.compile(
    r"%(?P<percent>[0-9a-f]{2})|\\u(?P<four>[0-9a-f]{4})|\\x(?P<two>[0-9a-f]{2})|\\(?P<itself>[\"'/\\])"
    r"|(?P<entity>&(?:#[0-9]{1,7}|#x[0-9a-f]{1,6}|amp|lt|gt|quot|apos);)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Redacted:
    """`count` is the number of places in which something was hidden."""

    text: str
    count: int


@dataclass(frozen=True)
class _View:
    """A text as it reads unescaped: the character `text[i]` stands at `starts[i]` to `ends[i]` of the original."""

    text: str
    starts: list[int]
    ends: list[int]


class Redactor:
    """Takes these keys out of texts. `shortest` is lower for errors, which are no answers that a hole would falsify."""

    def __init__(self, keys: Iterable[str], *, shortest: int = RUN) -> None:
        known = {key for key in keys if len(key) >= shortest}
        self._runs = frozenset(
            form[i : i + RUN]
            for key in known
            if len(key) >= LONG
            for form in _forms(key)
            for i in range(len(form) - RUN + 1)
        )
        self._wholes = sorted({form for key in known if len(key) < LONG for form in _forms(key)})

    def redact(self, text: str) -> Redacted:
        """The text with a mark in the place of each key or part of one."""
        if not self._runs and not self._wholes:
            return Redacted(text, 0)
        spans = _merged(sorted(self._spans(text)))
        kept, end = [], 0
        for start, stop in spans:
            kept += [text[end:start], MARK]
            end = stop
        return Redacted("".join([*kept, text[end:]]), len(spans))

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where a key stands, in the text as it is and as it reads unescaped."""
        yield from self._found(text)
        view = None
        for _ in range(ROUNDS):
            if not ESCAPE.search(text if view is None else view.text):
                return
            view = _unescaped(view or _as_it_is(text))
            for start, stop in self._found(view.text):
                yield view.starts[start], view.ends[stop - 1]

    def _found(self, text: str) -> Iterator[tuple[int, int]]:
        text, runs = text.translate(LOWER), self._runs
        if runs:
            yield from ((i, i + RUN) for i in range(len(text) - RUN + 1) if text[i : i + RUN] in runs)
        for whole in self._wholes:
            start = text.find(whole)
            while start >= 0:
                yield start, start + len(whole)
                start = text.find(whole, start + 1)


def _forms(key: str) -> set[str]:
    """The key as it may be echoed, in lower case; of base64 what does not depend on the text around the key."""
    raw = key.encode()
    forms = {key, raw.hex()}
    for before in range(3):
        first, last = -(-before * 8 // 6), (before + len(raw)) * 8 // 6
        padded = b"\0" * before + raw
        forms |= {
            encode(padded).decode()[first:last] for encode in (base64.b64encode, base64.urlsafe_b64encode)
        }
    return {form.translate(LOWER) for form in forms}


def _as_it_is(text: str) -> _View:
    return _View(text, list(range(len(text))), list(range(1, len(text) + 1)))


def _unescaped(view: _View) -> _View:
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    done = 0
    for escape in ESCAPE.finditer(view.text):
        first, last = escape.span()
        parts += [view.text[done:first], _meant(escape)]
        starts += [*view.starts[done:first], view.starts[first]]
        ends += [*view.ends[done:first], view.ends[last - 1]]
        done = last
    return _View("".join([*parts, view.text[done:]]), starts + view.starts[done:], ends + view.ends[done:])


def _meant(escape: re.Match[str]) -> str:
    """The one character that is meant; keys are ASCII, so bytes above it need not be put together."""
    if entity := escape["entity"]:
        return html.unescape(entity)[:1] or " "
    if digits := escape["percent"] or escape["two"] or escape["four"]:
        return chr(int(digits, 16))
    return escape["itself"]


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans that overlap or touch as one; in order."""
    merged: list[tuple[int, int]] = []
    for start, stop in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return merged
