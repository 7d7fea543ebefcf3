"""Every public estimator has a page under docs/methods, and the pages' links lead somewhere."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path

import pytest

import concord.stats

FOLDER = Path(__file__).parents[3] / "docs" / "methods"
PACKAGES = sorted(name for name in concord.stats.__all__ if name.islower())


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_function_has_a_page(package: str) -> None:
    pages = "\n".join(page.read_text() for page in FOLDER.glob("*.md") if page.name != "index.md")
    module = importlib.import_module(f"concord.stats.{package}")
    for name in module.__all__:
        if inspect.isfunction(getattr(module, name)):
            assert f"`{package}.{name}`" in pages, f"{package}.{name} has no page in docs/methods"


def test_links_and_pictures_exist() -> None:
    for page in FOLDER.glob("*.md"):
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            assert target.startswith("http") or (FOLDER / target).exists(), f"{page.name} points to {target}"
