"""The alternative annotator test: its published results, and its ends."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from concord.stats import InputError
from concord.stats.joint import alternative_annotator_test


@pytest.mark.filterwarnings("error")
def test_the_annotator_test_does_not_see_the_origin_of_its_numbers(rng: np.random.Generator) -> None:
    unit, rater = np.tile(np.arange(60), 3), np.repeat([0, 1, 2], 60)
    truth = rng.normal(size=60)
    value = truth[unit] + 0.4 * rng.normal(size=180)
    machine = truth + 0.5 * rng.normal(size=60)
    near, far = (
        alternative_annotator_test(unit, rater, value + shift, range(60), machine + shift, score="rmse")
        for shift in (0.0, 1e7)
    )
    assert far.advantage.tolist() == near.advantage.tolist()
    assert far.human.tolist() == near.human.tolist()


@pytest.mark.filterwarnings("error")
def test_the_annotator_test_by_the_papers_steps(rng: np.random.Generator) -> None:
    """Leave one annotator out, compare alignment with the others, t test against epsilon, Benjamini-Yekutieli, omega."""
    labels = rng.integers(0, 3, size=(50, 4)).astype(float)
    truth = rng.integers(0, 3, size=50)
    labels[rng.random((50, 4)) < 0.6] = np.nan
    labels = np.where(rng.random((50, 4)) < 0.6, truth[:, None], labels)
    machine = np.where(rng.random(50) < 0.8, truth, 1)
    p_values, advantages = [], []
    for j in range(4):
        gaps, better = [], []
        for i in range(50):
            others = [labels[i, k] for k in range(4) if k != j and not np.isnan(labels[i, k])]
            if np.isnan(labels[i, j]) or not others:
                continue
            llm, human = (np.mean([x == other for other in others]) for x in (machine[i], labels[i, j]))
            gaps.append(float(human >= llm) - float(llm >= human))
            better.append(llm >= human)
        p_values.append(stats.ttest_1samp(gaps, 0.2, alternative="less").pvalue)
        advantages.append(np.mean(better))
    unit, rater = np.indices(labels.shape)
    result = alternative_annotator_test(
        unit.ravel(), rater.ravel(), labels.ravel(), range(50), machine, minimum_units=10
    )
    adjusted = stats.false_discovery_control(p_values, method="by")
    assert result.p_values == pytest.approx(adjusted, abs=1e-12)
    assert result.winning_rate == np.mean(adjusted < 0.05)
    assert result.advantage_probability == pytest.approx(np.mean(advantages))
    assert result.passes == (result.winning_rate >= 0.5)


def test_the_judge_must_share_units_with_people() -> None:
    assert alternative_annotator_test([1, 1], [0, 1], [1, 1], [1], [1]).undefined
    with pytest.raises(InputError):
        alternative_annotator_test([1, 1], [0, -1], [1, 1], [1], [1])
    with pytest.raises(InputError):
        alternative_annotator_test([1, 1], [0, 1], [1, 1], [1, 1], [1, 2])


def test_a_machine_that_agrees_with_nobody_replaces_nobody() -> None:
    """Three raters and the machine never say the same: it does as well as people, and passed."""
    units, raters = np.tile(np.arange(40), 3), np.repeat([0, 1, 2], 40)
    found = alternative_annotator_test(units, raters, raters, np.arange(40), np.full(40, 9))
    assert not found.passes
    assert found.undefined is not None
    assert "nobody agrees" in found.undefined
    lone = np.where(
        raters == 2, 5, 0
    )  # two agree with each other and with the machine, the third with nobody
    found = alternative_annotator_test(units, raters, lone, np.arange(40), np.zeros(40))
    assert found.passes
    lost = alternative_annotator_test(units, raters, lone, np.arange(40), np.full(40, 9))
    assert lost.undefined is None
    assert lost.rejected.tolist() == [False, False, False]
    assert lost.p_values[2] == 1.0


ALT_TEST = {
    "wax": ("accuracy", 0.1),
    "lgbteen": ("accuracy", 0.2),
    "mtbench": ("accuracy", 0.2),
    "framing": ("accuracy", 0.15),
    "cebab_aspects": ("accuracy", 0.1),
    "10k_prompts": ("rmse", 0.15),
    "cebab_stars": ("rmse", 0.1),
    "lesion": ("rmse", 0.15),
    "summeval": ("rmse", 0.2),
}


def annotations(folder: Path, name: str) -> tuple[dict, dict]:
    if name != "summeval":
        files = [folder / "alttest" / f"{name}.{side}_annotations.json.gz" for side in ("human", "llm")]
        if not files[0].exists():
            pytest.skip(f"the alt-test data are not here: {files[0]}")
        return tuple(json.loads(gzip.decompress(file.read_bytes())) for file in files)  # type: ignore[return-value]
    parquet = pytest.importorskip("pyarrow.parquet")
    sides = []
    for file, who, what in (("expert_ratings", "rater_id", "rating"), ("llm_judge_scores", "judge", "score")):
        path = folder / "summeval" / f"{file}.parquet"
        if not path.exists():
            pytest.skip(f"SummEval is not here: {path}")
        table = parquet.read_table(path).to_pydict()
        nested: dict = defaultdict(dict)
        for row in zip(*(table[c] for c in (who, "doc_id", "system", "dimension", what)), strict=True):
            nested[row[0]][row[1:4]] = row[4]
        sides.append(nested)
    return sides[0], sides[1]


@pytest.mark.real_data
@pytest.mark.parametrize("name", ALT_TEST)
def test_alternative_annotator_test_against_the_published_results(shared_data: Path, name: str) -> None:
    people, machines = annotations(shared_data, name)
    published_file = shared_data / "alttest" / "published_notebook_results.json"
    if not published_file.exists():
        pytest.skip(f"the published results are not here: {published_file}")
    published = json.loads(published_file.read_text())
    score, epsilon = ALT_TEST[name]
    items = {item: i for i, item in enumerate(dict.fromkeys(item for one in people.values() for item in one))}
    labels: dict = {}

    def code(value: object) -> float:
        return float(value) if score == "rmse" else float(labels.setdefault(str(value), len(labels)))  # type: ignore[arg-type]

    rows = [(items[item], r, code(v)) for r, one in enumerate(people.values()) for item, v in one.items()]
    unit, rater, value = (np.array(column) for column in zip(*rows, strict=True))
    seen = 0
    for machine, one in machines.items():
        key = f"{name} {machine}"
        if key not in published:
            continue
        mine = [(items[item], code(v)) for item, v in one.items() if item in items]
        result = alternative_annotator_test(
            unit, rater, value, [m[0] for m in mine], [m[1] for m in mine], score=score, epsilon=epsilon
        )
        rate, advantage = published[key]
        assert f"{result.winning_rate:.2f}" == rate, key
        assert f"{result.advantage_probability:.2f}" == advantage, key
        seen += 1
    assert seen >= 4


def test_a_machine_that_beats_half_of_the_raters_passes() -> None:
    """Two raters know the answers, one guesses and one always says the same; the machine errs in three of ten."""
    rng = np.random.default_rng(3)
    truth = rng.integers(4, size=80)
    answers = np.stack([truth, truth, rng.integers(4, size=80), np.full(80, 9)])
    machine = np.where(np.arange(80) % 10 < 3, (truth + 1) % 4, truth)
    rater, unit = np.indices(answers.shape)
    found = alternative_annotator_test(
        unit.ravel(), rater.ravel(), answers.ravel(), np.arange(80), machine, epsilon=0.1
    )
    assert found.rejected.tolist() == [False, False, True, True]
    assert (found.winning_rate, found.passes) == (0.5, True)
    others = answers[:, None] == answers[None]
    agreed = others.sum(axis=1) - 1
    by_machine = np.stack([(machine == np.delete(answers, r, axis=0)).sum(axis=0) for r in range(4)])
    assert found.advantage == pytest.approx((by_machine >= agreed).mean(axis=1))
    assert found.human == pytest.approx((agreed >= by_machine).mean(axis=1))
    assert found.advantage_probability == pytest.approx(found.advantage.mean())
