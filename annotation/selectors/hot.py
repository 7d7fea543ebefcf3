"""SQL on the path of every rating: prepared once per connection, so that PostgreSQL plans it once and not per rating.

A pooler in front of PostgreSQL must know prepared statements (PgBouncer does from 1.21 on).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from django.db import connection

Parameters = Mapping[str, Any] | Sequence[Any]


def first_row(sql: str, parameters: Parameters) -> tuple[Any, ...] | None:
    """The first row of a query that is run often, in Django's transaction and with Django's errors."""
    with _prepared(sql, parameters) as cursor:
        return cursor.fetchone()


def all_rows(sql: str, parameters: Parameters) -> list[tuple[Any, ...]]:
    with _prepared(sql, parameters) as cursor:
        return cursor.fetchall()


def row_count(sql: str, parameters: Parameters) -> int:
    """How many rows a statement without result has changed."""
    with _prepared(sql, parameters) as cursor:
        return int(cursor.rowcount)


def _prepared(sql: str, parameters: Parameters) -> psycopg.Cursor[tuple[Any, ...]]:
    connection.ensure_connection()
    with connection.wrap_database_errors:
        raw: psycopg.Connection[Any] = connection.connection
        cursor = psycopg.Cursor[tuple[Any, ...]](raw)
        before, raw.prepare_threshold = raw.prepare_threshold, 0
        try:
            return cursor.execute(sql, parameters, prepare=True)
        finally:
            raw.prepare_threshold = before
