"""Cohen's kappa: tables of the literature, reference packages, intervals, and edges."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats import inter_rater

from concord.stats import InputError
from concord.stats.agreement import cohen_kappa, percent_agreement
from concord.stats.comparison import proportion
from tests.concord.stats.agreement.tables import long_form, pairs


@pytest.mark.parametrize(
    ("table", "kappa"),
    [
        ([[20, 5], [10, 15]], 0.4),
        ([[45, 15], [25, 15]], 0.1304),
        ([[25, 35], [5, 35]], 0.2593),
    ],
)
def test_textbook_tables_of_cohens_kappa(table, kappa: float) -> None:
    """The grant proposals, and the two tables of 60 % agreement each whose kappas differ."""
    assert cohen_kappa(*pairs(table)).value == pytest.approx(kappa, abs=5e-5)


def test_fleiss_levin_and_paiks_diagnoses() -> None:
    """Fleiss, Levin & Paik (2003), table 18.1: kappa .68 with standard error .087."""
    result = cohen_kappa(*pairs([[75, 1, 4], [5, 4, 1], [0, 0, 10]]))
    assert result.value == pytest.approx(0.68, abs=5e-3)
    assert result.standard_error == pytest.approx(0.087, abs=1e-3)


def test_weighted_kappa_of_six_grades() -> None:
    """Wollschlaeger, "Grundlagen der Datenanalyse mit R": irr's weights "equal" give .316; unweighted three classes .429."""
    grades = [
        [5, 8, 1, 2, 4, 2],
        [3, 5, 3, 5, 5, 0],
        [1, 2, 6, 11, 2, 1],
        [0, 1, 5, 4, 3, 3],
        [0, 0, 1, 2, 5, 2],
        [0, 0, 1, 2, 1, 4],
    ]
    assert cohen_kappa(*pairs(grades), weights="linear").value == pytest.approx(0.316, abs=5e-4)
    plain = cohen_kappa(*pairs([[53, 5, 2], [11, 14, 5], [1, 6, 3]]))
    assert plain.value == pytest.approx(0.429, abs=5e-4)


WINNIPEG = [[38, 5, 0, 1], [33, 11, 3, 0], [10, 14, 5, 6], [3, 7, 3, 10]]
NEW_ORLEANS = [[5, 3, 0, 0], [3, 11, 4, 0], [2, 13, 3, 4], [1, 2, 4, 14]]
COUPLES = [[7, 7, 2, 3], [2, 8, 3, 7], [1, 5, 4, 9], [2, 8, 9, 14]]
PATHOLOGISTS = [[22, 2, 2, 0], [5, 7, 14, 0], [0, 2, 36, 0], [0, 1, 17, 10]]


@pytest.mark.parametrize(
    ("table", "weights", "kappa", "error"),
    [
        (WINNIPEG, None, 0.2079, 0.05046),
        (NEW_ORLEANS, None, 0.2965, 0.07850),
        (WINNIPEG, "linear", 0.3797, None),
        (NEW_ORLEANS, "linear", 0.4773, None),
        (COUPLES, None, 0.1293, 0.06860),
        (COUPLES, "linear", 0.2374, 0.07832),
        (PATHOLOGISTS, None, 0.493, 0.057),
    ],
)
def test_tables_of_landis_and_koch_hout_and_agresti(
    table, weights, kappa: float, error: float | None
) -> None:
    """Two neurologists (Landis & Koch 1977) and couples (Hout et al. 1987) as R's vcd prints them; Agresti's pathologists."""
    result = cohen_kappa(*pairs(table), weights=weights)
    assert result.value == pytest.approx(kappa, abs=6e-5 if kappa != 0.493 else 5e-4)
    if error is not None:
        assert result.standard_error == pytest.approx(error, abs=6e-6 if error != 0.057 else 5e-4)


NAN = np.nan


@pytest.mark.filterwarnings("ignore::RuntimeWarning:statsmodels")  # its standard error where nobody disagrees
@pytest.mark.parametrize("weights", [None, "linear", "quadratic"])
def test_cohen_kappa_against_statsmodels_and_scikit_learn(
    weights: str | None, rng: np.random.Generator
) -> None:
    """Units that only one of the two rated are left out; the reference packages are given the rest."""
    for _ in range(200):
        k, n = int(rng.integers(2, 7)), int(rng.integers(3, 60))
        first = rng.integers(k, size=n).astype(float)
        second = np.where(rng.random(n) < 0.6, first, rng.integers(k, size=n))
        first[rng.random(n) < 0.1] = NAN
        second[rng.random(n) < 0.1] = NAN
        result = cohen_kappa(*long_form(np.stack([first, second])), weights=weights, categories=range(k))
        both = ~np.isnan(first) & ~np.isnan(second)
        if not result.defined:
            assert len(np.unique(np.concatenate([first[both], second[both]]))) < 2
            continue
        expected = cohen_kappa_score(
            first[both].astype(int), second[both].astype(int), weights=weights, labels=range(k)
        )
        assert result.value == pytest.approx(expected, abs=1e-9)
        table = np.zeros((k, k))
        np.add.at(table, (first[both].astype(int), second[both].astype(int)), 1)
        theirs = inter_rater.cohens_kappa(table, wt=weights)
        assert result.value == pytest.approx(theirs.kappa, abs=1e-9)
        if result.standard_error > 0:
            assert result.standard_error == pytest.approx(theirs.std_kappa, abs=1e-9)


