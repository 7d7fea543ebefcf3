"""Addresses that leave the page: the link of an invitation, and where someone lands who has joined."""

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from concord.accounts.models import Membership
from concord.accounts.services.invitations import Accepted
from concord.accounts.states import lands_in_studies


def invitation_url(request: HttpRequest, secret: str) -> str:
    """The whole link, to be shown once and sent by the person who invites."""
    return request.build_absolute_uri(reverse("invitation", args=[secret]))


def landing(accepted: Accepted) -> str:
    """The study that one was invited to, or else where the role leads."""
    if accepted.study_id is not None:
        return reverse("rate", args=[accepted.study_id])
    return start_of(accepted.membership)


def start_of(membership: Membership) -> str:
    """A rater's studies, or the workspace."""
    if lands_in_studies([membership.role]):
        return reverse("rate-home")
    return reverse("workspace", args=[membership.workspace.slug])


def first_page(slug: str) -> str:
    """What a workspace opens with: its scorecards; its people where that side is not installed."""
    try:
        return reverse("scorecards", args=[slug])
    except NoReverseMatch:
        return reverse("people", args=[slug])
