"""The services that people call, found in the source; each app says beside its routes what its own ask for.

Every app declares its services in `samples_<app>.py`:

    def services(workspace, owner):
        return {"evaluation.services.control.pause": Served(Action.DESIGN, "run.paused", {"run": run})}

`Served` names who may, the verb of the audit event, and the arguments beside `actor`.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
APPS = ("platform/concord", "annotation", "evaluation")
# What takes something away for good, moves a state, or gives data out.
TELLING = {"delete", "_raw_delete", "move", "delete_unused"}
EXPORTS = "from concord.core.services.csv_cells import lines"


@dataclass(frozen=True)
class Served:
    """`verb` empty: it leaves no trace that others have to answer for (the reason stands beside it)."""

    need: str
    verb: str
    given: dict[str, Any]


@dataclass(frozen=True)
class Function:
    """A function of a module of services, as it is written."""

    name: str
    takes_actor: bool
    calls: frozenset[str]
    tells: bool


def service(name: str) -> Callable[..., Any]:
    module, _, function = name.rpartition(".")
    found: Callable[..., Any] = getattr(import_module(module), function)
    return found


def with_actor() -> set[str]:
    """Every public service that says who acts."""
    return {
        f"{module}.{each.name}"
        for module, functions in modules().items()
        for each in functions
        if each.takes_actor and not each.name.startswith("_")
    }


def telling() -> dict[str, bool]:
    """Every public service that deletes, moves or exports, itself or through its module's own functions: name -> takes actor."""
    found = {}
    for module, functions in modules().items():
        by_name = {each.name: each for each in functions}
        for each in functions:
            if not each.name.startswith("_") and _tells(each, by_name, set()):
                found[f"{module}.{each.name}"] = each.takes_actor
    return found


def _tells(function: Function, by_name: dict[str, Function], seen: set[str]) -> bool:
    if function.name in seen:
        return False
    seen.add(function.name)
    return function.tells or any(
        _tells(by_name[name], by_name, seen) for name in function.calls & by_name.keys()
    )


@cache
def modules() -> dict[str, list[Function]]:
    return {_dotted(path): list(_functions(path)) for path in files() if "services" in path.parts}


def files() -> list[Path]:
    return [
        path for app in APPS for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts
    ]


def _dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part not in ("platform", "__init__"))


def _functions(path: Path) -> Iterator[Function]:
    text = path.read_text()
    telling = TELLING | {"lines"} if EXPORTS in text else TELLING
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef):
            calls = frozenset(calls_in(node))
            takes = {argument.arg for argument in node.args.kwonlyargs}
            yield Function(node.name, "actor" in takes, calls, bool(calls & telling) or _deletes_by_sql(node))


def calls_in(node: ast.AST) -> Iterator[str]:
    """The last names of what is called: `move` of `move(run)`, `delete` of `row.delete()`."""
    for each in ast.walk(node):
        if isinstance(each, ast.Call):
            if isinstance(each.func, ast.Attribute):
                yield each.func.attr
            elif isinstance(each.func, ast.Name):
                yield each.func.id


def _deletes_by_sql(node: ast.AST) -> bool:
    return any(
        isinstance(each, ast.Constant) and isinstance(each.value, str) and "DELETE FROM" in each.value
        for each in ast.walk(node)
    )
