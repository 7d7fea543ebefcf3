"""Writes the table of claims where asked to: CONCORD_CLAIMS_TABLE names the file, as for docs/claims.md."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.concord.scorecards.report.coverage.studies import ROWS


@pytest.fixture(scope="session", autouse=True)
def _table() -> Iterator[None]:
    yield
    target = os.environ.get("CONCORD_CLAIMS_TABLE")
    if target and ROWS:
        with Path(target).open("a") as file:
            file.writelines(f"{row}\n" for row in ROWS)
