"""Writes what the pages about methods say of arguments, from the signatures and docstrings: `python docs/method_pages.py`.

A docstring is the one home of what an argument means. Each page's section "Arguments" is made of it, and so is the table of
the index that shows what takes what. A test fails where a page is not what this would write.
"""

import importlib
import inspect
import json
import re
import sys
import typing
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

import concord.stats

FOLDER = Path(__file__).parent / "methods"
SECTION, FOLLOWING = "## Arguments\n", "## Result\n"
TABLE, SHARED = "## What takes what\n", "## Arguments that mean the same everywhere\n"
NAME = re.compile(r"`(\w+\.\w+)`")
PARAMETERS = re.compile(r"^Parameters\n-+\n(.*?)\n*(?=^\w+\n-{3,}$|\Z)", re.MULTILINE | re.DOTALL)
# The columns of the index's table, and the arguments that are the same under another name.
COLUMNS = {
    "clusters": ("clusters", "clusters_a", "clusters_b"),
    "clusters2": ("clusters2",),
    "weights": ("weights",),
    "propensities": ("propensities",),
    "null": ("null",),
    "n_resamples": ("n_resamples", "n_permutations"),
}
# In `fairness` these, by name, are what the values are clustered by.
CLUSTERED_BY = {"raters": "clusters", "examples": "clusters2"}
Called = Callable[..., object]


class Untold(Exception):
    """A docstring does not say what an argument is, or tells of one that is not there."""


def main() -> None:
    """Write every page anew, and say which have changed."""
    for page in sorted(FOLDER.glob("*.md")):
        found, text = page.read_text("utf-8"), written(page)
        if text != found:
            page.write_text(text, "utf-8")
            sys.stdout.write(f"{page.name}\n")


def written(page: Path) -> str:
    """Return the page as it should be."""
    text = page.read_text("utf-8")
    if page.stem == "index":
        return _with_table(text)
    names = subjects(text)
    before, _, after = text.partition(FOLLOWING)
    if not names or not after:
        return text
    before = before.partition(SECTION)[0]
    return f"{before}{SECTION}\n{arguments(names, page.name)}\n\n{FOLLOWING}{after}"


def subjects(text: str) -> list[str]:
    """Return what a page is about, `package.name`, as it says itself above its first section."""
    paragraphs = text.split("\n## ")[0].split("\n\n")
    return next((NAME.findall(one) for one in paragraphs[1:] if one.startswith("`")), [])


def arguments(names: Sequence[str], page: str) -> str:
    """Return the section "Arguments" of a page about these: each one's signature and arguments, and what its result can do."""
    parts, told = [], set()
    for name in names:
        called = _called(name)
        parts += [f"### `{_short(name)}`"] if len(names) > 1 else []
        parts.append(f"`{name}{_signature(called)}`")
        parts += _class(called, page) if inspect.isclass(called) else [_table(name, called, page)]
        for result in [] if inspect.isclass(called) else _results(called):
            if result not in told and (methods := list(_methods(result, result.__mro__[:-1]))):
                told.add(result)
                parts += [f"Methods of the result, `{result.__name__}`:", _listed(methods, page, dir(result))]
    return "\n\n".join(parts)


def _table(name: str, called: Called, page: str) -> str:
    told = _told(called)
    known = {one for group in told for one in group}
    taken = list(inspect.signature(called).parameters)
    rest = tuple(one for one in taken if one not in known)
    if wrong := (set(rest) - shared()) | (known - set(taken)):
        raise Untold(f"{name} and the parameters in its docstring differ by {sorted(wrong)}")
    rows = [(group, _markdown(text, page, taken)) for group, text in told.items()]
    rows += [(rest, f"[As everywhere](index.md{_address(SHARED)}).")] if rest else []
    lines = [f"| {', '.join(f'`{one}`' for one in group)} | {text} |" for group, text in rows]
    return "\n".join(["| argument | what it is |", "|---|---|", *lines])


def _class(called: type, page: str) -> Iterator[str]:
    """Yield what counts that grow are made with, and what they can do; what they inherit is said on the other's page."""
    yield _markdown(inspect.getdoc(called.__init__) or "", page)  # type: ignore[misc]
    inherited = [one for one in called.__mro__[1:-1] if one.__name__ in _homes()]
    own = [one for one in called.__mro__[:-1] if one not in inherited]
    yield _listed(_methods(called, own), page)
    for one in inherited:
        yield f"It also has all methods of {_markdown(f'``{one.__name__}``', page)}."


def _methods(result: type, classes: Iterable[type]) -> Iterator[tuple[str, Called]]:
    """Yield the public methods that these classes give a result, but for what every result has."""
    for name, method in inspect.getmembers(result, inspect.isfunction):
        if not name.startswith("_") and name != "as_dict" and any(name in vars(one) for one in classes):
            yield name, method


def _listed(methods: Iterable[tuple[str, Called]], page: str, own: Iterable[str] = ()) -> str:
    lines = []
    for name, method in methods:
        words = _markdown(inspect.getdoc(method) or "", page, own)
        words = (
            words.removeprefix("Return ") if words.startswith("Return ") else words[:1].lower() + words[1:]
        )
        lines.append(f"- `{name}{_signature(method)}`: {words}")
    return "\n".join(lines)


