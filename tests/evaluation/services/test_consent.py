"""An administrator's consent holds for one URL and the IP addresses that it led to, and is asked at the moment of the call."""

import ipaddress
import socket
from typing import Any

import pytest
from django.test import Client

from concord.core.errors import Forbidden, Invalid
from concord.core.models import AuditEvent
from evaluation.models import EndpointConsent, Failure, Run
from evaluation.selectors.endpoints import allowed_ips, asked_ips
from evaluation.services import control
from evaluation.services.consent import allow_private_endpoint, ask_consent, withdraw_consent
from evaluation.services.planning import plan_run
from tests.evaluation.capitals import finish

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(owner: Any) -> Any:
    owner.is_staff = True
    owner.save()
    return owner


@pytest.fixture
def on(benchmark: Any, designer: Any, make_system: Any) -> Any:
    """`on(url)`: a planned run of an endpoint."""

    def plan(url: str, name: str = "E") -> Run:
        system = make_system("openai", name, base_url=url, model="m", tries=1, timeout_s=1, backoff_s=0.01)
        return plan_run(actor=designer, benchmark=benchmark, system=system)

    return plan


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What the resolver says of names that end in .example."""
    known: dict[str, list[str]] = {}
    real = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *how: Any, **also: Any) -> list[Any]:
        if host not in known:
            return real(host, port, *how, **also)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in known[host]]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return known


def test_a_run_that_is_led_inside_asks_for_consent_to_that_address(
    on: Any, endpoint: Any, designer: Any, administrator: Any, run_jobs: Any
) -> None:
    run = finish(on(endpoint.url), run_jobs, designer)
    assert run.state == "failed"
    assert "leads to a private address; an administrator must allow it first" in run.error
    assert (asked_ips(run), allowed_ips(run), endpoint.bodies) == (["127.0.0.1"], frozenset(), [])
    assert allow_private_endpoint(actor=administrator, run=run, ips=["127.0.0.1"]) == ["127.0.0.1"]
    control.resume(actor=designer, run=run)
    run_jobs()
    run.refresh_from_db()
    assert run.state == "done"
    event = AuditEvent.objects.get(verb="endpoint.allowed")
    assert event.details == {"base_url": endpoint.url, "ips": ["127.0.0.1"]}
    assert event.actor == administrator
    planned = AuditEvent.objects.get(verb="run.planned")
    assert planned.details["base_url"] == endpoint.url


def test_an_address_changed_back_after_planning_is_called_by_nobodys_consent(
    on: Any, endpoint: Any, designer: Any, administrator: Any, run_jobs: Any
) -> None:
    """The attack of the day: plan on /evil, then change the system back to what is allowed."""
    allowed = on(endpoint.url + "/ok", "allowed")
    allow_private_endpoint(actor=administrator, run=allowed)
    evil = on(endpoint.url + "/evil", "evil")
    evil.system.config["base_url"] = endpoint.url + "/ok"
    evil.system.save()
    assert finish(evil, run_jobs, designer).state == "failed"
    assert endpoint.bodies == []
    assert asked_ips(evil) == ["127.0.0.1"]
    assert finish(allowed, run_jobs, designer).state == "done"


def test_a_name_that_leads_elsewhere_after_the_consent_is_asked_for_anew(
    on: Any, endpoint: Any, designer: Any, administrator: Any, run_jobs: Any, names: dict[str, list[str]]
) -> None:
    """DNS changes between consent and call, to the machine itself."""
    names["lab.example"] = ["127.0.0.2"]
    url = endpoint.url.replace("127.0.0.1", "lab.example")
    run = finish(on(url), run_jobs, designer)
    allow_private_endpoint(actor=administrator, run=run, ips=["127.0.0.2"])
    names["lab.example"] = ["127.0.0.1"]
    control.resume(actor=designer, run=run)
    run_jobs()
    run.refresh_from_db()
    assert run.state == "failed"
    assert (endpoint.bodies, asked_ips(run)) == ([], ["127.0.0.1"])


def test_every_address_behind_a_name_is_asked_for(
    on: Any, designer: Any, run_jobs: Any, names: dict[str, list[str]]
) -> None:
    names["lab.example"] = ["8.8.8.8", "10.0.0.1", "::ffff:10.0.0.2", "fd00::1"]
    run = finish(on("http://lab.example/v1"), run_jobs, designer)
    assert sorted(asked_ips(run)) == ["10.0.0.1", "10.0.0.2", "fd00::1"]
    message = Failure.objects.filter(run=run)[0].message
    assert message == "lab.example leads to a private address; an administrator must allow it first"


def test_only_what_was_asked_for_is_granted(on: Any, administrator: Any) -> None:
    run = on("http://lab.example/v1")
    ask_consent(run, ["10.0.0.1"])
    with pytest.raises(Invalid, match=r"No run was led to 127\.0\.0\.1"):
        allow_private_endpoint(actor=administrator, run=run, ips=["10.0.0.1", "127.0.0.1"])
    with pytest.raises(Invalid, match="Say which address"):
        allow_private_endpoint(actor=administrator, run=run)
    with pytest.raises(Invalid, match="no IP address"):
        allow_private_endpoint(actor=administrator, run=run, ips=["lab.example"])
    assert allowed_ips(run) == frozenset()


def test_an_address_that_the_url_itself_names_can_be_granted_before_it_is_called(
    on: Any, administrator: Any
) -> None:
    for url, ip in (("http://10.0.0.7:8000/v1", "10.0.0.7"), ("http://[FD00::7]/v1", "fd00::7")):
        run = on(url, url)
        assert allow_private_endpoint(actor=administrator, run=run) == [ip]
        assert {ipaddress.ip_address(each) for each in allowed_ips(run)} == {ipaddress.ip_address(ip)}


def test_only_an_administrator_of_the_installation_grants_and_takes_back(
    on: Any, owner: Any, stranger: Any
) -> None:
    run = on("http://10.0.0.7/v1")
    for service in (allow_private_endpoint, withdraw_consent):
        with pytest.raises(Forbidden) as told:
            service(actor=owner, run=run)
        assert told.value.code == "not_administrator"
    assert not EndpointConsent.objects.filter(granted_at__isnull=False).exists()


def test_what_is_no_endpoint_needs_no_consent(administrator: Any, planned: Any) -> None:
    with pytest.raises(Invalid, match="Only a run on an endpoint"):
        allow_private_endpoint(actor=administrator, run=planned(1))


def test_consent_is_of_one_workspace(on: Any, administrator: Any, other_workspace: Any) -> None:
    run = on("http://10.0.0.7/v1")
    allow_private_endpoint(actor=administrator, run=run)
    EndpointConsent.objects.update(workspace=other_workspace)
    assert allowed_ips(run) == frozenset()


def test_what_was_granted_can_be_taken_back(
    on: Any, endpoint: Any, designer: Any, administrator: Any, run_jobs: Any
) -> None:
    run = on(endpoint.url)
    allow_private_endpoint(actor=administrator, run=run)
    assert withdraw_consent(actor=administrator, run=run) == 1
    assert AuditEvent.objects.get(verb="endpoint.refused").details["ips"] == ["127.0.0.1"]
    assert finish(run, run_jobs, designer).state == "failed"
    assert endpoint.bodies == []


def test_the_operators_word_holds_for_all(
    on: Any, endpoint: Any, designer: Any, run_jobs: Any, settings: Any
) -> None:
    settings.ALLOW_PRIVATE_ENDPOINTS = True
    run = finish(on(endpoint.url), run_jobs, designer)
    assert (run.state, asked_ips(run)) == ("done", [])


def test_the_page_shows_what_is_asked_for_and_grants_exactly_that(
    client: Client, on: Any, owner: Any, designer: Any, run_jobs: Any, names: dict[str, list[str]]
) -> None:
    names["lab.example"] = ["10.0.0.1", "10.0.0.2"]
    run = finish(on("http://lab.example/v1"), run_jobs, designer)
    url = f"/w/acme/runs/{run.pk}/"
    client.force_login(designer)
    page = client.get(url).content.decode()
    assert "http://lab.example/v1 leads to a private address, which is not called" in page
    assert "Allow these addresses" not in page
    assert "10.0.0.1" not in page, "the network's directory is not for everybody"
    assert client.post(url + "allow-endpoint/", {"ip": "10.0.0.1"}).status_code == 403
    assert client.post(url + "refuse-endpoint/").status_code == 403
    owner.is_staff = True
    owner.save()
    client.force_login(owner)
    shown = client.get(url).content.decode()
    assert "Allow these addresses" in shown
    assert "http://lab.example/v1 leads to 10.0.0.1, 10.0.0.2, which is not called" in shown
    # Meanwhile the name leads to one more: what the administrator has not seen is not granted.
    ask_consent(run, ["127.0.0.1"])
    granted = client.post(
        url + "allow-endpoint/", {"ip": ["10.0.0.1", "10.0.0.2"]}, follow=True
    ).content.decode()
    assert "may be called at 10.0.0.1, 10.0.0.2 now" in granted
    assert allowed_ips(run) == {"10.0.0.1", "10.0.0.2"}
    assert "http://lab.example/v1 leads to 127.0.0.1, which" in granted
    assert "Private addresses allowed" in granted
    taken = client.post(url + "refuse-endpoint/", follow=True).content.decode()
    assert "is not called at a private address any more" in taken
    assert allowed_ips(run) == frozenset()


def test_the_api_says_what_is_called_and_what_may_be(
    client: Client, on: Any, administrator: Any, designer: Any, planned: Any
) -> None:
    run = on("http://lab.example/v1")
    ask_consent(run, ["10.0.0.1"])
    url, how = f"/api/v1/runs/{run.pk}/endpoint/", {"content_type": "application/json"}
    client.force_login(designer)
    shown = client.get(url).json()
    assert shown == {"base_url": "http://lab.example/v1", "awaits_consent": True, "private": []}
    assert client.post(url, {"ips": ["10.0.0.1"]}, **how).status_code == 403
    assert client.delete(url).status_code == 403
    client.force_login(administrator)
    shown = client.get(url).json()
    assert [(each["ip"], each["granted_at"]) for each in shown["private"]] == [("10.0.0.1", None)]
    assert client.post(url, {"ips": ["10.0.0.1"]}, **how).json()["private"][0]["granted_at"]
    assert client.post(url, {"ips": ["10.0.0.9"]}, **how).json()["code"] == "not_asked"
    assert client.post(url, {"ips": ["lab"]}, **how).status_code == 400
    assert client.delete(url).json()["private"][0]["granted_at"] is None
    none = client.get(f"/api/v1/runs/{planned(1).pk}/endpoint/").json()
    assert none == {"base_url": "", "awaits_consent": False, "private": []}
