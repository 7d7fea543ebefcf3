"""The routes of people, workspaces, invitations and tokens."""

from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmationHMAC

from concord.accounts.models import Membership, User
from concord.accounts.services.invitations import invite
from concord.accounts.services.sign_in_links import issue_sign_in_link
from concord.accounts.services.tokens import create_token
from concord.accounts.states import Action
from tests.permissions.services import Served
from tests.permissions.support import ANYONE, FOUNDER, MEMBER, OWN, SIGNED_IN, Needs

EXPECTED = {
    "home": Needs(SIGNED_IN),
    "settings": Needs(SIGNED_IN, SIGNED_IN),
    "preferences": Needs(None, SIGNED_IN),
    "settings-tokens": Needs(SIGNED_IN, SIGNED_IN),
    "token-revoke": Needs(None, OWN),
    "invitation": Needs(ANYONE, ANYONE),
    "sign-in-link": Needs(ANYONE, ANYONE),
    "workspace": Needs(Action.READ),
    "workspace-rename": Needs(None, Action.MANAGE),
    "workspace-leave": Needs(None, MEMBER),
    "people": Needs(Action.DESIGN, Action.DESIGN),
    "member-role": Needs(None, Action.MANAGE),
    "member-remove": Needs(None, Action.MANAGE),
    "invitation-revoke": Needs(None, Action.MANAGE),
    "api:workspace-detail": Needs(MEMBER, Action.MANAGE),
    "api:membership-list": Needs(Action.DESIGN),
    "api:membership-detail": Needs(Action.DESIGN, Action.MANAGE),
    "api:invitation-list": Needs(Action.DESIGN, Action.DESIGN),
    "api:invitation-detail": Needs(Action.DESIGN, Action.MANAGE),
    "api:token-list": Needs(SIGNED_IN, SIGNED_IN),
    "api:token-detail": Needs(OWN, OWN),
    "workspace-new": Needs(FOUNDER, FOUNDER),
    "api:workspace-list": Needs(SIGNED_IN, FOUNDER),
    "account_login": Needs(ANYONE, ANYONE),
    "account_logout": Needs(ANYONE, ANYONE),
    "account_inactive": Needs(ANYONE),
    "account_signup": Needs(ANYONE, ANYONE),
    "account_email_verification_sent": Needs(ANYONE),
    "account_confirm_email": Needs(ANYONE, ANYONE),
    "account_change_password": Needs(SIGNED_IN, SIGNED_IN),
    "account_set_password": Needs(SIGNED_IN, SIGNED_IN),
    "account_reset_password": Needs(ANYONE, ANYONE),
    "account_reset_password_done": Needs(ANYONE),
    "account_reset_password_from_key": Needs(ANYONE, ANYONE),
    "account_reset_password_from_key_done": Needs(ANYONE),
}


def samples(workspace: Any, owner: Any) -> dict[str, dict[str, Any]]:
    someone = User.objects.create_user("someone@example.com")
    membership = Membership.objects.create(workspace=workspace, user=someone, role="viewer")
    issued = invite(actor=owner, workspace=workspace, role="rater", uses=100)
    address = EmailAddress.objects.create(user=someone, email=someone.email)
    token = create_token(actor=owner, name="script").token
    here = {"workspace": workspace.slug}
    return {
        "invitation": {"secret": issued.secret},
        "sign-in-link": {"secret": issue_sign_in_link(email=someone.email)},
        "token-revoke": {"pk": token.pk},
        "workspace": here,
        "workspace-rename": here,
        "workspace-leave": here,
        "people": here,
        "member-role": here | {"pk": membership.pk},
        "member-remove": here | {"pk": membership.pk},
        "invitation-revoke": here | {"pk": issued.invitation.pk},
        "api:workspace-detail": {"slug": workspace.slug},
        "api:membership-detail": {"pk": membership.pk},
        "api:invitation-detail": {"pk": issued.invitation.pk},
        "api:token-detail": {"pk": token.pk},
        "account_confirm_email": {"key": EmailConfirmationHMAC(address).key},
        "account_reset_password_from_key": {"uidb36": "1", "key": "made-up"},
    }


def bodies(workspace: Any, owner: Any) -> dict[str, dict[str, Any]]:
    return {
        "workspace-new": {"name": "New"},
        "preferences": {"theme": "dark"},
        "people": {"role": "rater", "uses": 1, "days": 7},
        "member-role": {"role": "reviewer"},
        "workspace-rename": {"name": "Other name"},
        "api:workspace-detail": {"name": "Other name"},
        "api:membership-detail": {"role": "reviewer"},
        "api:invitation-list": {"role": "rater"},
        "api:token-list": {"name": "script"},
        "api:workspace-list": {"name": "New"},
    }


def services(workspace: Any, owner: Any) -> dict[str, Served]:
    someone = User.objects.create_user("someone@example.com")
    membership = Membership.objects.create(workspace=workspace, user=someone, role="viewer")
    issued = invite(actor=owner, workspace=workspace, role="viewer", uses=100)
    invitation = {"invitation_id": issued.invitation.pk}
    token = {"token_id": create_token(actor=owner, name="script").token.pk}
    here, this = {"workspace": workspace}, {"membership_id": membership.pk}
    people = "concord.accounts.services."
    may_all = Action.MANAGE
    return {
        f"{people}invitations.invite": Served(may_all, "invitation.issued", {**here, "role": "viewer"}),
        f"{people}invitations.revoke_invitation": Served(may_all, "invitation.revoked", invitation),
        f"{people}people.change_role": Served(may_all, "membership.role_changed", {**this, "role": "rater"}),
        f"{people}people.remove_member": Served(may_all, "membership.ended", this),
        f"{people}workspaces.rename_workspace": Served(may_all, "workspace.renamed", {**here, "name": "New"}),
        f"{people}workspaces.create_workspace": Served(FOUNDER, "workspace.created", {"name": "New"}),
        f"{people}tokens.revoke_token": Served(OWN, "token.revoked", token),
    }
