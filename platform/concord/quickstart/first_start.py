"""What a new installation needs once: tables, static files, and somebody who may sign in."""

import secrets
from dataclasses import dataclass

from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from concord.accounts.models import Membership, User, Workspace
from concord.accounts.states import Role
from concord.quickstart import release

MIGRATING = 0x636F6E636F7264  # the key of the advisory lock: "concord"


@dataclass(frozen=True)
class Credentials:
    email: str
    password: str


def migrate() -> bool:
    """Apply what is not applied; whether there was anything. Asking is much cheaper than running the command."""
    if not _pending():
        return False
    with connection.cursor() as cursor:
        # Two machines may come up with a new release at once: the second waits, and then finds nothing to do.
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATING])
        try:
            if _pending():
                call_command("migrate", interactive=False, verbosity=0)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATING])
    return True


def _pending() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def cache_table() -> None:
    """The cache's table where the broker is no Redis; nothing otherwise."""
    call_command("createcachetable", verbosity=0)


def collect_static() -> bool:
    """Collect and compress the static files if this is another release than the last time; whether it was."""
    if release.has_static_files():
        return False
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    return True


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
