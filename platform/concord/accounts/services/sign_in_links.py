"""A way in without password and without mail: a link that whoever runs the installation makes on its machine."""

import base64
from datetime import timedelta

from django.contrib.auth.tokens import PasswordResetTokenGenerator

from concord.accounts.models import User
from concord.core.actors import Installation
from concord.core.errors import Conflict, Missing
from concord.core.services.audit import record

VALID_FOR = timedelta(hours=1)
SHELL = Installation("sign_in_link")
GONE = "This link no longer works: it was used, is older than an hour, or was not copied whole."


class _Tokens(PasswordResetTokenGenerator):
    """Django's: a token ends with the next sign-in, a new password or a new address. Ours ends after an hour, too."""

    key_salt = "concord.accounts.sign_in_links"

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        """As Django's, with the last sign-in to the microsecond: theirs lets two in within one second."""
        return f"{super()._make_hash_value(user, timestamp)}{user.last_login}"

    def check_token(self, user: User | None, token: str | None) -> bool:
        return super().check_token(user, token) and self._age(token or "") <= VALID_FOR

    def _age(self, token: str) -> timedelta:
        made = int(token.partition("-")[0], 36)
        return timedelta(seconds=self._num_seconds(self._now()) - made)


_tokens = _Tokens()


def issue_sign_in_link(*, email: str) -> str:
    """The secret of a link that signs in this person, once, within an hour. No page makes one: it is for the machine's shell.

    Raises `Missing` where there is no such account, `Conflict` (code `locked`) where it is locked.
    """
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        raise Missing(f"There is no account for {email!r}.")
    if not user.is_active:
        raise Conflict(
            f"The account of {user.email} is locked; unlock it in the back office first.", code="locked"
        )
    record(actor=SHELL, verb="sign_in_link.issued", obj=user)
    whose = base64.urlsafe_b64encode(str(user.pk).encode()).decode().rstrip("=")
    return f"{whose}.{_tokens.make_token(user)}"


def person_of_link(*, secret: str, lock: bool = False) -> User:
    """Whom the link signs in; looking uses nothing up. `Missing` for a made-up one and for one that no longer works.

    With `lock` the row is held: the sign-in that follows in the same transaction ends the link.
    """
    whose, _, token = secret.partition(".")
    try:
        pk = int(base64.urlsafe_b64decode(whose + "=" * (-len(whose) % 4)))
    except ValueError:
        raise Missing(GONE) from None
    people = User.objects.select_for_update() if lock else User.objects.all()
    user = people.filter(pk=pk, is_active=True).first() if 0 < pk < 2**63 else None
    if user is None or not _tokens.check_token(user, token):
        raise Missing(GONE)
    return user
