"""Typed readers of environment variables that fail loudly, naming the variable and the value."""

import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from concord.core.origins import BadAddress, origin_of

# What a workspace may be given is meant as a key by its name: never SECRET_KEY or DATABASE_URL.
KEY_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*_API_(KEY|TOKEN)")
TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def flag(name: str, default: bool = False) -> bool:
    raw = os.environ.get(name)
    if raw is None:
        return default
    if raw.lower() in TRUE:
        return True
    if raw.lower() in FALSE:
        return False
    raise ImproperlyConfigured(f"{name}={raw!r} is not a yes or no; use 1 or 0.")


def integer(name: str, default: int, minimum: int = 0) -> int:
    raw = os.environ.get(name)
    if raw is None:
        return default
    try:
        value = int(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={raw!r} is not a whole number.") from None
    if value < minimum:
        raise ImproperlyConfigured(f"{name}={value} is below {minimum}.")
    return value


def names(name: str, default: str = "") -> list[str]:
    """A comma-separated list, blanks dropped."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def bound_keys(name: str) -> frozenset[tuple[str, str, str]]:
    """`acme:OPENAI_API_KEY=https://api.openai.com, ...` as workspace, variable and the origin that its value may be sent to."""
    return frozenset(_bound_key(name, entry) for entry in names(name))


def _bound_key(name: str, entry: str) -> tuple[str, str, str]:
    left, _, address = entry.partition("=")
    workspace, _, variable = left.strip().partition(":")
    if not workspace or not KEY_VARIABLE.fullmatch(variable):
        raise ImproperlyConfigured(
            f"{name}: {entry!r} is not workspace:VARIABLE=address, with a variable that ends in _API_KEY or _API_TOKEN."
        )
    try:
        return workspace, variable, str(origin_of(address.strip()))
    except BadAddress as error:
        raise ImproperlyConfigured(f"{name}: the address in {entry!r} cannot be called: {error}.") from None


def folder(name: str, default: Path) -> Path:
    return Path(text(name) or default).expanduser().resolve()


def database(name: str, default: str) -> dict[str, Any]:
    """Django's DATABASES entry from a PostgreSQL URL; `?key=value` become libpq options.

    A Unix socket is given as `postgresql://user@/name?host=/folder`.
    """
    url = urlsplit(text(name, default))
    if url.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(
            f"{name} must start with postgresql://, not {url.scheme!r}; Concord runs on PostgreSQL."
        )
    options = dict(parse_qsl(url.query))
    host = options.pop("host", url.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path.lstrip("/")) or "concord",
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": host,
        "PORT": str(url.port or options.pop("port", "")),
        "OPTIONS": options,
    }


def socket_folder(path: Path) -> Path:
    """`path`, or a short private folder in its place: the system limits the path of a Unix socket to about 100 bytes."""
    if len(os.fsencode(path / ".s.PGSQL.5432.lock")) <= 100:
        return path
    mark = hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"concord-{os.geteuid()}-{mark}"


def cache(url: str) -> dict[str, Any]:
    """Django's CACHES entry: Redis, `locmem://` (one process, tests), or a table where the broker is no Redis."""
    if url.startswith(("redis", "unix")):
        return {"BACKEND": "concord.core.cache.OptionalRedisCache", "LOCATION": url}
    if url.startswith("locmem"):
        return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    return {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "core_cache"}
