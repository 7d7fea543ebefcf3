"""A state moves only along its table, once, and leaves a history row."""

from typing import Any

import pytest
from annotation.models import Study

pytestmark = pytest.mark.django_db


def test_database_is_postgresql_18(workspace: Any) -> None:
    from django.db import connection

    assert connection.vendor == "postgresql"
    assert connection.pg_version // 10000 == 18  # type: ignore[attr-defined]