def _signature(called: Called) -> str:
    """Return `(a, b, *, c=1)`: no types, no self."""
    given = inspect.signature(called)
    plain = [
        one.replace(
            annotation=one.empty, default=one.default if one.default is one.empty else _Default(one.default)
        )
        for one in given.parameters.values()
        if one.name != "self"
    ]
    return str(inspect.Signature(plain))


class _Default:
    """A default that shows itself as it is typed."""

    def __init__(self, value: object) -> None:
        self.value = value

    def __repr__(self) -> str:
        if isinstance(self.value, str):
            return json.dumps(self.value)
        if callable(self.value):
            return f"{self.value.__module__}.{getattr(self.value, '__name__', '')}"
        return repr(self.value)


def _told(called: Called) -> dict[tuple[str, ...], str]:
    """Return what the docstring says of each argument, or of several at once."""
    found: dict[tuple[str, ...], str] = {}
    section = PARAMETERS.search(inspect.getdoc(called) or "")
    for entry in re.split(r"\n(?=\S)", section[1]) if section else []:
        head, _, text = entry.partition("\n")
        found[tuple(head.split(", "))] = " ".join(text.split())
    return found


def _markdown(text: str, page: str, own: Iterable[str] = ()) -> str:
    """Return a docstring's first paragraph as markdown in one line; `own` names mean no estimator, even if called like one."""
    pieces = re.split(r"``(.+?)``", " ".join(text.split("\n\n")[0].split()))
    pieces[::2] = [re.sub(r"([*|])", r"\\\1", piece) for piece in pieces[::2]]
    pieces[1::2] = [f"`{piece}`" if piece in own else _code(piece, page) for piece in pieces[1::2]]
    return "".join(pieces)


def _code(text: str, page: str) -> str:
    """Return a piece of code; the name of an estimator leads to where its arguments are."""
    home, part = _homes().get(text, ("", ""))
    code = "`{}`".format(text.replace("|", r"\|"))
    if not home or (home == page and part == _address(SECTION)):
        return code
    return f"[{code}]({'' if home == page else home}{part})"


@cache
def _homes() -> dict[str, tuple[str, str]]:
    """Return the page and the part of it that tells of an estimator, by its name with and without its package."""
    found = {}
    for page in sorted(FOLDER.glob("*.md")):
        names = subjects(page.read_text("utf-8"))
        for name in names:
            part = _address(_short(name) if len(names) > 1 else SECTION)
            found[name] = found[_short(name)] = (page.name, part)
    return found


def _short(name: str) -> str:
    return name.partition(".")[2]


@cache
def shared() -> frozenset[str]:
    """Return the arguments that the index explains for all."""
    section = (FOLDER / "index.md").read_text("utf-8").partition(SHARED)[2].partition("\n## ")[0]
    return frozenset(re.findall(r"^\| `(\w+)`", section, flags=re.MULTILINE))


def _address(heading: str) -> str:
    return "#" + heading.strip("#\n ").lower().replace(" ", "-")


def _called(name: str) -> Called:
    package = importlib.import_module(f"concord.stats.{name.partition('.')[0]}")
    found: Called = getattr(package, _short(name))
    return found


def _results(called: Called) -> Iterator[type]:
    """Yield the classes of what a function returns: also of each of several."""
    returned = typing.get_type_hints(called)["return"]
    for one in (returned, *typing.get_args(returned)):
        if inspect.isclass(one) and one.__module__.startswith("concord.stats"):
            yield one


def _with_table(text: str) -> str:
    """Return the index with the table of what takes what, in place of the one that it has."""
    before, heading, section = text.partition(TABLE)
    section, following, after = section.partition("\n## ")
    prose = re.sub(r"^\|.*\n", "", section, flags=re.MULTILINE).strip("\n")
    return f"{before}{heading}\n{prose}\n\n{_what_takes_what()}\n{following}{after}"


def _what_takes_what() -> str:
    head = ["function", *(f"`{one}`" for one in COLUMNS)]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for package in sorted(name for name in concord.stats.__all__ if name.islower() and name != "planning"):
        rows = [row for name in _functions(package) if (row := _row(package, name))]
        lines += [f"| **{package}** |{' |' * len(COLUMNS)}", *rows] if rows else []
    return "\n".join(lines)


def _functions(package: str) -> list[str]:
    module = importlib.import_module(f"concord.stats.{package}")
    return [name for name in module.__all__ if inspect.isfunction(getattr(module, name))]


def _row(package: str, name: str) -> str:
    """Return a function's line: "yes", or what the argument is called there; nothing where it takes none of them."""
    taken = list(_taken(package, _called(f"{package}.{name}")))
    if not taken:
        return ""
    cells = []
    for column in COLUMNS:
        found = [one for one, at in taken if at == column]
        cells.append("yes" if found == [column] else ", ".join(f"`{one}`" for one in found))
    return f"| {_code(f'{package}.{name}', '').replace(f'`{package}.', '`')} | {' | '.join(cells)} |"


def _taken(package: str, called: Called) -> Iterator[tuple[str, str]]:
    """Yield each argument of a function that belongs in a column, with the column."""
    for one in inspect.signature(called).parameters.values():
        for column, names in COLUMNS.items():
            if (
                one.name in names and one.annotation != "Weights"
            ):  # a kappa's weights are those of disagreements
                yield one.name, column
        if package == "fairness" and one.kind is one.KEYWORD_ONLY and one.name in CLUSTERED_BY:
            yield one.name, CLUSTERED_BY[one.name]


if __name__ == "__main__":
    main()
