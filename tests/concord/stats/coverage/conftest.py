"""Keeps the table of coverage: with CONCORD_COVERAGE_TABLE=docs/methods/coverage.md the lines simulated replace the old ones.

The rows of each package of estimators stand under a heading of their own; a new row comes last in its package's table.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.concord.stats.coverage.harness import TABLE, Row

HEAD = ["| method | small | medium | large | remark |", "|---|---|---|---|---|"]


def pytest_sessionfinish(session: pytest.Session) -> None:
    path = os.environ.get("CONCORD_COVERAGE_TABLE")
    if path and TABLE:
        text = Path(path).read_text(encoding="utf-8")
        Path(path).write_text(with_rows(text, TABLE), encoding="utf-8")


def with_rows(text: str, rows: list[Row]) -> str:
    """Return the page with these rows in place of the old ones of the same name and package."""
    intro, *sections = text.rstrip("\n").split("\n\n## ")
    tables = {}
    for section in sections:
        title, *lines = section.splitlines()
        old = [line for line in lines if line.startswith("| ") and line not in HEAD]
        tables[title] = {line.split("|")[1].strip(): line for line in old}
    for row in rows:
        tables.setdefault(row.package.capitalize(), {})[row.name] = row.line
    parts = ["\n".join([title, "", *HEAD, *table.values()]) for title, table in tables.items()]
    return "\n\n## ".join([intro, *parts]) + "\n"
