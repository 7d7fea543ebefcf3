"""Where names stand beside their marks, so that none lies on another name or mark."""

from collections.abc import Sequence
from dataclasses import dataclass

from concord.charts.text import width_of

AWAY, HALF_LINE, HALF_MARK = 9.0, 8.0, 6.0


@dataclass(frozen=True, kw_only=True)
class Box:
    """A rectangle in pixels."""

    left: float
    right: float
    top: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def within(self, other: "Box") -> bool:
        return (
            other.left <= self.left
            and self.right <= other.right
            and other.top <= self.top
            and self.bottom <= other.bottom
        )


@dataclass(frozen=True, kw_only=True)
class Label:
    """A text's place: `x` is its side named by `anchor`, `y` its middle."""

    x: float
    y: float
    anchor: str


def place_labels(at: Sequence[tuple[float, float]], texts: Sequence[str], room: Box) -> list[Label | None]:
    """Return a place for each text near its mark, in order; None where every place is taken."""
    marks = [
        Box(left=x - HALF_MARK, right=x + HALF_MARK, top=y - HALF_MARK, bottom=y + HALF_MARK) for x, y in at
    ]
    taken: list[Box] = []
    found: list[Label | None] = []
    for place, ((x, y), text) in enumerate(zip(at, texts, strict=True)):
        others = [*taken, *marks[:place], *marks[place + 1 :]]
        chosen = next((one for one in _places(x, y, width_of(text)) if _free(one[1], others, room)), None)
        found.append(chosen[0] if chosen else None)
        taken += [chosen[1]] if chosen else []
    return found


def _free(box: Box, others: Sequence[Box], room: Box) -> bool:
    return box.within(room) and not any(box.meets(other) for other in others)


def _places(x: float, y: float, width: float) -> list[tuple[Label, Box]]:
    """Return the places around a mark, best first: beside and above the intervals, so that no line runs through a name."""
    found = []
    for dy in (-AWAY - 1, AWAY + 1, -AWAY - 15, AWAY + 15):
        for anchor, start in (("left", x + AWAY - 3), ("right", x - AWAY + 3 - width)):
            edge = start if anchor == "left" else start + width
            box = Box(left=start, right=start + width, top=y + dy - HALF_LINE, bottom=y + dy + HALF_LINE)
            found.append((Label(x=edge, y=y + dy, anchor=anchor), box))
    return found
