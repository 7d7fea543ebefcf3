"""Every page and every API route, asked by everyone: a new route without a declared expectation fails here."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, reverse

from concord.accounts.models import User, Workspace
from tests.permissions.support import (
    ANYONE,
    FORBIDDEN,
    IN,
    MISSING,
    SIGN_IN,
    Needs,
    Route,
    answered,
    expectations,
    expected,
    gather,
    routes,
)

pytestmark = pytest.mark.django_db
EXPECTED = expectations()


@pytest.fixture
def cast(
    owner: User, designer: User, reviewer: User, rater: User, viewer: User, stranger: User
) -> dict[str, User | None]:
    """Whoever may not comes first, so that a write by someone who may does not hide it."""
    cache.clear()
    return {
        "anonymous": None,
        "stranger": stranger,
        "viewer": viewer,
        "rater": rater,
        "reviewer": reviewer,
        "designer": designer,
        "owner": owner,
    }


@contextmanager
def undone() -> Iterator[None]:
    """Whatever a request writes is gone before the next one asks."""
    point = transaction.savepoint()
    yield
    transaction.savepoint_rollback(point)


def client_of(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def address(route: Route, workspace: Workspace, kwargs: dict[str, Any]) -> str:
    url = reverse(route.name, kwargs=kwargs)
    return f"{url}?workspace={workspace.slug}" if route.in_api and route.name.endswith("-list") else url


def ask(client: Client, route: Route, method: str, url: str, body: dict[str, Any], slug: str) -> Any:
    if method == "get":
        return client.get(url)
    if route.in_api:
        sent = {"workspace": slug} | body
        return getattr(client, method)(url.partition("?")[0], sent, content_type="application/json")
    return getattr(client, method)(url, body)


def test_every_route_has_a_name_and_an_expectation() -> None:
    names = set(routes())
    undeclared = sorted(names - EXPECTED.keys())
    assert not undeclared, f"say in tests/permissions/samples_<app>.py who may use: {undeclared}"
    gone = sorted(EXPECTED.keys() - names)
    assert not gone, f"declared, but there are no such routes: {gone}"


def test_every_route_of_the_api_declares_the_methods_that_it_has() -> None:
    for name, route in routes().items():
        if route.methods is None:
            continue
        needs = EXPECTED[name]
        assert ("get" in route.methods) == (needs.read is not None), name
        assert any(method != "get" for method in route.methods) == (needs.write is not None), name


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_everyone_gets_what_is_theirs_and_nothing_else(
    name: str, cast: dict[str, User | None], workspace: Workspace, owner: User
) -> None:
    if name not in routes():
        pytest.skip("no such route")
    route, needs = routes()[name], EXPECTED[name]
    kwargs = gather("samples", workspace, owner, name).get(name, {})
    body = gather("bodies", workspace, owner, name).get(name, {})
    try:
        url = address(route, workspace, kwargs)
    except NoReverseMatch:
        pytest.fail(f"samples() gives {kwargs} for {name}, which makes no address")
    if {needs.read, needs.write} <= {ANYONE, None}:
        cast = {person: cast[person] for person in ("anonymous", "owner")}
    clients = {person: client_of(user) for person, user in cast.items()}
    wrong: list[str] = []
    for method in methods_to_try(route, needs):
        need = needs.read if method == "get" else needs.write
        for person, user in cast.items():
            with undone():
                response = ask(clients[person], route, method, url, body, workspace.slug)
                wrong += disagreement(route, method, need, person, user, response)
                if name != "healthz" and "no-store" not in response.get("Cache-Control", ""):
                    wrong.append(f"{method.upper()} by {person} may be kept: {response.headers}")
    assert not wrong, "\n".join([url, *wrong])


def methods_to_try(route: Route, needs: Needs) -> list[str]:
    return route.methods if route.methods is not None else ["get", "post"]


def disagreement(
    route: Route, method: str, need: str | None, person: str, user: User | None, response: Any
) -> list[str]:
    """The sentence that is wrong, if any."""
    got = answered(response, route.in_api)
    who = f"{method.upper()} by {person}: {response.status_code} {got}"
    if (
        need is None
    ):  # a page without this method: nobody gets in, whether asked for the method or the person first
        return (
            []
            if response.status_code == 405 or got in (SIGN_IN, FORBIDDEN, MISSING)
            else [f"{who}, and not 405"]
        )
    should = expected(need, person, user)
    if response.status_code == 405:
        return [f"{who}, and the method is declared"]
    return [] if got == should else [f"{who}, and not {should}"]


@pytest.mark.parametrize(
    "name", sorted(name for name in EXPECTED if name.startswith("api:") and name.endswith("-list"))
)
def test_a_list_without_a_workspace_shows_strangers_none_of_this_one(
    name: str, cast: dict[str, User | None], workspace: Workspace, owner: User
) -> None:
    if name not in routes() or EXPECTED[name].read is None:
        pytest.skip("nothing to list")
    gather("samples", workspace, owner, name)
    url = reverse(name)
    seen = {
        person: {row.get("id", row.get("slug")) for row in client_of(cast[person]).get(url).json()["results"]}
        for person in ("owner", "stranger", "rater")
    }
    assert seen["owner"], "the samples must hold something to list"
    assert not seen["owner"] & seen["stranger"]


def test_a_list_names_what_it_cannot_read(workspace: Workspace, owner: User) -> None:
    """Sizes, places and every filter that a list declares, in every list: ignored, they would give other rows."""
    client, wrong, asked = client_of(owner), [], 0
    for name, route in sorted(routes().items()):
        if not (route.in_api and name.endswith("-list")) or EXPECTED[name].read is None:
            continue
        filters = getattr(route.callback.cls, "filterset_fields", ())
        unread = [("page_size", "many"), ("page_size", "0"), ("cursor", "nonsense")]
        unread += [(each, "") for each in filters]
        unread += [(each, "nonsense") for each in filters if each not in ("name", "slug", "key", "dimension")]
        for field, value in unread:
            answer, asked = client.get(reverse(name), {field: value}), asked + 1
            if (answer.status_code, answer.json().get("field")) != (400, field):
                wrong.append(f"{name}?{field}={value}: {answer.status_code} {answer.content[:90]!r}")
            elif answer["Content-Type"] != "application/problem+json":
                wrong.append(f"{name}: {answer['Content-Type']}")
    assert not wrong, "\n".join(wrong)
    assert asked > 60, "the walk must meet the lists"


@pytest.mark.parametrize("name", sorted(name for name, route in routes().items() if route.numbered))
def test_what_does_not_exist_is_missing(name: str, workspace: Workspace, owner: User) -> None:
    """And not a server error, and for the owner no different from what strangers get for what does exist."""
    route, needs = routes()[name], EXPECTED[name]
    kwargs = gather("samples", workspace, owner, name)[name]
    body = gather("bodies", workspace, owner, name).get(name, {})
    url = reverse(
        name, kwargs=kwargs | {key: 10**9 for key, value in kwargs.items() if isinstance(value, int)}
    )
    client = client_of(owner)
    for method in methods_to_try(route, needs):
        if (needs.read if method == "get" else needs.write) is None:
            continue
        with undone():
            response = ask(client, route, method, url, body, workspace.slug)
        assert response.status_code == 404, (method, url)


def test_the_back_office_is_for_administrators(cast: dict[str, User | None], owner: User) -> None:
    assert client_of(None).get("/admin/").status_code == 302
    assert client_of(owner).get("/admin/").status_code in (302, 403)
    User.objects.filter(pk=owner.pk).update(is_staff=True, is_superuser=True)
    assert client_of(User.objects.get(pk=owner.pk)).get("/admin/").status_code == 200


def test_the_suite_tells_a_leak_from_a_refusal(workspace: Workspace, owner: User, stranger: User) -> None:
    """A control: a route that let a stranger in, or told them that it is forbidden, would be reported."""
    response = client_of(stranger).get(reverse("people", args=[workspace.slug]))
    route, need = routes()["people"], EXPECTED["people"].read
    assert disagreement(route, "get", need, "stranger", stranger, response) == []
    for status in (200, 302, 403, 500):
        response.status_code = status
        response["Location"] = "/"
        assert disagreement(route, "get", need, "stranger", stranger, response), status
    assert expected(str(need), "owner", owner) == IN
