"""Who may do what on which route, and what each of the cast must therefore be answered.

Every app declares its routes in `samples_<app>.py` beside this file:

    EXPECTED = {"study": Needs(Action.READ), "api:study-list": Needs(Action.READ, Action.DESIGN)}
    def samples(workspace, owner): return {"study": {"workspace": workspace.slug, "pk": study.pk}}
    def bodies(workspace, owner): return {"api:study-list": {"name": "New"}}      # where a write needs one

`samples` makes the objects and gives the keyword arguments of each route's address; routes without any are left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import IntConverter

from concord.accounts.models import User
from concord.accounts.states import ALLOWED

# Beside the actions of `concord.accounts.states.Action`:
ANYONE = "anyone, signed in or not"
SIGNED_IN = "anyone with an account, whatever their workspaces"
MEMBER = "every member of the workspace, whatever the role"
OWN = "only the person whose it is (in the samples: the owner)"
FOUNDER = "whoever may make a workspace: those who design somewhere (the stranger does, at home)"
ADMINISTRATOR = "administrators of the installation; none of the cast is one"

# What an answer amounts to.
IN, SIGN_IN, FORBIDDEN, MISSING = "in", "sign in first", "forbidden", "missing"


@dataclass(frozen=True)
class Needs:
    """What reading (GET) and writing (every other method) asks for; None where the route has no such method."""

    read: str | None
    write: str | None = None


@dataclass(frozen=True)
class Route:
    name: str
    callback: Any
    numbered: bool  # whether its address names an object by number

    @property
    def in_api(self) -> bool:
        return self.name.startswith("api:")

    @property
    def methods(self) -> list[str] | None:
        """The methods of an API route; None for a page, whose view alone knows."""
        if actions := getattr(self.callback, "actions", None):
            return [method for method in actions if method not in ("head", "options")]
        if view := getattr(self.callback, "cls", None):
            return [m for m in view.http_method_names if hasattr(view, m) and m not in ("head", "options")]
        return None


def routes() -> dict[str, Route]:
    """Every route of the project by name, but the administrators' back office, which has rules of its own."""
    found = [route for route in _walk(get_resolver().url_patterns, "") if route is not None]
    return {route.name: route for route in found}


def _walk(patterns: list[Any], namespace: str) -> Iterator[Route]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if pattern.app_name == "admin":
                continue
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            yield Route(f"{namespace}{pattern.name}", pattern.callback, _numbered(pattern))


def _numbered(pattern: URLPattern) -> bool:
    whole = any(isinstance(each, IntConverter) for each in pattern.pattern.converters.values())
    return whole or r"\d+" in str(pattern.pattern)


def modules() -> list[Any]:
    files = sorted(Path(__file__).parent.glob("samples_*.py"))
    return [import_module(f"tests.permissions.{file.stem}") for file in files]


def expectations() -> dict[str, Needs]:
    declared: dict[str, Needs] = {}
    for module in modules():
        twice = declared.keys() & module.EXPECTED.keys()
        assert not twice, f"declared twice: {sorted(twice)}"
        declared |= module.EXPECTED
    return declared


def gather(part: str, workspace: Any, owner: Any, name: str) -> dict[str, dict[str, Any]]:
    """`samples` or `bodies` of the app that declares `name`."""
    for module in modules():
        if name in module.EXPECTED and hasattr(module, part):
            made: dict[str, dict[str, Any]] = getattr(module, part)(workspace, owner)
            return made
    return {}


def expected(need: str, person: str, user: User | None) -> str:
    """What `person` of the cast must be answered where `need` is asked for."""
    if need == ANYONE:
        return IN
    if user is None:
        return SIGN_IN
    if need == SIGNED_IN:
        return IN
    if need == FOUNDER:
        return IN if person in ("owner", "designer", "stranger") else FORBIDDEN
    if need == OWN:
        return IN if person == "owner" else MISSING
    if person == "stranger":
        return MISSING
    if need == ADMINISTRATOR:
        return FORBIDDEN
    return IN if need == MEMBER or need in ALLOWED[person] else FORBIDDEN


def answered(response: Any, in_api: bool) -> str:
    """What the answer amounts to. A server error is none of these."""
    status = response.status_code
    if status == 302 and "/account/login/?next=" in response["Location"] and not in_api:
        return SIGN_IN
    if status in (401, 403, 404):
        return {401: SIGN_IN, 403: FORBIDDEN, 404: MISSING}[status]
    return IN if status < 500 else f"server error {status}"
