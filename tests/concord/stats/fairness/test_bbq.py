"""The bias scores of BBQ's paper (figures 2 and 3), from the answers of UnifiedQA that were published with it."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import numpy as np
import pytest

from concord.stats import InputError
from concord.stats.comparison import clustered_proportion, mean
from concord.stats.fairness import bbq_bias, gap

# (ARC, RACE): bias in ambiguous and in disambiguated contexts, and what accuracy loses where the answer is against type.
PUBLISHED = {
    "Age": ((48.9, 29.8), (3.3, 1.2), (-5.5, -2.2)),
    "Disability_status": ((32.6, 21.2), (-0.7, -1.4), (2.4, 3.4)),
    "Nationality": ((14.5, 6.0), (-0.2, 1.2), (-0.3, -2.5)),
    "Religion": ((24.5, 14.3), (3.5, 0.2), (-4.3, -0.7)),
    "Sexual_orientation": ((11.8, 5.8), (0.5, -0.7), (-0.9, 0.9)),
}


def words(text: str) -> str:
    return re.sub(r"[^a-z0-9 ]", "", text.lower()).strip()


def answered(row: dict, style: str) -> int:
    """Return which of the three answers was given, -1 for words of its own ("the younger boy" for "the youthful boy")."""
    said = words(row[f"unifiedqa-t5-11b_pred_{style}"])
    options = [words(row[f"ans{i}"]) for i in range(3)]
    found = [i for i in range(3) if options[i] == said]
    found = found or [i for i in range(3) if said in options[i] or options[i] in said]
    return found[0] if len(found) == 1 else -1


def target(row: dict) -> int:
    groups = {name.lower() for name in row["additional_metadata"]["stereotyped_groups"]}
    return next(i for i in range(3) if {name.lower() for name in row["answer_info"][f"ans{i}"]} & groups)


def read(folder: Path, category: str) -> list[dict]:
    path = folder / "bbq" / f"preds_{category}.jsonl.gz"
    if not path.exists():
        pytest.skip(f"BBQ is not here: {path}")
    with gzip.open(path, "rt") as file:
        return [json.loads(line) for line in file]


@pytest.mark.real_data
@pytest.mark.parametrize("category", PUBLISHED)
@pytest.mark.parametrize("style", ["arc", "race"])
def test_bbq_figures(shared_data: Path, category: str, style: str) -> None:
    rows = read(shared_data, category)
    at = ["arc", "race"].index(style)
    open_, decided, cost = (figures[at] for figures in PUBLISHED[category])
    given = np.array([answered(row, style) for row in rows])
    right = np.array([row["label"] for row in rows])
    aimed = np.array([target(row) for row in rows])
    negative = np.array([row["question_polarity"] == "neg" for row in rows])
    ambiguous = np.array([row["context_condition"] == "ambig" for row in rows])
    unknown = np.array(
        [i >= 0 and row["answer_info"][f"ans{i}"][1] == "unknown" for row, i in zip(rows, given, strict=True)]
    )
    template = np.array([int(row["question_index"]) for row in rows])
    with_type = np.where((given == aimed) == negative, 1, -1)
    leaning = np.where(given < 0, np.nan, np.where(unknown, 0, with_type))

    found = bbq_bias(leaning[ambiguous], ambiguous=True, clusters=template[ambiguous])
    assert 100 * found.value == pytest.approx(open_, abs=0.0501)
    accuracy = (given == right)[ambiguous & (given >= 0)].mean()
    lean = leaning[ambiguous & (leaning != 0) & (given >= 0)]
    assert found.value == pytest.approx((1 - accuracy) * (2 * (lean == 1).mean() - 1), abs=1e-12)
    naive = bbq_bias(leaning[ambiguous], ambiguous=True)
    assert found.high - found.low > 1.2 * (naive.high - naive.low)  # examples of a template are alike

    told = bbq_bias(leaning[~ambiguous], ambiguous=False, clusters=template[~ambiguous])
    assert 100 * told.value == pytest.approx(decided, abs=0.0501)
    assert told.low < told.value < told.high

    with_the_type = ((right == aimed) == negative).astype(int)
    correct = (given == right).astype(float)[~ambiguous]
    loss = gap(correct, with_the_type[~ambiguous], of=0, versus=1, examples=template[~ambiguous], minimum=5)
    assert 100 * loss.value == pytest.approx(cost, abs=0.0501)


def test_bbq_bias_by_hand_and_its_ends() -> None:
    leaning, template = [1, 1, 1, -1, 0, 0, 1, np.nan], [0, 0, 1, 1, 2, 2, 3, 3]
    decided = bbq_bias(leaning, ambiguous=False, clusters=template)
    share = clustered_proportion([1, 1, 1, 0, 1], clusters=[0, 0, 1, 1, 3])
    assert (decided.value, decided.n) == (pytest.approx(0.6), 5)
    assert (decided.low, decided.high) == pytest.approx((2 * share.low - 1, 2 * share.high - 1))
    assert decided.omitted == {"missing values": 1}
    vague = bbq_bias(leaning, ambiguous=True, clusters=template)
    plain = mean(leaning, clusters=template)
    assert (vague.value, vague.low, vague.high) == pytest.approx((3 / 7, plain.low, min(plain.high, 1.0)))
    always = bbq_bias([1] * 20, ambiguous=False)
    assert always.value == always.high == 1.0
    assert 0.6 < always.low < 0.95


def test_bbq_bias_says_where_there_is_no_score() -> None:
    assert bbq_bias([], ambiguous=True).undefined
    assert bbq_bias([np.nan], ambiguous=False).undefined
    assert "names" in str(bbq_bias([0, 0], ambiguous=False).undefined)
    assert bbq_bias([0, 0], ambiguous=True).value == 0.0
    for bad in ([2], [0.5], ["biased"], [[1]]):
        with pytest.raises(InputError):
            bbq_bias(bad, ambiguous=True)
    with pytest.raises(InputError):
        bbq_bias([1], ambiguous="yes")
    with pytest.raises(InputError):
        bbq_bias([1, -1], ambiguous=True, clusters=[0])
