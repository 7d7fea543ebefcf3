"""Every example in a docstring of concord.stats is run, and every public function has one."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
import re

import pytest

import concord.stats

MODULES = sorted(
    module.name for module in pkgutil.walk_packages(concord.stats.__path__, prefix="concord.stats.")
)
PACKAGES = sorted(name for name in concord.stats.__all__ if name.islower())
SECTIONS = ["Parameters", "Returns", "Raises", "Notes", "References", "Examples"]


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples_give_what_they_show(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_function_is_documented_with_an_example(package: str) -> None:
    module = importlib.import_module(f"concord.stats.{package}")
    for name in module.__all__:
        function = getattr(module, name)
        if inspect.isfunction(function):
            assert ">>>" in (function.__doc__ or ""), f"{package}.{name} shows no example"
            assert function.__annotations__.get("return") is not None, (
                f"{package}.{name} does not say what it returns"
            )


@pytest.mark.parametrize("package", PACKAGES)
def test_docstrings_have_the_same_sections_in_the_same_order(package: str) -> None:
    module = importlib.import_module(f"concord.stats.{package}")
    for name in module.__all__:
        function = getattr(module, name)
        if inspect.isfunction(function):
            found = re.findall(r"^ *(\w+)\n *-{3,}$", function.__doc__ or "", flags=re.MULTILINE)
            assert found == [title for title in SECTIONS if title in found], f"{package}.{name}: {found}"
            assert {"Parameters", "Returns", "Raises", "Examples"} <= set(found), f"{package}.{name}: {found}"
            assert {"Notes", "References"} & set(found), f"{package}.{name} gives neither formula nor source"
