"""The back office changes who may do what, and tells the audit log like a service does."""

from typing import Any

import pytest
from django.test import Client

from concord.accounts.models import Membership, User
from concord.core.models import AuditEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def back_office(owner: User) -> Client:
    User.objects.filter(pk=owner.pk).update(is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(User.objects.get(pk=owner.pk))
    return client


def test_a_role_given_or_taken_there_is_in_the_audit_log(
    back_office: Client, owner: User, rater: User, workspace: Any
) -> None:
    place = Membership.objects.get(user=rater)
    page = f"/admin/accounts/membership/{place.pk}/"
    back_office.post(f"{page}change/", {"workspace": workspace.pk, "user": rater.pk, "role": "designer"})
    back_office.post(f"{page}delete/", {"post": "yes"})
    changed, deleted = AuditEvent.objects.order_by("pk")
    assert (changed.verb, changed.actor, changed.workspace_id) == ("membership.changed", owner, workspace.pk)
    assert changed.details == {"parts": ["role"], "where": "back office"}
    assert (deleted.verb, deleted.object_id) == ("membership.deleted", place.pk)
