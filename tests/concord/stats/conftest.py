"""Real data for the tests that reproduce published figures; it lies beside the checkout and is never copied into it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

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
    """Let strengths treat clusters as they do where these are too many to be adjusted one by one."""
    for module in ("_sandwich", "_plackett_luce.fit"):
        monkeypatch.setattr(f"concord.stats.ranking.{module}.worth_adjusting", lambda *sizes: False)


@pytest.fixture
def textbook_clusters(many_clusters: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let them count all clusters for equally large, as other packages do with their factor G / (G - 1)."""

    def alike(scores: Any, trace: np.ndarray) -> Any:
        return scores * np.sqrt(len(trace) / (len(trace) - 1))

    for module in ("_sandwich", "_plackett_luce.fit"):
        monkeypatch.setattr(f"concord.stats.ranking.{module}.loosened", alike)
