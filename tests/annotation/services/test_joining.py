"""A rater enters only studies that he was invited to, by page and by API."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotation.models import StudyRater
from annotation.selectors.my_studies import studies_to_rate
from annotation.services.joining import invite_raters, seat_for
from annotation.services.studies import change_study
from concord.accounts.models import Invitation, Membership
from concord.accounts.services.invitations import accept_invitation, already_in, invite
from concord.core.errors import Conflict, Forbidden, Invalid
from concord.core.models import AuditEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def invited_only(study: Any) -> Any:
    return study(entry="invited")


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_rater_who_was_not_invited_is_let_in_nowhere(invited_only: Any, rater: Any) -> None:
    with pytest.raises(Forbidden) as refused:
        seat_for(user=rater, study_id=invited_only.pk)
    assert refused.value.code == "not_invited"
    client = signed_in(rater)
    assert client.get(reverse("rate", args=[invited_only.pk])).status_code == 403
    assert client.get(reverse("rate-next", args=[invited_only.pk])).status_code == 403
    for name in ("next-task", "submit", "skip", "hand-back", "undo"):
        answer = client.post(
            reverse(f"api:study-{name}", args=[invited_only.pk]), {}, content_type="application/json"
        )
        assert (name, answer.status_code, answer.json()["code"]) == (name, 403, "not_invited")
    assert invited_only.name not in client.get(reverse("rate-home")).content.decode()
    assert studies_to_rate(rater) == []
    assert not StudyRater.objects.exists()


def test_who_sees_the_page_of_a_study_may_rate_in_it(invited_only: Any, designer: Any, rater: Any) -> None:
    assert [mine.study for mine in studies_to_rate(designer)] == [invited_only]
    assert seat_for(user=designer, study_id=invited_only.pk).pk
    change_study(actor=designer, study=invited_only, entry="workspace")
    assert [mine.study for mine in studies_to_rate(rater)] == [invited_only]
    assert seat_for(user=rater, study_id=invited_only.pk).pk
    change_study(actor=designer, study=invited_only, entry="invited")
    assert seat_for(user=rater, study_id=invited_only.pk).pk, "who is in stays in"
    with pytest.raises(Invalid) as refused:
        change_study(actor=designer, study=invited_only, entry="everybody")
    assert (refused.value.code, refused.value.field) == ("bad_entry", "entry")


def test_a_link_lets_in_a_rater_who_is_a_member_already(
    invited_only: Any, designer: Any, rater: Any, other_rater: Any
) -> None:
    issued = invite(
        actor=designer, workspace=invited_only.workspace, role="rater", uses=2, study_id=invited_only.pk
    )
    assert not already_in(invitation=issued.invitation, user=rater)
    client = signed_in(rater)
    link = reverse("invitation", args=[issued.secret])
    assert client.get(link).status_code == 200
    assert not StudyRater.objects.exists(), "looking changes nothing"
    assert client.post(link).headers["Location"] == reverse("rate", args=[invited_only.pk])
    assert client.get(reverse("rate", args=[invited_only.pk])).status_code == 200
    for _ in range(2):
        accept_invitation(secret=issued.secret, actor=rater)
    assert Invitation.objects.get().uses_left == 1
    assert AuditEvent.objects.filter(verb="invitation.accepted").count() == 1
    Invitation.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    with pytest.raises(Conflict) as refused:
        accept_invitation(secret=issued.secret, actor=other_rater)
    assert refused.value.code == "invitation_expired"
    assert client.get(link).status_code == 302, "who is in gets in by an old link too"
    assert [seat.rater.user for seat in StudyRater.objects.select_related("rater__user")] == [rater]


def test_a_link_to_one_study_does_not_change_a_role(invited_only: Any, designer: Any) -> None:
    issued = invite(actor=designer, workspace=invited_only.workspace, role="rater", study_id=invited_only.pk)
    accept_invitation(secret=issued.secret, actor=designer)
    assert Membership.objects.get(user=designer).role == "designer"
    assert Invitation.objects.get().uses_left == 1


def test_a_designer_lets_in_raters_without_a_link(
    invited_only: Any, designer: Any, rater: Any, other_rater: Any, stranger: Any
) -> None:
    with pytest.raises(Invalid) as refused:
        invite_raters(actor=designer, study=invited_only, user_ids=[rater.pk, stranger.pk])
    assert refused.value.code == "not_a_rater"
    assert not StudyRater.objects.exists(), "all of them, or none"
    client = signed_in(designer)
    page = reverse("study", args=[invited_only.workspace.slug, invited_only.pk])
    assert f"({rater.email})" in client.get(page).content.decode()
    places = reverse("study-places", args=[invited_only.workspace.slug, invited_only.pk])
    assert client.post(places, {"raters": [stranger.pk]}).status_code == 400
    assert client.post(places, {"raters": [rater.pk]}).status_code == 302
    assert f"({rater.email})" not in client.get(page).content.decode()
    assert seat_for(user=rater, study_id=invited_only.pk).pk
    given = {"workspace": "acme", "study": invited_only.pk, "user": other_rater.pk}
    for _ in range(2):
        answer = client.post(reverse("api:seat-list"), given, content_type="application/json")
        assert answer.status_code == 201
    assert [mine.study for mine in studies_to_rate(other_rater)] == [invited_only]
    assert StudyRater.objects.count() == 2
