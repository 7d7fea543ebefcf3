"""Keeps the table of coverage: with CONCORD_COVERAGE_TABLE=docs/methods/coverage.md the lines simulated replace the old ones."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.concord.stats.coverage.harness import TABLE


def pytest_sessionfinish(session: pytest.Session) -> None:
    path = os.environ.get("CONCORD_COVERAGE_TABLE")
    if not path or not TABLE:
        return
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    places = {line.split("|")[1].strip(): i for i, line in enumerate(lines) if line.startswith("| ")}
    new = []
    for name, line in TABLE:
        if name in places:
            lines[places[name]] = line
        else:
            new.append(line)
    last = max((i for i, line in enumerate(lines) if line.startswith("|")), default=len(lines) - 1)
    lines[last + 1 : last + 1] = new
    Path(path).write_text("\n".join(lines) + "\n", encoding="utf-8")
