"""Systems: made, changed and put away. How a system is called is checked by shape, per kind; keys are references only."""

import re
from pathlib import PurePath
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from concord.accounts.models import Workspace
from concord.accounts.selectors.lookup import require
from concord.accounts.states import Action
from concord.catalog.models import System
from concord.catalog.states import SystemKind
from concord.core.actors import Actor
from concord.core.errors import Conflict, Invalid
from concord.core.numbers import is_number
from concord.core.origins import BadAddress, origin_of
from concord.core.services import audit

PRICES = {"input_per_million", "output_per_million", "per_hour"}
TORCH_SUFFIXES = {".pt2", ".pt"}
KEY_NAME = re.compile(r"[A-Z][A-Z0-9_]*_API_(KEY|TOKEN)")
SHAPES: dict[str, tuple[set[str], set[str]]] = {  # kind -> (keys it must have, keys it may have)
    SystemKind.TRANSFORMERS: ({"path"}, {"device", "dtype", "chat_template"}),
    SystemKind.TORCH: ({"path"}, {"device", "input", "output"}),
    SystemKind.OPENAI: (
        {"base_url", "model"},
        {"key_env", "key_secret", "timeout_s", "concurrency", "extra"}
        | {"tries", "backoff_s", "usage", "sampling", "max_tokens_name"},  # what servers differ in
    ),
    SystemKind.RECORDED: (set(), {"note"}),
}


@transaction.atomic
def create_system(
    *,
    actor: Actor,
    workspace: Workspace,
    name: str,
    version: str = "",
    kind: str = SystemKind.RECORDED,
    config: dict[str, Any] | None = None,
    prices: dict[str, Any] | None = None,
    description: str = "",
) -> System:
    """A new system. Raises `Invalid` for a bad configuration, `Conflict` where name and version are taken."""
    require(actor=actor, workspace=workspace, to=Action.DESIGN)
    fields = _checked(
        name=name,
        version=version,
        kind=kind,
        config={} if config is None else config,
        prices={} if prices is None else prices,
    )
    try:
        with transaction.atomic():
            made: System = System.objects.create(workspace=workspace, description=description, **fields)
    except IntegrityError as error:
        raise _taken(fields) from error
    _note(actor, "system.created", made)
    return made


@transaction.atomic
def change_system(*, actor: Actor, system: System, **changes: Any) -> System:
    """Change name, version, kind, config, prices or description; everything is checked again as a whole."""
    require(actor=actor, workspace=system.workspace, to=Action.DESIGN)
    locked: System = System.objects.select_for_update().get(pk=system.pk)
    names = ("name", "version", "kind", "config", "prices")
    fields = _checked(**{name: changes.get(name, getattr(locked, name)) for name in names})
    fields["description"] = changes.get("description", locked.description)
    for name, value in fields.items():
        setattr(locked, name, value)
    try:
        with transaction.atomic():
            locked.save(update_fields=list(fields))
    except IntegrityError as error:
        raise _taken(fields) from error
    _note(actor, "system.changed", locked, parts=sorted(changes))
    return locked


@transaction.atomic
def archive_system(*, actor: Actor, system: System, archived: bool = True) -> System:
    """Put a system away, or take it back: it keeps its outputs, and is no longer offered for new work."""
    require(actor=actor, workspace=system.workspace, to=Action.DESIGN)
    system.archived_at = timezone.now() if archived else None
    system.save(update_fields=["archived_at"])
    _note(actor, "system.archived" if archived else "system.taken_back", system)
    return system


def _note(actor: Actor, verb: str, system: System, **details: Any) -> None:
    audit.record(
        actor=actor, verb=verb, workspace_id=system.workspace_id, obj=system, name=str(system), **details
    )


def _taken(fields: dict[str, Any]) -> Conflict:
    full = f"{fields['name']} {fields['version']}".strip()
    return Conflict(
        f"There is already a system {full!r} in this workspace.", code="system_exists", field="name"
    )


