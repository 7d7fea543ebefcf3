"""The published figures of the real data sets."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from concord.stats.agreement import cohen_kappa, krippendorff_alpha, percent_agreement
from concord.stats.comparison import proportion
from concord.stats.ranking import bradley_terry, win_rates

pytestmark = pytest.mark.real_data
OUTCOME = {"left": 1.0, "right": 0.0, "tie": 0.5}


@pytest.fixture(scope="module")
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


def test_llmfao_bradley_terry_against_evalicas_golden_file(llmfao: dict[str, np.ndarray]) -> None:
    result = bradley_terry(llmfao["left"], llmfao["right"], llmfao["outcome"], n_systems=59)
    golden = llmfao["bradley_terry"]
    assert result.strengths == pytest.approx(golden / golden.sum(), abs=1e-9)
    assert result.n == 8931


def test_llmfao_average_win_rate_against_evalicas_golden_file(llmfao: dict[str, np.ndarray]) -> None:
    result = win_rates(llmfao["left"], llmfao["right"], llmfao["outcome"], n_systems=59, average="opponents")
    assert result.value == pytest.approx(llmfao["average_win_rate"], abs=5e-7)
    best = np.argsort(-result.value)[:3]
    assert llmfao["names"][best].tolist() == ["GPT 4", "LLaMA-2-Chat (70B)", "command-nightly"]
    assert result.value[best] == pytest.approx([0.7588, 0.7316, 0.7052], abs=5e-5)


def test_llmfao_alpha(llmfao: dict[str, np.ndarray]) -> None:
    result = krippendorff_alpha(llmfao["unit"], llmfao["rater"], llmfao["outcome"], level="nominal")
    assert result.value == pytest.approx(0.2906, abs=5e-5)
    assert 0.2 < result.low < result.value < result.high < 0.4


@pytest.mark.parametrize(
    ("dimension", "published"),
    [("coherence", 0.559), ("consistency", 0.899), ("fluency", 0.726), ("relevance", 0.453)],
)
def test_summeval_interval_alpha(shared_data: Path, dimension: str, published: float) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    path = shared_data / "summeval" / "expert_ratings.parquet"
    if not path.exists():
        pytest.skip(f"SummEval is not here: {path}")
    table = parquet.read_table(path).to_pydict()
    rows = [i for i, name in enumerate(table["dimension"]) if name == dimension]
    keys = {key: i for i, key in enumerate({(table["doc_id"][j], table["system"][j]) for j in rows})}
    raters = {key: i for i, key in enumerate({table["rater_id"][j] for j in rows})}
    result = krippendorff_alpha(
        [keys[table["doc_id"][j], table["system"][j]] for j in rows],
        [raters[table["rater_id"][j]] for j in rows],
        [float(table["rating"][j]) for j in rows],
        level="interval",
    )
    assert result.value == pytest.approx(published, abs=5e-4)
    assert (result.n, result.n_ratings) == (1600, 4800)


def test_xstest_agreement_and_refusals(shared_data: Path) -> None:
    path = shared_data / "xstest" / "completions_annotated.csv.gz"
    if not path.exists():
        pytest.skip(f"XSTest is not here: {path}")
    with gzip.open(path, "rt") as file:
        rows = list(csv.DictReader(file))
    published = {
        "gpt4": (98.4, 0.97, 6.4),
        "llama2new": (95.8, 0.93, 14.0),
        "llama2orig": (96.4, 0.93, 38.0),
        "mistralguard": (93.8, 0.89, 9.6),
        "mistralinstruct": (97.6, 0.92, 0.8),
    }
    for model, (agreement, kappa, refusal) in published.items():
        mine = [row for row in rows if row["model"] == model]
        first = [int(row["annotation_1"][0]) for row in mine]
        second = [int(row["annotation_2"][0]) for row in mine]
        n = len(mine)
        long = ([*range(n), *range(n)], [0] * n + [1] * n, first + second)
        assert percent_agreement(*long).value == pytest.approx(agreement / 100, abs=5e-4)
        assert cohen_kappa(*long).value == pytest.approx(kappa, abs=6e-3)
        safe = [row for row in mine if "contrast" not in row["type"]]
        refused = sum(row["final_label"] == "2_full_refusal" for row in safe)
        assert proportion(refused, len(safe)).value == pytest.approx(refusal / 100, abs=5e-4)
