"""Every public estimator has a page under docs/methods; the pages' examples run, and their links lead somewhere."""

from __future__ import annotations

import doctest
import importlib
import inspect
import re
from pathlib import Path

import pytest

import concord.stats

FOLDER = Path(__file__).parents[3] / "docs" / "methods"
PACKAGES = sorted(name for name in concord.stats.__all__ if name.islower())
PAGES = sorted(FOLDER.glob("*.md"))
METHODS = [page for page in PAGES if page.name not in ("index.md", "coverage.md")]
SECTIONS = ["Example", "Result", "Formula", "Assumptions", "Undefined, and notes", "Interval", "Sources"]


def public_names(package: str) -> list[str]:
    """Return the functions and the classes that are called (counts that grow) of a package; results are no names to look up."""
    module = importlib.import_module(f"concord.stats.{package}")
    return [name for name in module.__all__ if name.islower() or name.endswith("Counts")]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_has_one_page_and_one_line_of_the_index(package: str) -> None:
    index = (FOLDER / "index.md").read_text()
    for name in public_names(package):
        if inspect.ismodule(getattr(importlib.import_module(f"concord.stats.{package}"), name)):
            continue
        heads = [page.name for page in METHODS if f"`{package}.{name}`" in page.read_text().split("\n## ")[0]]
        assert len(heads) == 1, f"{package}.{name} is the subject of {heads or 'no page'} in docs/methods"
        lines = [line for line in index.splitlines() if f"`{package}.{name}`" in line]
        assert len(lines) == 1, f"{package}.{name} stands in {len(lines)} lines of the index"
        assert f"({heads[0]})" in lines[0], f"the index does not lead from {package}.{name} to {heads[0]}"


@pytest.mark.parametrize("page", METHODS, ids=lambda page: page.stem)
def test_pages_have_the_same_sections_in_the_same_order(page: Path) -> None:
    found = re.findall(r"^## (.+)$", page.read_text(), flags=re.MULTILINE)
    known = [title for title in found if title in SECTIONS]
    assert known == [title for title in SECTIONS if title in found], f"{page.name}: {found}"
    missing = set(SECTIONS) - {"Interval"} - set(found)
    assert not missing, f"{page.name} lacks {missing}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_examples_in_pages_give_what_they_show(page: Path) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```$", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    assert blocks or page not in METHODS, f"{page.name} shows no example"
    source = "\n".join(blocks)
    example = doctest.DocTestParser().get_doctest(source, {}, page.name, str(page), 0)
    assert doctest.DocTestRunner().run(example).failed == 0


def test_links_and_pictures_exist() -> None:
    for page in PAGES:
        for target, anchor in re.findall(r"\]\(([^)#\s]*)#?([^)\s]*)\)", page.read_text()):
            if target.startswith("http"):
                continue
            path = FOLDER / target if target else page
            assert path.exists(), f"{page.name} points to {target}"
            assert not anchor or anchor in anchors(path), f"{page.name} points to {target}#{anchor}"


def anchors(page: Path) -> set[str]:
    """Return what the headings of a page are called in links, as GitHub and the platform name them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
