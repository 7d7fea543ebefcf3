"""A key is sent to the scheme, host and port that it is bound to, and to no other, whatever a config says."""

from typing import Any

import pytest
from django.test import Client

from concord.core.errors import Conflict, Forbidden, Invalid
from concord.core.models import AuditEvent
from evaluation.models import Secret
from evaluation.services.keys import check_key, key_of, keys_known_to
from evaluation.services.planning import plan_run
from evaluation.services.secrets import add_secret, bind_secret, delete_secret
from tests.evaluation.capitals import finish

pytestmark = pytest.mark.django_db
LAB = "https://lab.example/v1"


def config(base_url: str = LAB, **more: Any) -> dict[str, Any]:
    return {"base_url": base_url, "model": "m", "key_secret": "lab", **more}


@pytest.fixture
def lab(owner: Any, workspace: Any) -> Secret:
    return add_secret(actor=owner, workspace=workspace, name="lab", value="sk-lab", address=LAB)


@pytest.mark.parametrize(
    "base_url",
    [LAB, "https://lab.example", "https://LAB.example:443/v2/", "https://lab.example/another/path"],
)
def test_a_key_is_given_for_its_own_address_however_that_is_written(
    base_url: str, lab: Secret, workspace: Any
) -> None:
    assert key_of(workspace, config(base_url)) == "sk-lab"


@pytest.mark.parametrize(
    "base_url",
    [
        "http://lab.example/v1",
        "https://lab.example:444/v1",
        "http://lab.example:443/v1",
        "https://evil.example/v1",
        "https://lab.example.evil.example/v1",
        "https://evil.lab.example/v1",
        "https://xlab.example/v1",
        "https://l\u0430b.example/v1",  # a Cyrillic letter
        "http://10.0.0.1/lab.example",
    ],
)
def test_it_is_given_for_no_other(base_url: str, lab: Secret, workspace: Any) -> None:
    with pytest.raises(
        Invalid, match=r"The key lab belongs to https://lab\.example and is not sent to"
    ) as told:
        key_of(workspace, config(base_url))
    assert told.value.code == "key_of_another_address"


@pytest.mark.parametrize(
    "base_url",
    ["https://lab.example@evil.example", "https://evil.example\\@lab.example", "https://lab.example#", ""],
)
def test_an_address_that_can_be_read_in_two_ways_gets_none(
    base_url: str, lab: Secret, workspace: Any
) -> None:
    with pytest.raises(Invalid, match="base_url cannot be called"):
        key_of(workspace, config(base_url))


def test_where_it_is_bound_is_said_when_it_is_kept_and_is_in_the_audit_log(lab: Secret) -> None:
    assert lab.address == "https://lab.example"
    event = AuditEvent.objects.get(verb="secret.added")
    assert event.details == {"name": "lab", "address": "https://lab.example"}


@pytest.mark.parametrize(
    "address", ["", "lab.example", "https://u:p@lab.example", "http://0177.0.0.1", "http://a..b"]
)
def test_a_key_is_kept_for_an_address_that_can_be_called(address: str, owner: Any, workspace: Any) -> None:
    with pytest.raises(Invalid, match="A key cannot be sent there") as told:
        add_secret(actor=owner, workspace=workspace, name="lab", value="sk-lab", address=address)
    assert told.value.field == "address"
    assert not Secret.objects.exists()


def test_a_key_without_an_address_is_sent_nowhere_until_an_owner_binds_it_once(
    lab: Secret, owner: Any, designer: Any, workspace: Any
) -> None:
    Secret.objects.update(address="")
    with pytest.raises(Invalid, match="bound to no address yet; an owner binds it") as told:
        key_of(workspace, config())
    assert told.value.code == "unbound_key"
    with pytest.raises(Forbidden):
        bind_secret(actor=designer, secret=lab, address="https://evil.example")
    with pytest.raises(Invalid, match="A key cannot be sent there"):
        bind_secret(actor=owner, secret=lab, address="lab")
    assert bind_secret(actor=owner, secret=lab, address=LAB).address == "https://lab.example"
    assert key_of(workspace, config()) == "sk-lab"
    with pytest.raises(Conflict, match=r"is bound to https://lab\.example") as late:
        bind_secret(actor=owner, secret=lab, address="https://evil.example")
    assert late.value.code == "secret_bound"
    assert key_of(workspace, config()) == "sk-lab"
    event = AuditEvent.objects.get(verb="secret.bound")
    assert event.details == {"name": "lab", "address": "https://lab.example"}


def test_a_key_of_another_workspace_is_not_found(stranger: Any, other_workspace: Any, workspace: Any) -> None:
    add_secret(actor=stranger, workspace=other_workspace, name="lab", value="sk-theirs", address=LAB)
    with pytest.raises(Invalid, match="no secret called 'lab'"):
        key_of(workspace, config())
    assert key_of(other_workspace, config()) == "sk-theirs"


