"""Percent agreement: irrCAC's, real data, and units that all agree alike."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
from irrCAC.raw import CAC
from pandas import DataFrame

from concord.stats import agreement
from concord.stats.aggregation import majority_vote
from concord.stats.agreement import cohen_kappa, percent_agreement
from concord.stats.comparison import proportion
from tests.concord.stats.agreement.tables import long_form, random_sets
from tests.concord.stats.real_data import read_rows


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("weighting", ["units", "pairs"])
def test_units_that_all_agree_alike_leave_the_width_of_a_share(weighting: str) -> None:
    """Rounding of one third made the units seem to differ by 1e-17, and the interval had no width."""
    result = agreement.percent_agreement(
        np.repeat(np.arange(10), 3), np.tile([0, 1, 2], 10), np.tile([1, 1, 2], 10), weighting=weighting
    )
    assert result.value == pytest.approx(1 / 3)
    assert result.low < 0.15
    assert result.high > 0.6


NAN = np.nan


def test_percent_agreement_against_irrcac(rng: np.random.Generator) -> None:
    for matrix, categories in random_sets(rng, 200):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            cac = CAC(DataFrame(matrix.T), categories=categories.tolist(), digits=14)
            expected = cac.gwet()["est"]["pa"]
        assert percent_agreement(*long_form(matrix)).value == pytest.approx(expected, abs=1e-9)


def test_percent_agreement_by_hand() -> None:
    units, raters, values = [1, 1, 1, 2, 2, 3], [0, 1, 2, 0, 1, 0], [1, 1, 2, 4, 4, 9]
    by_unit = percent_agreement(units, raters, values)
    assert by_unit.value == pytest.approx((1 / 3 + 1) / 2)
    assert by_unit.n == 2
    assert by_unit.omitted == {"units with one rating": 1}
    assert percent_agreement(units, raters, values, weighting="pairs").value == pytest.approx(4 / 8)
    perfect = percent_agreement([1, 1, 2, 2], [0, 1, 0, 1], [1, 1, 2, 2])
    assert perfect.value == 1.0
    assert perfect.low == pytest.approx(2 / (2 + 1.959964**2), abs=1e-6)


@pytest.mark.real_data
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
