"""Keys of endpoints, encrypted at rest. They come out only where a request is about to be sent."""

import base64
import re

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import IntegrityError, transaction

from concord.accounts.models import Workspace
from concord.accounts.selectors.lookup import require
from concord.accounts.states import Action
from concord.core.actors import Actor
from concord.core.errors import Conflict, Invalid
from concord.core.origins import BadAddress, origin_of
from concord.core.services import audit
from evaluation.models import Secret

NAME = re.compile(r"[\w .-]{1,80}")
MAX_LENGTH = 4096


def _fernet() -> Fernet:
    kdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"concord endpoint keys")
    return Fernet(base64.urlsafe_b64encode(kdf.derive(settings.SECRET_KEY.encode())))


def add_secret(*, actor: Actor, workspace: Workspace, name: str, value: str, address: str) -> Secret:
    """Keep a key under a name, for the scheme, host and port of an address and no other.

    Raises `Conflict` where the name is taken; the value is never shown again.
    """
    require(actor=actor, workspace=workspace, to=Action.MANAGE)
    name, value = name.strip(), value.strip()
    if not NAME.fullmatch(name):
        raise Invalid(
            "A secret's name has 1 to 80 letters, digits, spaces, dots or dashes.",
            code="bad_name",
            field="name",
        )
    if not value or len(value) > MAX_LENGTH or not value.isprintable() or not value.isascii():
        raise Invalid(
            f"A key has 1 to {MAX_LENGTH:,} printable ASCII characters.", code="bad_secret", field="value"
        )
    origin = _origin(address)
    with transaction.atomic():
        try:
            with transaction.atomic():
                made = Secret.objects.create(
                    workspace=workspace,
                    name=name,
                    address=origin,
                    ciphertext=_fernet().encrypt(value.encode()),
                )
        except IntegrityError:
            raise Conflict(
                f"There is already a secret called {name!r}.", code="secret_exists", field="name"
            ) from None
        audit.record(
            actor=actor,
            verb="secret.added",
            workspace_id=workspace.pk,
            obj=made,
            name=name,
            address=origin,
        )
    return made


@transaction.atomic
def bind_secret(*, actor: Actor, secret: Secret, address: str) -> Secret:
    """Give a key from before keys had an address the one that it may be sent to, once.

    Raises `Conflict` where it has one: whoever could move a key to an address of his own would have read it.
    """
    require(actor=actor, workspace=secret.workspace, to=Action.MANAGE)
    origin = _origin(address)
    locked: Secret = Secret.objects.select_for_update().get(pk=secret.pk)
    if locked.address:
        raise Conflict(
            f"The key {locked.name} is bound to {locked.address}. For another address, add it again.",
            code="secret_bound",
            field="address",
        )
    locked.address = origin
    locked.save(update_fields=["address"])
    audit.record(
        actor=actor,
        verb="secret.bound",
        workspace_id=locked.workspace_id,
        obj=locked,
        name=locked.name,
        address=origin,
    )
    return locked


def delete_secret(*, actor: Actor, secret: Secret) -> None:
    require(actor=actor, workspace=secret.workspace, to=Action.MANAGE)
    with transaction.atomic():
        audit.record(
            actor=actor,
            verb="secret.deleted",
            workspace_id=secret.workspace_id,
            obj=secret,
            name=secret.name,
            address=secret.address,
        )
        secret.delete()


def reveal(secret: Secret) -> str:
    """The key itself. Raises `Invalid` where SECRET_KEY has changed since it was kept."""
    try:
        return _fernet().decrypt(bytes(secret.ciphertext)).decode()
    except InvalidToken:
        raise Invalid(
            f"The secret {secret.name!r} cannot be read, because SECRET_KEY has changed. Add it again.",
            code="unreadable_secret",
        ) from None


def _origin(address: str) -> str:
    try:
        return str(origin_of(address.strip()))
    except BadAddress as error:
        raise Invalid(f"A key cannot be sent there: {error}.", code="bad_address", field="address") from error