def from_table(table: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two raters whose joint counts are the table."""
    row, column = (
        np.repeat(index.ravel(), np.asarray(table).ravel()) for index in np.indices(np.shape(table))
    )
    n = len(row)
    return np.tile(np.arange(n), 2), np.repeat([0, 1], n), np.concatenate([row, column])


def test_cohens_published_weighted_kappa() -> None:
    """Cohen (1968), table 1: 200 patients in three diagnoses; disagreement weights 0 1 3 / 1 0 6 / 3 6 0."""
    table = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]
    disagreement = np.array([[0, 1, 3], [1, 0, 6], [3, 6, 0]])
    result = cohen_kappa(*from_table(np.array(table)), weights=1 - disagreement / 6)
    assert result.value == pytest.approx(0.348, abs=1e-3)
    assert cohen_kappa(*from_table(np.array(table))).value == pytest.approx(0.492, abs=1e-3)


def test_cohen_kappa_refuses_three_raters_and_answers_nothing_on_one_category() -> None:
    with pytest.raises(InputError, match="two raters"):
        cohen_kappa([1, 1, 1], [0, 1, 2], [1, 1, 2])
    with pytest.raises(InputError, match="anonymous"):
        cohen_kappa([1, 1], [0, -1], [1, 1])
    assert "one category" in str(cohen_kappa([1, 1, 2, 2], [0, 1, 0, 1], [5, 5, 5, 5]).undefined)


def test_cohens_interval_is_that_of_fishers_z() -> None:
    result = cohen_kappa(*from_table(np.array([[75, 1, 4], [5, 4, 1], [0, 0, 10]])))
    z = stats.t.ppf(0.975, 99) * result.standard_error / (1 - result.value**2)
    expected = np.tanh(np.arctanh(result.value) + np.array([-z, z]))
    assert [result.low, result.high] == pytest.approx(expected)
    assert result.value - result.low > result.high - result.value  # it leans away from 1


def test_cohens_interval_reaches_neither_1_nor_minus_1() -> None:
    alike = cohen_kappa([*range(8)] * 2, [0] * 8 + [1] * 8, [0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 0])
    apart = cohen_kappa([*range(8)] * 2, [0] * 8 + [1] * 8, [0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1])
    assert -1 < alike.low < alike.high < 1
    assert -1 < apart.low < apart.high < 1


def test_weights_that_lead_below_minus_1_keep_a_symmetric_interval() -> None:
    weights = np.ones((6, 6))
    weights[[0, 1, 2, 3, 4, 5], [3, 4, 5, 0, 1, 2]] = 0
    first, second = [0, 1, 2, 0, 1, 2, 0, 1], [3, 4, 5, 3, 4, 5, 3, 5]
    result = cohen_kappa(
        [*range(8)] * 2, [0] * 8 + [1] * 8, first + second, weights=weights, categories=[*range(6)]
    )
    assert result.value < -1
    assert result.value - result.low == pytest.approx(result.high - result.value)


def test_more_categories_than_tables_can_hold_are_refused() -> None:
    units, raters = np.repeat(np.arange(2001), 2), np.tile([0, 1], 2001)
    assert cohen_kappa(units[:4000], raters[:4000], units[:4000]).value == 1.0
    with pytest.raises(InputError, match="at most 2,000 categories, got 2,001"):
        cohen_kappa(units, raters, units)


def test_cohens_interval_rests_on_the_clusters_against_simulation() -> None:
    """Six outputs of each of 40 examples, of which both answers lean by example: without clusters it holds about .8."""
    rng, covered = np.random.default_rng(8), [0, 0]
    example = np.repeat(np.arange(40), 6)

    def answers(examples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        hard = rng.normal(0, 2, examples.max() + 1)[examples]
        true = rng.random(len(examples)) < 1 / (1 + np.exp(-hard))
        agree = rng.random((2, len(examples))) < 1 / (1 + np.exp(-np.abs(hard)))
        first, second = np.where(agree, true, ~true)
        return first, second

    first, second = answers(np.repeat(np.arange(40_000), 6))
    both = np.tile(np.arange(len(first)), 2), np.repeat([0, 1], len(first))
    truth = cohen_kappa(*both, np.concatenate([first, second]).astype(int)).value
    for _ in range(250):
        first, second = answers(example)
        rows = np.tile(np.arange(240), 2), np.repeat([0, 1], 240), np.concatenate([first, second]).astype(int)
        for at, clusters in enumerate((np.tile(example, 2), None)):
            found = cohen_kappa(*rows, clusters=clusters)
            covered[at] += found.low <= truth <= found.high
    assert 0.91 <= covered[0] / 250 <= 0.985
    assert covered[1] < covered[0]


def test_clusters_of_one_unit_change_nothing_of_cohens_kappa_and_one_cluster_says_nothing() -> None:
    unit, rater = np.tile(np.arange(12), 2), np.repeat([0, 1], 12)
    values = [0, 1] * 6 + [0, 1, 1, 1, 0, 0] * 2
    plain = cohen_kappa(unit, rater, values)
    assert cohen_kappa(unit, rater, values, clusters=unit + 5) == plain
    one = cohen_kappa(unit, rater, values, clusters=[3] * 24)
    assert one.value == plain.value
    assert np.isnan([one.low, one.high]).all()
    same = cohen_kappa(unit, rater, [0, 1] * 12, clusters=unit % 4)
    assert (same.value, same.high) == (1, 1)
    assert same.low < cohen_kappa(unit, rater, [0, 1] * 12).low
    with pytest.raises(InputError, match="whole units"):
        cohen_kappa(unit, rater, values, clusters=np.arange(24))


@pytest.mark.real_data
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
