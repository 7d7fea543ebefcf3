"""The pages about methods that come with the product, and which of them explains an estimator.

They are read once, by the names that the folder has then; whatever a reader asks for is only looked up among these.
A page says itself, below its title, which estimators it is about: there is no second list of that.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from concord.core.services.method_html import Shown, as_html

INDEX = "index"
_TITLE = re.compile(r"# (.+)\n+")
_NAME = r"`(\w+\.\w+)`"
_SUBJECT = re.compile(rf"(?:{_NAME}[,\s]*)+(?:\n\n|\Z)")
_ROW = re.compile(r"^\|.*?\]\((\w+)\.md", re.MULTILINE)


@dataclass(frozen=True)
class Page:
    """One page: its title, the estimators it is about (`agreement.krippendorff_alpha`), and what it says as markdown."""

    slug: str
    title: str
    estimators: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Shelf:
    """All pages in the order in which the index names them, and the pictures that they show."""

    index: Page | None
    pages: Mapping[str, Page]
    pictures: Mapping[str, str]
    about: Mapping[str, Page]

    def around(self, page: Page) -> tuple[Page | None, Page | None]:
        """The pages before and after."""
        order = list(self.pages.values())
        at = order.index(page)
        return order[at - 1] if at else None, order[at + 1] if at + 1 < len(order) else None


def shelf() -> Shelf:
    """What there is; nothing where the product was installed without its documentation."""
    return _read(settings.METHOD_PAGES)


def page_about(estimator: str) -> Page | None:
    """The page that says how this estimator computes: its one home."""
    return shelf().about.get(estimator)


def shown(page: Page) -> Shown:
    """The page as HTML, and its parts."""
    return _shown(settings.METHOD_PAGES, page)


@lru_cache(maxsize=64)
def _shown(folder: Path, page: Page) -> Shown:
    found = _read(folder)
    return as_html(page.text, known=frozenset(found.pages), pictures=found.pictures)


@lru_cache(maxsize=4)
def _read(folder: Path) -> Shelf:
    read = {path.stem: _page(path.stem, path.read_text("utf-8")) for path in sorted(folder.glob("*.md"))}
    index = read.pop(INDEX, None)
    named = _ROW.findall(index.text) if index else []
    order = [slug for slug in dict.fromkeys(named) if slug in read]
    pages = {slug: read[slug] for slug in [*order, *sorted(read.keys() - set(order))]}
    return Shelf(
        index=index,
        pages=pages,
        pictures={path.name: path.read_text("utf-8") for path in folder.glob("*.svg")},
        about={name: page for page in pages.values() for name in page.estimators},
    )


def _page(slug: str, text: str) -> Page:
    title = _TITLE.match(text)
    body = text[title.end() :] if title else text
    subject = _SUBJECT.match(body)
    return Page(
        slug=slug,
        title=title.group(1).strip() if title else slug,
        estimators=tuple(re.findall(_NAME, subject.group())) if subject else (),
        text=body,
    )
