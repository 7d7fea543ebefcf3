"""Making and naming workspaces."""

from itertools import count

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from concord.accounts.models import Membership, User, Workspace
from concord.accounts.selectors.lookup import require
from concord.accounts.selectors.people import require_may_create
from concord.accounts.states import Action, Role
from concord.core.errors import Invalid
from concord.core.services.audit import record


@transaction.atomic
def create_workspace(*, actor: User, name: str) -> Workspace:
    """A new workspace with `actor` as its owner; its address is made of the name and stays for good."""
    require_may_create(actor)
    workspace = _insert(_clean(name))
    Membership.objects.create(workspace=workspace, user=actor, role=Role.OWNER)
    record(
        actor=actor, verb="workspace.created", workspace_id=workspace.pk, obj=workspace, name=workspace.name
    )
    return workspace


@transaction.atomic
def rename_workspace(*, actor: User, workspace: Workspace, name: str) -> Workspace:
    """Change the name that people see. The address stays, so that links keep working."""
    require(actor=actor, workspace=workspace, to=Action.MANAGE)
    before, workspace.name = workspace.name, _clean(name)
    workspace.save(update_fields=["name"])
    record(
        actor=actor,
        verb="workspace.renamed",
        workspace_id=workspace.pk,
        obj=workspace,
        before=before,
        after=workspace.name,
    )
    return workspace


def _clean(name: str) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= 120:
        raise Invalid("A workspace needs a name of 1 to 120 characters.", code="bad_name", field="name")
    return name


def _insert(name: str) -> Workspace:
    """The first free address among acme, acme-2, acme-3...; the unique constraint decides, so two at once both succeed."""
    base = slugify(name)[:50] or "workspace"
    for number in count(1):
        slug = base if number == 1 else f"{base}-{number}"
        if Workspace.objects.filter(slug=slug).exists():
            continue
        try:
            with transaction.atomic():
                return Workspace.objects.create(name=name, slug=slug)
        except IntegrityError:
            continue
    raise AssertionError("unreachable: there is always a free number")
