"""Multiple choice: the option that was picked, or that the text names."""

import re
import string
from typing import Any

from evaluation.scorers.base import NO_REFERENCE, Answer, Task, Verdict, register
from evaluation.scorers.normalise import tidy

LETTERS = string.ascii_uppercase
STATED = re.compile(
    r"\b(?:answer|choice|option)\b\s*(?:is|:|=)?\s*[:=]?\s*[\"'*(\[]*([A-Z])(?![A-Za-z]|'[A-Za-z])",
    re.IGNORECASE,
)
LEADING = re.compile(r"^[\s\"'*(\[]*([A-Z])(?:[\s\"'*)\].:,]|$)")
GOES_ON = re.compile(r"\s+(?!(?:because|since|as)\b)[^\W\d_]")


@register("choice", title="Multiple choice")
class Choice:
    """1 where the picked option is the reference.

    A written answer is read as a letter ("B", "(b)", "the answer is B"), else as an option's own text.
    """

    def score(self, answer: Answer, task: Task) -> Verdict:
        right = reference_index(task)
        if right is None:
            return NO_REFERENCE
        picked = answer.choice if answer.choice is not None else read_choice(answer.text, task.choices)
        return Verdict(value=float(picked == right), raw="" if picked is None else LETTERS[picked % 26])


def reference_index(task: Task) -> int | None:
    """The right option's index: the reference may be an index, a letter, or an option's text."""
    reference: Any = task.reference
    if isinstance(reference, bool) or reference is None or not task.choices:
        return None
    if isinstance(reference, int):
        return reference if 0 <= reference < len(task.choices) else None
    text = _plain(str(reference))
    options = [_plain(option) for option in task.choices]
    if text in options:
        return options.index(text)
    return _letter_index(str(reference).strip(), len(options))


def read_choice(text: str, choices: tuple[str, ...]) -> int | None:
    """The option that a written answer names; None where it names none, or more than one by text."""
    stated = [
        index
        for m in STATED.finditer(text)
        if not _is_word(m, {"a", "I"}) and (index := _letter_index(m.group(1), len(choices))) is not None
    ]
    if stated:
        return stated[-1]
    plain = _plain(text)
    options = [_plain(option) for option in choices]
    if plain in options:
        return options.index(plain)
    leading = LEADING.match(text)
    if leading and not _is_word(leading, {"A", "I"}):
        index = _letter_index(leading.group(1), len(choices))
        if index is not None:
            return index
    alone = _letter_index(text.strip(" \t\r\n.()[]*\"'"), len(choices))
    if alone is not None:
        return alone
    named = _named(plain, options)
    return named[0] if len(named) == 1 else None


def _is_word(found: re.Match[str], words: set[str]) -> bool:
    """Whether the letter is an article or a pronoun: "A cat is ..." and "the answer is a city" name no option A."""
    return found.group(1) in words and GOES_ON.match(found.string, found.end(1)) is not None


def _named(text: str, options: list[str]) -> list[int]:
    """The options whose words occur, longest first: "New York" does not name "York" as well."""
    found = []
    for index in sorted(range(len(options)), key=lambda place: -len(options[place])):
        words = re.compile(rf"(?<!\w){re.escape(options[index])}(?!\w)")
        if options[index] and words.search(text):
            found.append(index)
            text = words.sub("\n", text)
    return found


def _letter_index(text: str, n: int) -> int | None:
    index = LETTERS.find(text.upper()) if len(text) == 1 else -1
    return index if 0 <= index < n else None


def _plain(text: str) -> str:
    return tidy(text, case=True, punctuation=False, articles=False, spaces=True).rstrip(".")
