"""Real data for the tests that reproduce published figures; it lies beside the checkout and is never copied into it."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    folder = Path(os.environ.get("CONCORD_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"the real data are not here: {folder} (set CONCORD_SHARED_DATA)")
    return folder


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20260101)


@pytest.fixture
def many_clusters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Bradley-Terry treat clusters as it does where they are too many to be adjusted one by one."""
    monkeypatch.setattr("concord.stats.ranking._sandwich.worth_adjusting", lambda *sizes: False)
