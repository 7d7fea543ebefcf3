"""The published figures of the real data sets."""

from __future__ import annotations

import csv
import gzip
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from concord.stats.agreement import cohen_kappa, krippendorff_alpha, percent_agreement, span_agreement
from concord.stats.comparison import mcnemar, mean, proportion
from concord.stats.fairness import gap, group_estimates
from concord.stats.joint import alternative_annotator_test, rogan_gladen
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


def test_xstest_judge_is_corrected_to_what_people_say(shared_data: Path) -> None:
    """Of 200 unsafe prompts the judge calls 12.0 / 27.0 / 15.0 / 31.5 / 67.0 % complied with, people .5 / 0 / 0 / 3.5 / 64.0 %.

    With the judge's error rates from the same people, the corrected share is exactly theirs; of mistralinstruct the judge's
    67 % lie close to people's 64 %, and yet it calls more refusals than compliances complied with: it says nothing.
    """
    path = shared_data / "xstest" / "completions_annotated.csv.gz"
    if not path.exists():
        pytest.skip(f"XSTest is not here: {path}")
    with gzip.open(path, "rt") as file:
        rows = [row for row in csv.DictReader(file) if "contrast" in row["type"]]
    published = {
        "gpt4": (12.0, 0.5),
        "llama2new": (27.0, 0.0),
        "llama2orig": (15.0, 0.0),
        "mistralguard": (31.5, 3.5),
        "mistralinstruct": (67.0, 64.0),
    }
    for model, (by_judge, by_people) in published.items():
        mine = [row for row in rows if row["model"] == model]
        judge = np.array([row["gpt4_label"] == "1_full_compliance" for row in mine])
        people = np.array([row["final_label"] == "1_full_compliance" for row in mine])
        assert (100 * judge.mean(), 100 * people.mean()) == pytest.approx((by_judge, by_people), abs=1e-9)
        found = rogan_gladen(
            int(judge.sum()),
            len(mine),
            sensitivity=(int((judge & people).sum()), int(people.sum())),
            specificity=(int((~judge & ~people).sum()), int((~people).sum())),
        )
        if model == "mistralinstruct":
            assert "says nothing" in str(found.undefined)
        elif people.any():
            assert 100 * found.value == pytest.approx(by_people, abs=1e-9)
            assert found.low <= people.mean() <= found.high
        else:
            assert "labelled positives" in str(found.undefined)


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


def test_popquorn_gap_needs_raters_as_clusters(shared_data: Path) -> None:
    path = shared_data / "popquorn_offensiveness" / "ratings.csv.gz"
    if not path.exists():
        pytest.skip(f"POPQUORN is not here: {path}")
    with gzip.open(path, "rt") as file:
        rows = list(csv.DictReader(file))
    races = {race: i for i, race in enumerate(sorted({row["race"] for row in rows}))}
    people = {user: i for i, user in enumerate({row["user_id"] for row in rows})}
    race = np.array([races[row["race"]] for row in rows])
    rater = np.array([people[row["user_id"]] for row in rows])
    rated = np.array([float(row["offensiveness"]) >= 3 for row in rows], dtype=float)
    of, versus = races["Black or African American"], races["White"]
    right = gap(rated, race, of=of, versus=versus, raters=rater)
    assert right.value == pytest.approx(0.0994, abs=5e-5)
    assert (right.low, right.high) == pytest.approx((0.017, 0.186), abs=0.012)
    naive = gap(rated, race, of=of, versus=versus)
    assert (naive.low, naive.high) == pytest.approx((0.075, 0.124), abs=0.004)
    small = [g for g in group_estimates(rated, race, raters=rater) if g.suppressed]
    assert {g.group for g in small} == {
        races[r] for r in ("Native American", "Hispanic or Latino", "Arab American")
    }
    assert krippendorff_alpha(
        [
            int(row["instance_id"]) if row["instance_id"].isdigit() else hash(row["instance_id"]) >> 8
            for row in rows
        ],
        rater,
        [float(row["offensiveness"]) for row in rows],
        level="interval",
        n_resamples=0,
    ).value == pytest.approx(0.287, abs=5e-4)


def test_gsm8k_accuracies_and_mcnemar(shared_data: Path) -> None:
    path = shared_data / "gsm8k" / "example_model_solutions.jsonl.gz"
    if not path.exists():
        pytest.skip(f"GSM8K is not here: {path}")
    with gzip.open(path, "rt") as file:
        rows = [json.loads(line) for line in file]
    models = [name for name in rows[0] if isinstance(rows[0][name], dict)]
    right = {name: np.array([float(row[name]["is_correct"]) for row in rows]) for name in models}
    shares = sorted(round(proportion(int(v.sum()), len(v)).value, 4) for v in right.values())
    assert shares == [0.2168, 0.3472, 0.3904, 0.5625]
    small = next(v for v in right.values() if round(v.mean(), 4) == 0.3904)
    large = next(v for v in right.values() if round(v.mean(), 4) == 0.3472)
    p_values = [mcnemar(small, large, method).p_value for method in ("exact", "mid-p", "asymptotic")]
    assert min(abs(p - 0.0032) for p in p_values) < 3e-4


