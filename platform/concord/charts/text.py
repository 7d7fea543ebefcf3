"""Text in pictures: made harmless, measured, cut and wrapped. Labels come from anybody."""

import unicodedata

SIZE = 12.0
ELLIPSIS = "…"
NARROW, WIDE = "iljtfrI1.,:;'|!()[] ·", "mwMW@%&—…"
# What turns the direction of all that follows, and what is no character at all.
_DIRECTION = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C}


def clean(text: str) -> str:
    """Return one line that any XML reader takes: no control characters, half characters or turned directions."""
    kept = "".join(" " if _refused(character) else character for character in str(text))
    # Not str.split(): it would take narrow and non-breaking spaces away, which hold numbers and units together.
    return " ".join(part for part in kept.split(" ") if part) or "(no name)"


def _refused(character: str) -> bool:
    code = ord(character)
    return (
        code in _DIRECTION
        or (code & 0xFFFE) == 0xFFFE
        or unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
    )


def width_of(text: str, *, size: float = SIZE, bold: bool = False) -> float:
    """Return about how many pixels a line takes, rather too many: the reader's font is not known."""
    return sum(map(_em, text)) * size * (1.08 if bold else 1.0)


def _em(character: str) -> float:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0.0
    if unicodedata.east_asian_width(character) in ("W", "F"):
        return 1.0
    if character in NARROW:
        return 0.38
    return 0.95 if character in WIDE else 0.72 if character.isupper() else 0.62


def fitted(text: str, room: float, *, bold: bool = False) -> str:
    """Return the text, cut with an ellipsis where it is wider than `room` pixels."""
    if width_of(text, bold=bold) <= room:
        return text
    kept = text
    while kept and width_of(kept + ELLIPSIS, bold=bold) > room:
        kept = kept[:-1]
    return kept.rstrip() + ELLIPSIS


def wrapped(text: str, room: float, *, lines: int = 2, bold: bool = False) -> tuple[str, ...]:
    """Return the text on at most `lines` lines of `room` pixels; what does not fit ends in an ellipsis."""
    done: list[str] = []
    line = ""
    words = text.split(" ")
    for place, word in enumerate(words):
        longer = f"{line} {word}" if line else word
        if not line or width_of(longer, bold=bold) <= room:
            line = longer
        elif len(done) == lines - 1:
            line = " ".join([line, *words[place:]])
            break
        else:
            done.append(line)
            line = word
    return tuple(fitted(each, room, bold=bold) for each in [*done, line])
