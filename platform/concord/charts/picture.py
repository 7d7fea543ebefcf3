"""A drawn picture: the same specification at the widths that pages have, and as a file."""

from dataclasses import dataclass
from typing import Any

# Pixels inside a figure: a phone, an A4 page or a tablet, a laptop. Text is never scaled, so each width is drawn.
PHONE, PAPER, SCREEN = 288.0, 640.0, 1080.0
WIDTHS = (PHONE, PAPER, SCREEN)


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """One SVG of a known size, in the theme's variables."""

    width: float
    height: float
    svg: str


@dataclass(frozen=True, kw_only=True)
class Picture:
    """`pages`, from narrow to wide, stand in pages, which show the widest that fits; `file` is for other programs."""

    key: str
    title: str
    description: str
    pages: tuple[Drawing, ...]
    file: str

    def as_json(self) -> dict[str, Any]:
        """Return what is kept beside the figures."""
        return {
            "key": self.key,
            "title": self.title,
            "description": self.description,
            "pages": [{"width": page.width, "height": page.height, "svg": page.svg} for page in self.pages],
            "file": self.file,
        }
