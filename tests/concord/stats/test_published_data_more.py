"""More figures of the real data sets: groups of raters, judges beside people, refusals in full, and latencies."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from concord.stats.aggregation import majority_vote
from concord.stats.agreement import cohen_kappa, fleiss_kappa, krippendorff_alpha, percent_agreement
from concord.stats.comparison import mcnemar, proportion
from concord.stats.fairness import gap, group_estimates
from concord.stats.tails import percentile

pytestmark = pytest.mark.real_data


def read_rows(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        pytest.skip(f"the data are not here: {path}")
    text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text()
    return list(csv.DictReader(text.splitlines(keepends=True)))


def test_diasafety_raters_of_two_countries(shared_data: Path) -> None:
    """Unsafe: .711 by Nigerian raters, .814 by Indian ones. Few raters leave the gap open, however many the dialogues."""
    path = shared_data / "diasafety_cc" / "labels.json.gz"
    if not path.exists():
        pytest.skip(f"DiaSafety-CC is not here: {path}")
    rows = json.loads(gzip.decompress(path.read_bytes()))
    columns = [f"label{i}_{country}" for country in ("ng", "in") for i in (1, 2, 3)]
    unsafe = np.array([[row[c] == "Unsafe" for c in columns] for row in rows], dtype=float)
    dialogue, rater = (code.ravel() for code in np.indices(unsafe.shape))
    indian = rater // 3
    rates = group_estimates(unsafe.ravel(), indian, examples=dialogue)
    assert [rate.value for rate in rates] == pytest.approx([0.711, 0.814], abs=5e-4)
    by_dialogue = gap(unsafe.ravel(), indian, of=1, versus=0, examples=dialogue)
    assert by_dialogue.value == pytest.approx(0.103, abs=5e-4)
    assert (by_dialogue.low, by_dialogue.high) == pytest.approx((0.088, 0.118), abs=2e-3)
    by_rater = gap(unsafe.ravel(), indian, of=1, versus=0, raters=rater, minimum=3)
    assert by_rater.low < 0 < 0.3 < by_rater.high

    majority = [(unsafe[:, part].sum(axis=1) >= 2).astype(float) for part in (slice(0, 3), slice(3, 6))]
    tested = mcnemar(*majority)
    assert (tested.only_a + tested.only_b) / tested.n == pytest.approx(0.160, abs=5e-4)
    assert tested.p_value == pytest.approx(7e-10, abs=5e-11)
    published = {
        "Biased Opinion": (0.91, 0.98),
        "Risk Ignorance": (0.73, 0.88),
        "Unauthorized Expertise": (0.75, 0.74),
    }
    for category, shares in published.items():
        mine = np.array([row["category"] == category for row in rows])
        assert [vote[mine].mean() for vote in majority] == pytest.approx(shares, abs=5.01e-3)


def test_popquorn_means_by_race(shared_data: Path) -> None:
    rows = read_rows(shared_data / "popquorn_offensiveness" / "ratings.csv.gz")
    races = sorted({row["race"] for row in rows})
    people = {user: i for i, user in enumerate({row["user_id"] for row in rows})}
    found = group_estimates(
        [float(row["offensiveness"]) for row in rows],
        [races.index(row["race"]) for row in rows],
        raters=[people[row["user_id"]] for row in rows],
    )
    means = {races[group.group]: group for group in found}
    published = {"Black or African American": (2.110, 34), "Asian": (1.903, 19), "White": (1.846, 197)}
    for race, (mean, n_raters) in published.items():
        assert means[race].value == pytest.approx(mean, abs=5.1e-4)
        assert means[race].n_raters == n_raters


def test_llmfao_judge_beside_the_crowd(shared_data: Path) -> None:
    """A tied crowd has no preference: GPT-4 agrees on 38.7 % (kappa .178), of 1,043 pairs without a tie on 74.6 %."""
    folder = shared_data / "llmfao"
    code = {"left": 0, "right": 1, "tie": 2}
    rows = read_rows(folder / "crowd-comparisons.csv")
    key = [(row["prompt"], row["left"], row["right"]) for row in rows]
    pair = {name: i for i, name in enumerate(dict.fromkeys(key))}
    votes = majority_vote(
        [pair[name] for name in key],
        [int(row["worker"]) for row in rows],
        [code[row["winner"]] for row in rows],
    )
    crowd = np.where(np.isnan(votes.label), code["tie"], votes.label)
    verdict = {
        pair[row["prompt"], row["left"], row["right"]]: code[row["winner"]]
        for row in read_rows(folder / "gpt4-crowd-comparisons.csv")
    }
    judge = np.array([verdict[int(unit)] for unit in votes.unit_codes])
    unit, rater = (place.ravel() for place in np.indices((len(crowd), 2)))
    both = np.stack([crowd, judge], axis=1).ravel()
    assert len(crowd) == 2139
    assert percent_agreement(unit, rater, both).value == pytest.approx(0.387, abs=5e-4)
    assert cohen_kappa(unit, rater, both).value == pytest.approx(0.178, abs=5e-4)
    decided = (crowd != 2) & (judge != 2)
    found = proportion(int((crowd == judge)[decided].sum()), int(decided.sum()))
    assert (found.n, found.value) == (1043, pytest.approx(0.746, abs=5e-4))


def test_llmfao_latencies(shared_data: Path) -> None:
    path = shared_data / "llmfao" / "results.jsonl.gz"
    if not path.exists():
        pytest.skip(f"LLMFAO is not here: {path}")
    with gzip.open(path, "rt") as file:
        duration = [json.loads(line)["duration"] for line in file]
    half, tail = (percentile(duration, q) for q in (0.5, 0.95))
    assert (half.n, half.value, tail.value) == (1133, 5107, pytest.approx(21129))
    assert half.low < 5107 < half.high < tail.low < 21129 < tail.high


# gpt4, llama2new, llama2orig, mistralguard, mistralinstruct
XSTEST = {
    "gpt4": (0.97, 2.0, 97.5),
    "llama2new": (0.93, 15.6, 97.5),
    "llama2orig": (0.93, 21.6, 99.5),
    "mistralguard": (0.89, 9.2, 87.5),
    "mistralinstruct": (0.92, 0.8, 23.5),
}


@pytest.mark.parametrize("model", XSTEST)
def test_xstest_kappas_and_refusals(shared_data: Path, model: str) -> None:
    kappa, partial, refused = XSTEST[model]
    rows = [
        row
        for row in read_rows(shared_data / "xstest" / "completions_annotated.csv.gz")
        if row["model"] == model
    ]
    unit, rater = (code.ravel() for code in np.indices((len(rows), 2)))
    given = np.array([[int(row[f"annotation_{i}"][0]) for i in (1, 2)] for row in rows])
    assert fleiss_kappa(unit, rater, given.ravel()).value == pytest.approx(kappa, abs=5.1e-3)
    safe = [row["final_label"] for row in rows if "contrast" not in row["type"]]
    unsafe = [row["final_label"] for row in rows if "contrast" in row["type"]]
    shares = safe.count("3_partial_refusal") / len(safe), unsafe.count("2_full_refusal") / len(unsafe)
    assert shares == pytest.approx((partial / 100, refused / 100), abs=1e-9)


def test_summeval_alpha_over_all_dimensions(shared_data: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    path = shared_data / "summeval" / "expert_ratings.parquet"
    if not path.exists():
        pytest.skip(f"SummEval is not here: {path}")
    table = parquet.read_table(path).to_pydict()
    keys = list(zip(table["doc_id"], table["system"], table["dimension"], strict=True))
    unit = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    rater = {name: i for i, name in enumerate(sorted(set(table["rater_id"])))}
    found = krippendorff_alpha(
        [unit[key] for key in keys],
        [rater[name] for name in table["rater_id"]],
        [float(rating) for rating in table["rating"]],
        level="interval",
        n_resamples=0,
    )
    assert (found.n, found.n_ratings) == (6400, 19200)
    assert found.value == pytest.approx(0.7187, abs=5e-5)
