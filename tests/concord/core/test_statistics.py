"""Tables that have grown by much are known to the planner; those that grew by little are left alone."""

import pytest
from django.db import connection

from concord.core.models import AuditEvent
from concord.core.services import statistics

pytestmark = pytest.mark.django_db


def known_verbs() -> list[str]:
    """Return which verbs of events the planner knows to be common."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT most_common_vals::text::text[] FROM pg_stats WHERE tablename = %s AND attname = 'verb'",
            [AuditEvent._meta.db_table],
        )
        row = cursor.fetchone()
    return row[0] if row and row[0] else []


def test_many_new_rows_are_looked_at_and_few_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistics, "LARGE", 1_000)
    AuditEvent.objects.bulk_create(AuditEvent(verb="thing.counted", details={}) for _ in range(1_000))
    assert not statistics.refresh_statistics(AuditEvent, rows=999)
    assert "thing.counted" not in known_verbs()
    assert statistics.refresh_statistics(AuditEvent, rows=1_000)
    assert "thing.counted" in known_verbs()
