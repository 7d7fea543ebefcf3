"""Every public estimator has a page under docs/methods; the pages' examples run, and their links lead somewhere."""

from __future__ import annotations

import ast
import doctest
import importlib
import importlib.util
import inspect
import re
from pathlib import Path
from typing import Any

import pytest

import concord.stats

FOLDER = Path(__file__).parents[3] / "docs" / "methods"
PACKAGES = sorted(name for name in concord.stats.__all__ if name.islower())
PAGES = sorted(FOLDER.glob("*.md"))
METHODS = [page for page in PAGES if page.name not in ("index.md", "coverage.md")]
SECTIONS = [
    "Example",
    "Arguments",
    "Result",
    "Formula",
    "Assumptions",
    "Undefined, and notes",
    "Interval",
    "Sources",
]
COLUMNS = ["clusters", "clusters2", "weights", "propensities", "null", "n_resamples"]
_spec = importlib.util.spec_from_file_location("method_pages", FOLDER.parent / "method_pages.py")
assert _spec is not None and _spec.loader is not None  # noqa: PT018 - for the type checker
writer: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(writer)


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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_pages_say_of_arguments_what_signatures_and_docstrings_say(page: Path) -> None:
    assert writer.written(page) == page.read_text(), (
        f"{page.name} is out of date: run `python docs/method_pages.py`"
    )


@pytest.mark.parametrize("page", METHODS, ids=lambda page: page.stem)
def test_pages_name_the_arguments_that_a_function_has_and_no_others(page: Path) -> None:
    for name in re.findall(r"`(\w+\.\w+)`", page.read_text().split("\n## ")[0]):
        called = public(name)
        taken = inspect.signature(called).parameters
        usage, *table = part(page, name)
        assert arguments_of(usage) == {one: shown(p.default) for one, p in taken.items()}, (
            f"{page.name}: {name}"
        )
        told = [one for line in table if line.startswith("| `") for one in named(line.split(" | ")[0])]
        if inspect.isfunction(called):
            assert sorted(told) == sorted(taken), f"{page.name} tells of other arguments than {name} has"


@pytest.mark.parametrize("package", PACKAGES)
def test_pages_name_the_methods_of_results_with_their_arguments(package: str) -> None:
    module = importlib.import_module(f"concord.stats.{package}")
    for name in module.__all__:
        result = getattr(module, name)
        for method, called in (
            inspect.getmembers(result, inspect.isfunction) if inspect.isclass(result) else []
        ):
            if method.startswith("_") or method == "as_dict":
                continue
            home = next(one.__name__ for one in reversed(result.__mro__) if method in vars(one))
            heads = (f"`{package}.{name}(", f"Methods of the result, `{name}`", f".{home}(")
            told = [line for line in method_lines(heads) if line.startswith(f"- `{method}(")]
            assert told, f"no page tells of {package}.{name}.{method}"
            taken = inspect.signature(called).parameters.items()
            for line in told:
                assert arguments_of(line) == {one: shown(p.default) for one, p in taken if one != "self"}, (
                    line
                )


def test_the_index_shows_what_takes_what() -> None:
    section = (FOLDER / "index.md").read_text().split("## What takes what\n")[1].split("\n## ")[0]
    rows = {}
    for line in re.findall(r"^\| \[.*$", section, flags=re.MULTILINE):
        name, *cells = [cell.strip() for cell in line.strip("|").split("|")]
        rows[named(name)[0]] = dict(zip(COLUMNS, cells, strict=True))
    for package in [one for one in PACKAGES if one != "planning"]:
        module = importlib.import_module(f"concord.stats.{package}")
        for name in module.__all__:
            if not inspect.isfunction(getattr(module, name)):
                continue
            taken = inspect.signature(getattr(module, name)).parameters
            row = rows.get(name, dict.fromkeys(COLUMNS, ""))
            agreement_weights = name.endswith(("kappa", "_ac"))
            for column, cell in row.items():
                given = column in taken and not (column == "weights" and agreement_weights)
                assert (cell == "yes") == given, f"{name}: {column} is {cell!r}"
                assert set(named(cell)) <= set(taken), f"{name} has none of {cell}"
    assert rows["gap"]["clusters"] == "`raters`"
    assert rows["mean"] == {**dict.fromkeys(COLUMNS, "yes"), "propensities": "", "n_resamples": ""}


@pytest.mark.parametrize("told", ["values", "values, extra, more"])
def test_a_docstring_that_forgets_or_invents_an_argument_is_refused(
    monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    def estimate(values: object, extra: object, *, confidence: float = 0.95) -> float:
        return confidence

    estimate.__doc__ = (
        f"Return it.\n\nParameters\n----------\n{told}\n    Numbers.\n\nReturns\n-------\nfloat"
    )
    monkeypatch.setattr(writer, "_called", lambda name: estimate)
    with pytest.raises(writer.Untold, match="extra" if told == "values" else "more"):
        writer.arguments(["comparison.estimate"], "mean.md")
    estimate.__doc__ = estimate.__doc__.replace(told, "values, extra")
    assert "| `values`, `extra` | Numbers. |\n| `confidence` | [As everywhere]" in writer.arguments(
        ["comparison.estimate"], "mean.md"
    )


def method_lines(heads: tuple[str, ...]) -> list[str]:
    """Return the lines of all pages' lists of methods before which one of these stands."""
    paragraphs = [one for page in METHODS for one in page.read_text().split("\n\n")]
    lists = [at for at, one in enumerate(paragraphs) if one.startswith("- `")]
    told = [at for at in lists if any(head in one for head in heads for one in paragraphs[at - 2 : at])]
    return [line for at in told for line in paragraphs[at].splitlines()]


def public(name: str) -> Any:
    package, short = name.split(".")
    return getattr(importlib.import_module(f"concord.stats.{package}"), short)


def part(page: Path, name: str) -> list[str]:
    """Return the lines of the section "Arguments" that tell of one name: from its signature to the next."""
    lines = page.read_text().split("\n## Arguments\n")[1].split("\n## ")[0].splitlines()
    starts = [at for at, line in enumerate(lines) if re.match(r"`\w+\.\w+\(", line)]
    [begin] = [at for at in starts if lines[at].startswith(f"`{name}(")]
    return lines[begin : min([at for at in starts if at > begin], default=len(lines))]


def arguments_of(line: str) -> dict[str, str]:
    """Return the arguments of a call in backticks, with their defaults as they are shown."""
    call = re.search(r"`[\w.]+(\(.*?\))`", line)
    assert call is not None, line
    [made] = ast.parse(f"def called{call[1]}: ...").body
    assert isinstance(made, ast.FunctionDef)
    names = [*made.args.args, *made.args.kwonlyargs]
    missing = [None] * (len(made.args.args) - len(made.args.defaults))
    defaults = [*missing, *made.args.defaults, *made.args.kw_defaults]
    return {
        name.arg: "" if given is None else ast.unparse(given)
        for name, given in zip(names, defaults, strict=True)
    }


def shown(default: Any) -> str:
    if default is inspect.Parameter.empty:
        return ""
    return f"numpy.{default.__name__}" if callable(default) else repr(default)


def named(text: str) -> list[str]:
    return re.findall(r"`(\w+)`", text)


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