def test_a_key_that_is_gone_or_unreadable_says_so(
    lab: Secret, owner: Any, workspace: Any, settings: Any
) -> None:
    settings.SECRET_KEY = "another"
    with pytest.raises(Invalid, match="SECRET_KEY has changed"):
        key_of(workspace, config())
    assert list(keys_known_to(workspace)) == []
    delete_secret(actor=owner, secret=lab)
    with pytest.raises(Invalid, match="no secret called 'lab'"):
        key_of(workspace, config())


def test_a_system_without_a_key_needs_none(workspace: Any) -> None:
    assert key_of(workspace, {"base_url": LAB, "model": "m"}) == ""


def named(variable: Any, base_url: str = LAB) -> dict[str, Any]:
    return {"base_url": base_url, "model": "m", "key_env": variable}


def test_the_environment_is_closed_until_the_operator_lists_a_variable_for_a_workspace_and_an_address(
    workspace: Any, other_workspace: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_API_KEY", "sk-env\n")
    assert frozenset() == settings.ENDPOINT_KEYS, "none by default"
    with pytest.raises(Invalid, match=r"has not listed LAB_API_KEY for this workspace \(ENDPOINT_KEYS\)"):
        key_of(workspace, named("LAB_API_KEY"))
    settings.ENDPOINT_KEYS = frozenset({("acme", "LAB_API_KEY", "https://lab.example")})
    assert key_of(workspace, named("LAB_API_KEY")) == "sk-env"
    with pytest.raises(
        Invalid, match=r"belongs to https://lab\.example and is not sent to https://evil\.example"
    ):
        key_of(workspace, named("LAB_API_KEY", "https://evil.example/v1"))
    with pytest.raises(Invalid, match="has not listed LAB_API_KEY"):
        key_of(other_workspace, named("LAB_API_KEY"))
    with pytest.raises(Invalid, match="has not listed OTHER_API_KEY"):
        key_of(workspace, named("OTHER_API_KEY"))
    monkeypatch.delenv("LAB_API_KEY")
    check_key(workspace, named("LAB_API_KEY"))
    with pytest.raises(Invalid, match="The environment of this worker has no variable LAB_API_KEY"):
        key_of(workspace, named("LAB_API_KEY"))


@pytest.mark.parametrize(
    "variable", ["SECRET_KEY", "DATABASE_URL", "PATH", "lower_api_key", "X_API_KEY\n", 7, ["X"]]
)
def test_only_variables_that_are_meant_as_keys_may_be_named(
    variable: Any, workspace: Any, settings: Any
) -> None:
    settings.ENDPOINT_KEYS = frozenset({("acme", str(variable), "https://lab.example")})
    with pytest.raises(Invalid, match="_API_KEY"):
        key_of(workspace, named(variable))


def test_what_may_have_been_sent_is_known(
    lab: Secret,
    owner: Any,
    workspace: Any,
    other_workspace: Any,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add_secret(actor=owner, workspace=workspace, name="other", value="sk-other", address="https://o.example")
    settings.ENDPOINT_KEYS = frozenset(
        {("acme", "LAB_API_KEY", "https://lab.example"), ("other", "THEIR_API_KEY", "https://lab.example")}
    )
    monkeypatch.setenv("LAB_API_KEY", "sk-env")
    monkeypatch.setenv("THEIR_API_KEY", "sk-theirs")
    assert sorted(keys_known_to(workspace)) == ["sk-env", "sk-lab", "sk-other"]
    assert list(keys_known_to(other_workspace)) == ["sk-theirs"]


def test_whoever_plans_a_run_learns_at_once_that_the_key_is_for_elsewhere(
    lab: Secret, benchmark: Any, designer: Any, make_system: Any
) -> None:
    system = make_system("openai", base_url="https://evil.example/v1", model="m", key_secret="lab")
    with pytest.raises(Invalid, match=r"belongs to https://lab\.example") as told:
        plan_run(actor=designer, benchmark=benchmark, system=system)
    assert (told.value.code, told.value.field) == ("key_of_another_address", "system")


def test_the_key_of_a_run_is_that_of_the_address_which_it_froze(
    owner: Any,
    designer: Any,
    workspace: Any,
    benchmark: Any,
    make_system: Any,
    endpoint: Any,
    run_jobs: Any,
    settings: Any,
) -> None:
    """Planned on one address, then the system is changed back to the allowed one: what is called is what was planned."""
    settings.ALLOW_PRIVATE_ENDPOINTS = True
    add_secret(actor=owner, workspace=workspace, name="lab", value="sk-owners-own-key", address=LAB)
    system = make_system("openai", base_url=endpoint.url, model="m", tries=1)
    run = plan_run(actor=designer, benchmark=benchmark, system=system)
    run.settings["system"]["config"]["key_secret"] = "lab"  # as an older release had let it be planned
    run.save()
    system.config = config()
    system.save()
    ended = finish(run, run_jobs, designer)
    assert ended.state == "failed"
    assert (
        f"belongs to https://lab.example and is not sent to {endpoint.url.removesuffix('/v1')}" in ended.error
    )
    assert endpoint.bodies == [], "nothing was called"


def test_a_config_changed_while_the_run_goes_moves_neither_its_calls_nor_its_key(
    owner: Any,
    designer: Any,
    workspace: Any,
    benchmark: Any,
    make_system: Any,
    endpoint: Any,
    run_jobs: Any,
    settings: Any,
) -> None:
    settings.ALLOW_PRIVATE_ENDPOINTS = True
    add_secret(actor=owner, workspace=workspace, name="lab", value="sk-lab", address=endpoint.url)
    system = make_system("openai", base_url=endpoint.url, model="m", key_secret="lab", tries=1)
    run = plan_run(actor=designer, benchmark=benchmark, system=system)
    system.config = {"base_url": "https://evil.example/v1", "model": "m", "key_secret": "lab"}
    system.save()
    assert finish(run, run_jobs, designer).state == "done"
    assert set(endpoint.keys) == {"Bearer sk-lab"}


def test_the_page_binds_an_unbound_key_and_lists_what_the_operator_gave(
    client: Client, owner: Any, designer: Any, lab: Secret, workspace: Any, settings: Any
) -> None:
    settings.ENDPOINT_KEYS = frozenset(
        {("acme", "LAB_API_KEY", "https://env.example"), ("other", "THEIR_API_KEY", "https://t.example")}
    )
    Secret.objects.update(address="")
    client.force_login(owner)
    page = client.get("/w/acme/keys/").content.decode()
    assert "lab has no address" in page
    assert "LAB_API_KEY" in page
    assert "https://env.example" in page
    assert "THEIR_API_KEY" not in page
    url = f"/w/acme/keys/{lab.pk}/bind/"
    wrong = client.post(url, {"address": "http://127.1"}, follow=True).content.decode()
    assert "A key cannot be sent there" in wrong
    bound = client.post(url, {"address": LAB}, follow=True).content.decode()
    assert "is for https://lab.example only" in bound
    assert "lab has no address" not in bound
    late = client.post(url, {"address": "https://evil.example"}, follow=True).content.decode()
    assert "is bound to https://lab.example" in late


def test_the_form_keeps_no_key_without_an_address(client: Client, owner: Any, workspace: Any) -> None:
    client.force_login(owner)
    form = {"name": "lab", "value": "sk-1", "address": "http://0x7f.1/"}
    refused = client.post("/w/acme/keys/", form)
    assert refused.status_code == 400
    assert "A key cannot be sent there" in refused.content.decode()
    assert "This field is required" in client.post("/w/acme/keys/", {**form, "address": ""}).content.decode()
    assert not Secret.objects.exists()


def test_the_api_keeps_binds_and_shows_addresses(client: Client, owner: Any, workspace: Any) -> None:
    client.force_login(owner)
    how: dict[str, Any] = {"content_type": "application/json"}
    body = {"workspace": "acme", "name": "lab", "value": "sk-1"}
    without = client.post("/api/v1/secrets/", body, **how)
    assert without.status_code == 400
    made = client.post("/api/v1/secrets/", {**body, "address": LAB}, **how)
    assert made.status_code == 201
    assert made.json()["address"] == "https://lab.example"
    url = f"/api/v1/secrets/{made.json()['id']}/bind/"
    late = client.post(url, {"address": "https://evil.example"}, **how)
    assert (late.status_code, late.json()["code"]) == (409, "secret_bound")
    Secret.objects.update(address="")
    assert client.get("/api/v1/secrets/").json()["results"][0]["address"] == ""
    assert client.post(url, {"address": LAB}, **how).json()["address"] == "https://lab.example"


@pytest.mark.parametrize("base_url", ["http://0177.0.0.1/", "http://a..b/", "https://h/v1?x=1", ""])
def test_a_system_from_before_addresses_were_checked_is_refused_when_its_run_is_planned(
    base_url: str, benchmark: Any, designer: Any, make_system: Any
) -> None:
    with pytest.raises(Invalid, match="base_url cannot be called") as told:
        plan_run(
            actor=designer, benchmark=benchmark, system=make_system("openai", base_url=base_url, model="m")
        )
    assert (told.value.code, told.value.field) == ("bad_address", "system")
