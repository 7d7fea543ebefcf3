"""What a new installation needs once: tables, static files, and somebody who may sign in."""

import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from concord.accounts.models import Membership, User, Workspace
from concord.accounts.states import Role


@dataclass(frozen=True)
class Credentials:
    email: str
    password: str


def migrate() -> bool:
    """Apply what is not applied; whether there was anything. Asking is much cheaper than running the command."""
    executor = MigrationExecutor(connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return False
    call_command("migrate", interactive=False, verbosity=0)
    return True


def cache_table() -> None:
    """The cache's table where the broker is no Redis; nothing otherwise."""
    call_command("createcachetable", verbosity=0)


def collect_static() -> bool:
    """Collect and compress the static files if any has changed since the last time."""
    stamp = Path(settings.STATIC_ROOT).parent / "staticfiles.stamp"
    now = _digest_of_static()
    if stamp.exists() and stamp.read_text() == now and Path(settings.STATIC_ROOT).exists():
        return False
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(now)
    return True


def _digest_of_static() -> str:
    from django.contrib.staticfiles.finders import get_finders

    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in sorted(finder.list([]), key=lambda pair: str(pair[0])):
            status = Path(storage.path(path)).stat()
            digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def administrator(email: str) -> Credentials | None:
    """Where nobody has an account yet: an administrator who owns the workspace "Home", with a generated password."""
    with transaction.atomic():
        if User.objects.exists():
            return None
        password = secrets.token_urlsafe(12)
        user = User.objects.create_superuser(email, password, name="Administrator")
        home, _ = Workspace.objects.get_or_create(slug="home", defaults={"name": "Home"})
        Membership.objects.create(workspace=home, user=user, role=Role.OWNER)
    return Credentials(user.email, password)
