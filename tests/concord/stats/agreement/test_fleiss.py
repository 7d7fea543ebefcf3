"""Fleiss' kappa: published tables, statsmodels, and weights of few units."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from statsmodels.stats import inter_rater

from concord.stats.agreement import conger_kappa, fleiss_kappa
from tests.concord.stats.agreement.tables import categories_by_unit, long_form
from tests.concord.stats.real_data import read_rows

# Fleiss (1971), table 1: thirty patients, six psychiatrists, five diagnoses.
DIAGNOSES = """0 0 0 6 0 . 0 3 0 0 3 . 0 1 4 0 1 . 0 0 0 0 6 . 0 3 0 3 0 . 2 0 4 0 0 .
0 0 4 0 2 . 2 0 3 1 0 . 2 0 0 4 0 . 0 0 0 0 6 . 1 0 0 5 0 . 1 1 0 4 0 .
0 3 3 0 0 . 1 0 0 5 0 . 0 2 0 3 1 . 0 0 5 0 1 . 3 0 0 1 2 . 5 1 0 0 0 .
0 2 0 4 0 . 1 0 2 0 3 . 0 0 0 0 6 . 0 1 0 5 0 . 0 2 0 1 3 . 2 0 0 4 0 .
1 0 0 4 1 . 0 5 0 1 0 . 4 0 0 0 2 . 0 2 0 4 0 . 1 0 5 0 0 . 0 0 0 0 6"""


def from_counts(table: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    unit, category = (np.repeat(index.ravel(), table.ravel()) for index in np.indices(table.shape))
    return unit, np.full(len(unit), -1), category


def test_fleiss_published_kappa() -> None:
    table = np.array([[int(x) for x in row.split()] for row in DIAGNOSES.split(".")])
    assert table.sum() == 180
    result = fleiss_kappa(*from_counts(table))
    assert result.value == pytest.approx(0.430, abs=5e-4)
    assert result.observed == pytest.approx(0.5556, abs=5e-5)
    assert result.expected == pytest.approx(0.2199, abs=1e-3)


NAN = np.nan


def coded(rows: list[str]) -> np.ndarray:
    return np.array([[NAN if c == "*" else float(c) for c in row] for row in rows])


# Fleiss (1971) as the data set `diagnoses` of R's irr has it: six psychiatrists (rows), thirty patients; depression 1,
# personality disorder 2, schizophrenia 3, neurosis 4, other 5.
DIAGNOSES_BY_RATER = [
    "422521311511212311215221121215",
    "423521311542242311235421421235",
    "423523334544244311435444421435",
    "453543334544344341455454421435",
    "453543534544344351455454425435",
    "455543544544345552455454545435",
]


def test_fleiss_diagnoses_by_category_and_as_conger_corrects_them() -> None:
    """Fleiss (1971): .430, and .245, .245, .520, .471, .566 by category; irr's exact kappa (Conger 1980): .442."""
    table = coded(DIAGNOSES_BY_RATER)
    assert fleiss_kappa(*long_form(table)).value == pytest.approx(0.430, abs=5e-4)
    assert conger_kappa(*long_form(table)).value == pytest.approx(0.442, abs=5e-4)
    by_category = [fleiss_kappa(*long_form(table == c)).value for c in range(1, 6)]
    assert by_category == pytest.approx([0.245, 0.245, 0.520, 0.471, 0.566], abs=5e-4)


def test_fleiss_kappa_against_statsmodels(rng: np.random.Generator) -> None:
    compared = 0
    while compared < 200:
        table = rng.multinomial(
            int(rng.integers(2, 8)), rng.dirichlet(np.ones(int(rng.integers(2, 6)))), size=12
        )
        if (table.sum(axis=0) > 0).sum() < 2:
            continue
        unit, category = (np.repeat(index.ravel(), table.ravel()) for index in np.indices(table.shape))
        result = fleiss_kappa(unit, np.full(len(unit), -1), category)
        assert result.value == pytest.approx(inter_rater.fleiss_kappa(table), abs=1e-9)
        compared += 1


@pytest.mark.parametrize(("disagree", "how"), [(9, "t interval of atanh"), (10, "t interval")])
def test_fleiss_interval_leans_where_few_units_disagree(disagree: int, how: str) -> None:
    table = np.repeat(np.repeat([[0.0], [1.0]], 100, axis=0), 2, axis=1)
    table[: 2 * disagree : 2, 1] = 1
    found = fleiss_kappa(*categories_by_unit(table))
    assert found.method.endswith(f", {how}")
    assert not found.notes


# gpt4, llama2new, llama2orig, mistralguard, mistralinstruct
XSTEST = {
    "gpt4": (0.97, 2.0, 97.5),
    "llama2new": (0.93, 15.6, 97.5),
    "llama2orig": (0.93, 21.6, 99.5),
    "mistralguard": (0.89, 9.2, 87.5),
    "mistralinstruct": (0.92, 0.8, 23.5),
}


@pytest.mark.real_data
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
