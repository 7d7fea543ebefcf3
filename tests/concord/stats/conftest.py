"""Real data for the tests that reproduce published figures; it lies beside the checkout and is never copied into it."""

from __future__ import annotations

import csv
import gzip
import os
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

OUTCOME = {"left": 1.0, "right": 0.0, "tie": 0.5}


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


@pytest.fixture(scope="session")
def llmfao(shared_data: Path) -> dict[str, np.ndarray]:
    folder = shared_data / "llmfao"
    if not folder.is_dir():
        pytest.skip(f"LLMFAO is not here: {folder}")
    with (folder / "crowd-comparisons.csv").open() as file:
        rows = list(csv.DictReader(file))
    gold: dict[str, dict[str, float]] = defaultdict(dict)
    with (folder / "evalica-llmfao-golden.csv").open() as file:
        for row in csv.DictReader(file):
            gold[row["algorithm"]][row["item"]] = float(row["score"])
    names = sorted(gold["bradley_terry"])
    place = {name: i for i, name in enumerate(names)}
    return {
        "left": np.array([place[row["left"]] for row in rows]),
        "right": np.array([place[row["right"]] for row in rows]),
        "outcome": np.array([OUTCOME[row["winner"]] for row in rows]),
        "unit": np.unique(
            [(row["prompt"], row["left"], row["right"]) for row in rows], axis=0, return_inverse=True
        )[1].ravel(),
        "rater": np.array([int(row["worker"]) for row in rows]),
        "names": np.array(names),
        **{name: np.array([scores[item] for item in names]) for name, scores in gold.items()},
    }


@pytest.fixture(scope="session")
def mqm(shared_data: Path) -> list[dict[str, str]]:
    path = shared_data / "wmt_mqm_ted_ende" / "mqm_ted_ende.tsv.gz"
    if not path.exists():
        pytest.skip(f"the MQM annotations are not here: {path}")
    with gzip.open(path, "rt", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