def _checked(*, name: str, version: str, kind: str, config: Any, prices: Any) -> dict[str, Any]:
    name, version = name.strip(), version.strip()
    if not name or len(name) > 160:
        raise Invalid("A system's name has between 1 and 160 characters.", code="bad_system", field="name")
    if kind not in SystemKind.values:
        raise Invalid(
            f"A system's kind is one of {', '.join(SystemKind.values)}.", code="bad_system", field="kind"
        )
    return {
        "name": name,
        "version": version[:80],
        "kind": kind,
        "config": _config(kind, config),
        "prices": _prices(prices),
    }


def _config(kind: str, config: Any) -> dict[str, Any]:
    if not isinstance(config, dict):
        raise Invalid("The configuration is a JSON object.", code="bad_config", field="config")
    needed, optional = SHAPES[kind]
    if missing := needed - set(config):
        raise Invalid(
            f"A system of this kind needs {', '.join(sorted(missing))}.", code="bad_config", field="config"
        )
    if unknown := set(config) - needed - optional:
        known = ", ".join(sorted(needed | optional)) or "nothing"
        message = f"A system of this kind has no {', '.join(sorted(unknown))}; it may have {known}."
        raise Invalid(message, code="bad_config", field="config")
    checks = {
        SystemKind.TRANSFORMERS: _check_path,
        SystemKind.TORCH: _check_torch,
        SystemKind.OPENAI: _check_endpoint,
    }
    if kind in checks:
        checks[SystemKind(kind)](config)
    return config


def _check_path(config: dict[str, Any]) -> None:
    path = config["path"]
    if not isinstance(path, str) or not path.strip() or "\x00" in path or "://" in path:
        raise Invalid(
            "The path is that of a folder or file on the worker's disk.", code="bad_config", field="config"
        )


def _check_torch(config: dict[str, Any]) -> None:
    _check_path(config)
    if PurePath(config["path"]).suffix not in TORCH_SUFFIXES:
        message = "A PyTorch system is an exported program (.pt2) or a TorchScript file (.pt); pickles are never loaded."
        raise Invalid(message, code="bad_config", field="config")


def _check_endpoint(config: dict[str, Any]) -> None:
    """An address that every client reads alike, without credentials: they would end up in results and logs."""
    try:
        origin_of(config["base_url"])
    except BadAddress as error:
        raise Invalid(f"base_url cannot be called: {error}.", code="bad_config", field="config") from error
    if not isinstance(config["model"], str) or not config["model"].strip():
        raise Invalid("model is the name that the endpoint knows.", code="bad_config", field="config")
    if "key_env" in config and not KEY_NAME.fullmatch(str(config["key_env"])):
        message = "key_env is the name of an environment variable that ends with _API_KEY or _API_TOKEN."
        raise Invalid(message, code="bad_config", field="config")
    if "key_secret" in config and not isinstance(config["key_secret"], str):
        raise Invalid("key_secret is the name of a stored key.", code="bad_config", field="config")
    if not isinstance(config.get("extra", {}), dict):
        raise Invalid("extra is an object that is added to each request.", code="bad_config", field="config")
    for name in ("timeout_s", "concurrency", "tries"):
        _check_positive(name, config.get(name))


def _check_positive(name: str, value: Any) -> None:
    if value is not None and (not is_number(value) or value <= 0):
        raise Invalid(f"{name} is a number above 0.", code="bad_config", field="config")


def _prices(prices: Any) -> dict[str, Any]:
    if not isinstance(prices, dict) or set(prices) - PRICES - {"currency"}:
        message = f"Prices are an object with currency and any of {', '.join(sorted(PRICES))}."
        raise Invalid(message, code="bad_prices", field="prices")
    for name in PRICES & set(prices):
        value = prices[name]
        if not is_number(value) or value < 0:
            raise Invalid(f"{name} is a number, not below 0.", code="bad_prices", field="prices")
    if PRICES & set(prices) and not str(prices.get("currency") or "").strip():
        raise Invalid("Say in which currency the prices are.", code="bad_prices", field="prices")
    return prices
