"""Which key a call may carry: the one that its system names, if it belongs to the address that is called."""

import os
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings

from concord.accounts.models import Workspace
from concord.core.errors import Invalid
from concord.core.origins import BadAddress, origin_of
from concord.env import KEY_VARIABLE
from evaluation.models import Secret
from evaluation.services.secrets import reveal


def key_of(workspace: Workspace, config: Mapping[str, Any]) -> str:
    """The key that a call by this config carries, "" where it names none.

    Raises `Invalid` where there is no such key, or where it belongs to another address than the config's.
    """
    check_key(workspace, config)
    if variable := config.get("key_env"):
        if variable not in os.environ:
            raise Invalid(f"The environment of this worker has no variable {variable}.", code="missing_key")
        return os.environ[variable].strip()
    if name := config.get("key_secret"):
        return reveal(_stored(workspace, name))
    return ""


def check_key(workspace: Workspace, config: Mapping[str, Any]) -> None:
    """Whether the key that a config names may be sent to the config's address; asked before the key itself is read."""
    if variable := config.get("key_env"):
        _check_variable(workspace, variable, _called(config))
    elif name := config.get("key_secret"):
        _check_stored(_stored(workspace, name), _called(config))


def keys_known_to(workspace: Workspace) -> Iterator[str]:
    """Every key that a call of this workspace may have carried: none of them is to come back in an answer."""
    for secret in Secret.objects.filter(workspace=workspace):
        try:
            yield reveal(secret)
        except Invalid:  # SECRET_KEY has changed: no call carries it any more
            continue
    for slug, variable, _ in settings.ENDPOINT_KEYS:
        if slug == workspace.slug and os.environ.get(variable, "").strip():
            yield os.environ[variable].strip()


def _called(config: Mapping[str, Any]) -> str:
    try:
        return str(origin_of(config.get("base_url") or ""))
    except BadAddress as error:
        raise Invalid(f"base_url cannot be called: {error}.", code="bad_address") from error


def _check_variable(workspace: Workspace, variable: Any, called: str) -> None:
    if not isinstance(variable, str) or not KEY_VARIABLE.fullmatch(variable):
        raise Invalid(
            "key_env must name a variable that ends in _API_KEY or _API_TOKEN.", code="bad_key_reference"
        )
    bound = sorted(
        address
        for slug, name, address in settings.ENDPOINT_KEYS
        if (slug, name) == (workspace.slug, variable)
    )
    if not bound:
        raise Invalid(
            f"The operator has not listed {variable} for this workspace (ENDPOINT_KEYS).", code="unlisted_key"
        )
    if called not in bound:
        raise _elsewhere(variable, ", ".join(bound), called)


def _stored(workspace: Workspace, name: Any) -> Secret:
    found: Secret | None = Secret.objects.filter(workspace=workspace, name=str(name)).first()
    if found is None:
        raise Invalid(f"This workspace has no secret called {str(name)[:80]!r}.", code="missing_key")
    return found


def _check_stored(secret: Secret, called: str) -> None:
    if not secret.address:
        raise Invalid(
            f"The key {secret.name} is bound to no address yet; an owner binds it under Endpoint keys.",
            code="unbound_key",
        )
    if secret.address != called:
        raise _elsewhere(secret.name, secret.address, called)


def _elsewhere(name: str, bound: str, called: str) -> Invalid:
    return Invalid(
        f"The key {name} belongs to {bound} and is not sent to {called}.", code="key_of_another_address"
    )
