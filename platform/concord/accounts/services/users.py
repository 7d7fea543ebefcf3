"""Making people, and what they prefer."""

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email
from django.db import IntegrityError, transaction

from concord.accounts.models import User
from concord.core.errors import Conflict, Invalid

LONGEST_EMAIL = 254
PREFERENCES: dict[str, tuple[str, ...]] = {
    "theme": ("system", "light", "dark"),
    "font": ("sans", "serif"),
    "size": ("small", "medium", "large"),
}


@transaction.atomic
def create_user(
    *, email: str, name: str = "", password: str | None = None, is_simulated: bool = False
) -> User:
    """A new person. Without a password nobody can sign in as them (simulated raters, people who will reset it).

    Raises `Invalid` (code `bad_email` or `bad_password`) and `Conflict` (code `email_taken`).
    """
    email, name = email.strip().lower(), " ".join(name.split())[:120]
    check_email(email)
    if password is not None:
        _check_password(password, User(email=email, name=name))
    try:
        with transaction.atomic():
            return User.objects.create_user(email, password, name=name, is_simulated=is_simulated)
    except IntegrityError:
        raise Conflict(
            f"There is already an account for {email}. Sign in with it instead.",
            code="email_taken",
            field="email",
        ) from None


def check_email(email: str) -> None:
    """Raise `Invalid` (code `bad_email`) for what is no address, or a longer one than can be kept."""
    try:
        validate_email(email)
        MaxLengthValidator(LONGEST_EMAIL)(email)
    except ValidationError:
        raise Invalid(f"{email!r} is not an e-mail address.", code="bad_email", field="email") from None


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), code="bad_password", field="password") from None


@transaction.atomic
def save_preferences(*, actor: User, **changes: str) -> dict[str, Any]:
    """Keep what is given of `PREFERENCES`, leave the rest as it was. Two tabs do not overwrite each other."""
    for name, value in changes.items():
        if value not in PREFERENCES.get(name, ()):
            raise Invalid(f"{value!r} is not a choice for {name!r}.", code="bad_preference", field=name)
    held = User.objects.select_for_update().get(pk=actor.pk)
    kept: dict[str, Any] = {**held.preferences, **changes}
    held.preferences = actor.preferences = kept
    held.save(update_fields=["preferences"])
    return kept


@transaction.atomic
def rename_user(*, actor: User, name: str) -> User:
    """What others see in place of the e-mail address."""
    actor.name = " ".join(name.split())[:120]
    actor.save(update_fields=["name"])
    return actor
