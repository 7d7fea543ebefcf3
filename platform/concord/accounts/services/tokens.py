"""API tokens: made, shown once, checked, revoked."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from concord.accounts.models import ApiToken, User
from concord.accounts.services.secrets import digest, new_secret
from concord.core.errors import Invalid, Missing
from concord.core.services.audit import record

PREFIX = "con_"
LONGEST = timedelta(days=730)
USE_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class IssuedToken:
    """The one moment at which the token's secret is known."""

    token: ApiToken
    secret: str


@transaction.atomic
def create_token(*, actor: User, name: str, valid_for: timedelta | None = timedelta(days=90)) -> IssuedToken:
    """A token that acts as `actor`; `valid_for` None means until it is revoked."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= 80:
        raise Invalid(
            "A token needs a name of 1 to 80 characters, so that you can tell it apart.",
            code="bad_name",
            field="name",
        )
    if valid_for is not None and not timedelta(0) < valid_for <= LONGEST:
        raise Invalid(
            f"A token is valid for up to {LONGEST.days} days, or until revoked.",
            code="bad_period",
            field="valid_for",
        )
    secret = new_secret(PREFIX)
    token = ApiToken.objects.create(
        user=actor,
        name=name,
        prefix=secret[:12],
        secret_digest=digest(secret),
        expires_at=None if valid_for is None else timezone.now() + valid_for,
    )
    record(actor=actor, verb="token.created", obj=token, name=name)
    return IssuedToken(token=token, secret=secret)


@transaction.atomic
def revoke_token(*, actor: User, token_id: int) -> ApiToken:
    """The token stops working at once. Only its own person sees it; revoking twice changes nothing."""
    token = ApiToken.objects.filter(pk=token_id, user_id=actor.pk).first()
    if token is None:
        raise Missing("There is no such token.")
    if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
        record(actor=actor, verb="token.revoked", obj=token, name=token.name)
    token.refresh_from_db()
    return token


def user_of_token(*, secret: str) -> tuple[User, ApiToken] | None:
    """The person behind a secret, or None where it is unknown, expired, revoked, or the person was locked out.

    One indexed read; that the token was used is noted at most once a minute, so that reading stays reading.
    """
    now = timezone.now()
    alive = Q(expires_at=None) | Q(expires_at__gt=now)
    token = (
        ApiToken.objects.select_related("user")
        .filter(alive, secret_digest=digest(secret), revoked_at=None, user__is_active=True)
        .first()
    )
    if token is None:
        return None
    stale = now - USE_NOTED_EVERY
    if token.last_used_at is None or token.last_used_at < stale:
        unnoted = Q(last_used_at=None) | Q(last_used_at__lt=stale)
        ApiToken.objects.filter(unnoted, pk=token.pk).update(last_used_at=now)
    return token.user, token
