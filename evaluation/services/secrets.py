"""Keys of endpoints, encrypted at rest. They come out only where a request is about to be sent."""

import base64
import os
import re

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import IntegrityError, transaction

from concord.accounts.models import Workspace
from concord.accounts.selectors.lookup import require
from concord.accounts.states import Action
from concord.catalog.models import System
from concord.core.actors import Actor
from concord.core.errors import Conflict, Invalid
from concord.core.services import audit
from evaluation.models import Secret

# A system's author picks the variable, so only variables that are meant as keys may be named: never SECRET_KEY or DATABASE_URL.
VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*_API_(KEY|TOKEN)")
NAME = re.compile(r"[\w .-]{1,80}")
MAX_LENGTH = 4096


def _fernet() -> Fernet:
    kdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"concord endpoint keys")
    return Fernet(base64.urlsafe_b64encode(kdf.derive(settings.SECRET_KEY.encode())))


def add_secret(*, actor: Actor, workspace: Workspace, name: str, value: str) -> Secret:
    """Keep a key under a name. Raises `Conflict` where the name is taken; the value is never shown again."""
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
    with transaction.atomic():
        try:
            with transaction.atomic():
                made = Secret.objects.create(
                    workspace=workspace, name=name, ciphertext=_fernet().encrypt(value.encode())
                )
        except IntegrityError:
            raise Conflict(
                f"There is already a secret called {name!r}.", code="secret_exists", field="name"
            ) from None
        audit.record(actor=actor, verb="secret.added", workspace_id=workspace.pk, obj=made, name=name)
    return made


def delete_secret(*, actor: Actor, secret: Secret) -> None:
    require(actor=actor, workspace=secret.workspace, to=Action.MANAGE)
    with transaction.atomic():
        audit.record(
            actor=actor, verb="secret.deleted", workspace_id=secret.workspace_id, obj=secret, name=secret.name
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


def key_of(system: System) -> str:
    """The key that a system's config refers to, or "" where it needs none. Raises `Invalid` where the reference leads nowhere."""
    variable, name = system.config.get("key_env"), system.config.get("key_secret")
    if variable:
        if not isinstance(variable, str) or not VARIABLE.fullmatch(variable):
            raise Invalid(
                "key_env must name a variable that ends in _API_KEY or _API_TOKEN.", code="bad_key_reference"
            )
        if variable not in os.environ:
            raise Invalid(f"The environment of this worker has no variable {variable}.", code="missing_key")
        return os.environ[variable]
    if not name:
        return ""
    secret = Secret.objects.filter(workspace_id=system.workspace_id, name=name).first()
    if secret is None:
        raise Invalid(f"This workspace has no secret called {str(name)[:80]!r}.", code="missing_key")
    return reveal(secret)
