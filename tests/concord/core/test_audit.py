"""Audit notes say who did what to which thing."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from concord.core.actors import Installation
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


def test_where_no_person_acts_the_note_names_the_part_that_did() -> None:
    by_command = record(actor=Installation("manage.py import"), verb="import.done")
    assert (by_command.actor, by_command.part) == (None, "manage.py import")
    by_nobody = record(actor=AnonymousUser(), verb="page.seen")
    assert (by_nobody.actor, by_nobody.part) == (None, "")