def test_diasafety_alphas(shared_data: Path) -> None:
    path = shared_data / "diasafety_cc" / "labels.json.gz"
    if not path.exists():
        pytest.skip(f"DiaSafety-CC is not here: {path}")
    rows = json.loads(gzip.decompress(path.read_bytes()))
    columns = ["label1_ng", "label2_ng", "label3_ng", "label1_in", "label2_in", "label3_in"]
    names = {name: i for i, name in enumerate(sorted({row[c] for row in rows for c in columns}))}
    table = np.array([[names[row[c]] for c in columns] for row in rows])
    unit, rater = np.indices(table.shape)
    for part, published in ((slice(0, 3), 0.191), (slice(3, 6), 0.420), (slice(0, 6), 0.313)):
        result = krippendorff_alpha(
            unit[:, part].ravel(),
            rater[:, part].ravel(),
            table[:, part].ravel(),
            level="nominal",
            n_resamples=0,
        )
        assert result.value == pytest.approx(published, abs=5e-4)


MQM_WEIGHT = {"Major": 5.0, "Minor": 1.0, "Neutral": 0.0, "No-error": 0.0}


def penalty(category: str, severity: str) -> float:
    if category == "Non-translation!":
        return 25.0
    return 0.1 if (category, severity) == ("Fluency/Punctuation", "Minor") else MQM_WEIGHT[severity]


@pytest.fixture(scope="module")
def mqm(shared_data: Path) -> list[dict[str, str]]:
    path = shared_data / "wmt_mqm_ted_ende" / "mqm_ted_ende.tsv.gz"
    if not path.exists():
        pytest.skip(f"the MQM annotations are not here: {path}")
    with gzip.open(path, "rt", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_mqm_scores_of_fourteen_systems(mqm: list[dict[str, str]], shared_data: Path) -> None:
    """The table in the upstream README, which truncates to two digits; a segment's score is the sum of its penalties."""
    scores: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in mqm:
        scores[row["system"]][row["seg_id"]] += penalty(row["category"], row["severity"])
    text = (shared_data / "wmt_mqm_ted_ende" / "UPSTREAM_README.md").read_text()
    table = text.split("## TED talks ##")[1].split("### English to German ###")[1].split("###")[0]
    published = {
        name.strip(): float(cell.split("(")[0])
        for _, name, cell, _ in (line.split("|") for line in table.splitlines() if "(" in line)
    }
    assert len(scores) == 14
    for system, by_segment in scores.items():
        known = published["ref.A" if system == "ref" else system]
        found = mean(np.array(list(by_segment.values()))).value
        assert found == pytest.approx(known, abs=0.0101), system


def test_mqm_spans_have_one_rater_each_and_say_so(mqm: list[dict[str, str]]) -> None:
    """Every translation was read by one rater: agreement on spans cannot be had, and must not be made up."""
    units = {key: i for i, key in enumerate(dict.fromkeys((row["system"], row["seg_id"]) for row in mqm))}
    raters = {name: i for i, name in enumerate(sorted({row["rater"] for row in mqm}))}
    labels = {name: i for i, name in enumerate(sorted({row["category"] for row in mqm}))}
    rows = [
        (units[row["system"], row["seg_id"]], raters[row["rater"]], *marked(row), labels[row["category"]])
        for row in mqm
    ]
    unit, rater, start, end, label = np.array(rows).T
    assert len(units) == 7406
    for mode in ("exact", "overlap", "character"):
        result = span_agreement(unit, rater, start, end, label, mode=mode)
        assert (result.n, result.omitted["units with one rater"]) == (0, 7406)
        assert "two raters" in str(result.undefined)
    # A second reading of the same translations: every rater again, a few spans one character longer.
    longer = end + (np.arange(len(end)) % 10 == 0)
    again = [
        np.concatenate([a, b])
        for a, b in ((unit, unit), (rater, rater + 10), (start, start), (end, longer), (label, label))
    ]
    exact, overlap, character = (
        span_agreement(*again, mode=mode) for mode in ("exact", "overlap", "character")
    )
    real = ~np.isnan(start)
    assert exact.value == pytest.approx(1 - (real & (longer > end)).sum() / real.sum(), abs=0.01)
    assert overlap.value == 1.0
    assert exact.value < character.value < overlap.value
    assert exact.low < exact.value < exact.high


def marked(row: dict[str, str]) -> tuple[float, float]:
    """Return where <v>...</v> lies in the text without the marks (one mark is never closed); nan where nothing is marked."""
    for text in (row["target"], row["source"]):
        before, opened, rest = text.partition("<v>")
        if opened:
            length = len(rest.partition("</v>")[0])
            return float(len(before)), float(len(before) + max(length, 1))
    return np.nan, np.nan
