"""Leases that ran out go back to the queue."""

from django.db import connection, transaction

BATCH = 1000
LOCK = 7_240_511  # any number that no other advisory lock of this database uses

EXPIRE = """
WITH due AS (
    SELECT id, unit_id FROM annotation_assignment WHERE state = 'leased' AND expires_at < now()
    ORDER BY expires_at LIMIT %s FOR UPDATE SKIP LOCKED
), ended AS (
    UPDATE annotation_assignment a SET state = 'expired' FROM due WHERE a.id = due.id
), back AS (
    SELECT unit_id, count(*) AS places FROM due GROUP BY unit_id
), freed AS (
    UPDATE annotation_unit u SET free = u.free + back.places, open = true FROM back WHERE u.id = back.unit_id
)
SELECT count(*) FROM due
"""


def expire_leases() -> int:
    """End every lease that is over, in short transactions; returns how many. A second caller at the same time does nothing."""
    ended = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
            if not cursor.fetchone()[0]:
                return ended
            cursor.execute(EXPIRE, [BATCH])
            count = int(cursor.fetchone()[0])
        ended += count
        if count < BATCH:
            return ended
