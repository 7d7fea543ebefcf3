"""What the planner knows of tables that have just grown: until it is told, it takes them for as small as they were."""

from django.db import connection, models

LARGE = 1_000


def refresh_statistics(*tables: type[models.Model], rows: int) -> bool:
    """Have these tables looked at after `rows` came in; of few rows nothing is worth the look. Returns whether it was done.

    Each stays locked against other such looks (not against reading and writing) until the transaction ends: call it last, and
    name tables in the order in which imports fill them, with examples and outputs behind all others.
    """
    if rows < LARGE:
        return False
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(table._meta.db_table)}")
    return True
