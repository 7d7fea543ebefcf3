"""Audit notes say who did what to which thing."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from concord.core.models import AuditEvent
from concord.core.services.audit import record

pytestmark = pytest.mark.django_db


def test_note_says_who_what_and_where(owner: Any, workspace: Any) -> None:
    record(
        actor=owner,
        verb="workspace.renamed",
        workspace_id=workspace.pk,
        obj=workspace,
        before="Acme",
        after="Apex",
    )
    event = AuditEvent.objects.get()
    assert (event.actor, event.verb, event.workspace_id) == (owner, "workspace.renamed", workspace.pk)
    assert (event.model, event.object_id) == ("accounts.workspace", workspace.pk)
    assert event.details == {"before": "Acme", "after": "Apex"}


@pytest.mark.parametrize("nobody", [None, AnonymousUser()])
def test_the_system_and_nobody_are_no_actor(nobody: Any) -> None:
    assert record(actor=nobody, verb="sweep.ran").actor is None
