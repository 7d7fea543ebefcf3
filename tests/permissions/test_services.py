"""Every service, called directly by everyone: it refuses by itself, and what it does is in the audit log.

A new service with an `actor` fails here until it is declared, and so does one that deletes, moves or exports without one.
"""

import ast
import copy
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from concord.accounts.models import User, Workspace
from concord.core.actors import Installation
from concord.core.errors import DomainError, Forbidden, Missing
from concord.core.models import AuditEvent
from tests.permissions.services import EXPORTS, Served, calls_in, files, service, telling, with_actor
from tests.permissions.support import FORBIDDEN, IN, MISSING, SIGN_IN, expected, modules
from tests.permissions.test_permissions import undone

pytestmark = pytest.mark.django_db

# Of one's own account, or the way in: there is nothing of a workspace to ask for.
ONES_OWN = {
    "concord.accounts.services.invitations.accept_invitation",
    "concord.accounts.services.tokens.create_token",
    "concord.accounts.services.users.rename_user",
    "concord.accounts.services.users.save_preferences",
}
# What a service does on its way: these write down who did it, and whether he may has been asked by then.
STEPS = {"concord.core.services.audit.record", "concord.core.services.pictures.handed_out"}
SERVICES = with_actor() - ONES_OWN - STEPS
# These take no actor, because no person calls them: each is a step of work that a person began by a service above.
WITHIN = {
    "annotation.services.importing.Ratings": "the writing of an import",
    "concord.scorecards.services.exports.as_csv": "the file of `export_csv`",
    "concord.catalog.services.importing.batches.check": "the job of `start_check`",
    "concord.catalog.services.importing.batches.check_job": "the job of `start_check`",
    "concord.catalog.services.importing.batches.write": "the job of `start_write`",
    "concord.catalog.services.importing.batches.write_job": "the job of `start_write`",
    "evaluation.services.control.reopen": "a step of `resume`",
    "evaluation.services.recording.record": "forgets failures that were answered after all",
    "evaluation.services.work.work": "the job of `start`: a run ends by itself",
    "evaluation.services.work.finish_if_complete": "the job of `start`: a run ends by itself",
    "evaluation.services.work.resume_due": "the sweep: a run ends by itself",
    "evaluation.services.work.stop": "the job of `start`: a run ends by itself",
}


def declared(workspace: Workspace, owner: User) -> dict[str, Served]:
    found: dict[str, Served] = {}
    for module in modules():
        if hasattr(module, "services"):
            with undone():
                found |= module.services(workspace, owner)
    return found


def app_of(name: str) -> str:
    parts = name.split(".")
    return parts[1] if parts[0] == "concord" else parts[0]


def sample(name: str, workspace: Workspace, owner: User) -> Served:
    module = next(each for each in modules() if each.__name__.endswith(f"samples_{app_of(name)}"))
    found: Served = module.services(workspace, owner)[name]
    return found


def outcome(name: str, served: Served, actor: Any) -> str:
    try:
        # Copied, so that nobody meets what the one before has changed.
        service(name)(actor=actor, **copy.deepcopy(served.given))
    except Forbidden:
        return FORBIDDEN
    except Missing:
        return MISSING
    except DomainError:
        return IN  # refused for another reason, which is told to those only who may
    return IN


def test_every_service_is_declared(workspace: Workspace, owner: User) -> None:
    names = set(declared(workspace, owner))
    undeclared = sorted(SERVICES - names)
    assert not undeclared, f"say in services() of samples_<app>.py who may call: {undeclared}"
    assert not names - SERVICES, f"declared, but there are no such services: {sorted(names - SERVICES)}"


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_refuses_by_itself_and_tells_what_it_did(
    name: str,
    workspace: Workspace,
    owner: User,
    designer: User,
    reviewer: User,
    rater: User,
    viewer: User,
    stranger: User,
) -> None:
    served = sample(name, workspace, owner)
    cast = {
        "stranger": stranger,
        "viewer": viewer,
        "rater": rater,
        "reviewer": reviewer,
        "designer": designer,
    }
    wrong = []
    for person, user in {"anonymous": None, **cast, "owner": owner}.items():
        should = expected(served.need, person, user)
        with undone():
            known = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
            got = outcome(name, served, user or AnonymousUser())
            told = AuditEvent.objects.filter(pk__gt=known)
            if got not in ((MISSING, FORBIDDEN) if should == SIGN_IN else (should,)):
                wrong.append(f"{person}: {got}, and not {should}")
            if got != IN and told.exists():
                wrong.append(f"{person}: refused, and told as done")
            if person == "owner" and served.verb and not told.filter(verb=served.verb, actor=owner).exists():
                verbs = list(told.values_list("verb", flat=True))
                wrong.append(f"{person}: no audit event {served.verb!r}, only {verbs}")
    assert not wrong, "\n".join([name, *wrong])


def test_whatever_deletes_moves_or_exports_says_who_acts() -> None:
    silent = {name for name, takes_actor in telling().items() if not takes_actor}
    unknown = sorted(silent - WITHIN.keys())
    assert not unknown, f"they delete, move or export, and take no actor: {unknown}"


def test_nothing_but_services_deletes_moves_or_exports() -> None:
    """Pages, API, jobs and commands only call them."""
    outside = []
    for path in files():
        if {"services", "stats", "estimates", "quickstart"} & set(path.parts):
            continue
        text = path.read_text()
        deletes = {"_raw_delete", "delete"} & set(calls_in(ast.parse(text)))
        if deletes or EXPORTS in text or "from concord.core.states import move" in text:
            outside.append(str(path))
    assert not outside


def test_the_installation_may_and_is_named(workspace: Workspace, owner: User) -> None:
    served = sample("concord.catalog.services.systems.archive_system", workspace, owner)
    service("concord.catalog.services.systems.archive_system")(
        actor=Installation("manage.py tidy"), **served.given
    )
    event = AuditEvent.objects.get(verb="system.archived")
    assert (event.actor, event.part) == (None, "manage.py tidy")
