"""Empties the tables after a test that committed.

Django's flush empties all of them; few hold anything, and a small DELETE is quick.
"""

import functools
import time
from collections.abc import Callable
from typing import Any

from django.core.management import CommandError
from django.db import connection, transaction
from psycopg import sql

# What migrating wrote; flush writes it anew each time.
KEPT = ("django_migrations", "django_content_type", "auth_permission")
BUSY = """SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND backend_type = 'client backend' AND state <> 'idle'"""


@functools.cache
def _tables() -> tuple[str, ...]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
        )
        return tuple(sorted(name for (name,) in cursor.fetchall() if name not in KEPT))


def filled_tables() -> list[str]:
    """The tables that hold a row, apart from what migrating wrote."""
    parts = [
        sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(sql.Literal(name), sql.Identifier(name))
        for name in _tables()
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(" UNION ALL ").join(parts).as_string(None))
        return [name for (name,) in cursor.fetchall()]


def all_idle(*, patience: float) -> bool:
    """Whether every other session of this database has ended what it did, within `patience` seconds.

    Asked outside a transaction: inside one, PostgreSQL gives the same answer again and again.
    """
    deadline = time.monotonic() + patience
    with connection.cursor() as cursor:
        while True:
            cursor.execute(BUSY)
            if cursor.fetchone() == (0,):
                return True
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)


def delete_all(*, patience: float = 3) -> bool:
    """Delete every row without asking foreign keys. False, and nothing done, where flush has to do it:

    for want of a superuser, or because somebody (the last request of a closed page) still works after `patience` seconds.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('is_superuser')")
        if cursor.fetchone() != ("on",):
            return False
    if not all_idle(patience=patience):
        return False
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for name in filled_tables():
            cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)).as_string(None))
    return True


def in_place_of(flush: Callable[[Any], None]) -> Callable[[Any], None]:
    """`TransactionTestCase._fixture_teardown`, quick where it can be."""

    def teardown(case: Any) -> None:
        if delete_all():
            return
        try:
            flush(case)
        except CommandError as error:
            # With a request that a closed page left behind: it ends, then they are emptied.
            if "deadlock" not in str(error.__cause__):
                raise
            flush(case)

    return teardown
