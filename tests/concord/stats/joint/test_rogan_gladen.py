"""Rogan and Gladen's correction: the paper, every count, and published judges."""

from __future__ import annotations

import csv
import gzip
import math
from pathlib import Path

import numpy as np
import pytest

from concord.stats import InputError
from concord.stats.joint import rogan_gladen

pytestmark = pytest.mark.filterwarnings("error")


def test_error_rates_that_cannot_hold_are_said_aloud() -> None:
    found = rogan_gladen(5, 1000, sensitivity=(90, 100), specificity=(85, 100))
    assert found.value == 0.0
    assert math.isnan(found.low)
    assert math.isnan(found.high)
    assert any("cannot hold" in note for note in found.notes)
    above = rogan_gladen(100, 100, sensitivity=(90, 100), specificity=(85, 100))
    assert above.value == 1.0
    assert math.isnan(above.high)
    likely = rogan_gladen(14, 100, sensitivity=(90, 100), specificity=(85, 100))
    assert not any("cannot hold" in note for note in likely.notes)


def test_rogan_gladen_by_hand_and_edges() -> None:
    result = rogan_gladen(270, 1000, sensitivity=(90, 100), specificity=(85, 100))
    assert result.value == pytest.approx((0.27 + 0.85 - 1) / (0.9 + 0.85 - 1))
    assert 0 <= result.low < result.value < result.high <= 1
    assert rogan_gladen(5, 10, sensitivity=(5, 10), specificity=(5, 10)).undefined
    assert rogan_gladen(5, 10, sensitivity=(0, 0), specificity=(5, 10)).undefined
    cut = rogan_gladen(0, 100, sensitivity=(90, 100), specificity=(90, 100))
    assert cut.value == 0.0
    assert cut.notes
    perfect = rogan_gladen(30, 100, sensitivity=(10_000, 10_000), specificity=(10_000, 10_000))
    assert (perfect.low, perfect.high) == pytest.approx((0.219, 0.396), abs=3e-3)
    with pytest.raises(InputError):
        rogan_gladen(11, 10, sensitivity=(1, 2), specificity=(1, 2))


def test_rogan_gladen_of_the_paper_and_of_everything(rng: np.random.Generator) -> None:
    """Rogan & Gladen's (1978) correction; the interval holds its value for every count."""
    assert rogan_gladen(150, 1000, sensitivity=(95, 100), specificity=(95, 100)).value == pytest.approx(1 / 9)
    for _ in range(500):
        n, m1, m0 = (int(x) for x in rng.integers(1, 40, size=3))
        result = rogan_gladen(
            int(rng.integers(0, n + 1)),
            n,
            sensitivity=(int(rng.integers(0, m1 + 1)), m1),
            specificity=(int(rng.integers(0, m0 + 1)), m0),
        )
        if result.defined and not any("cannot hold" in note for note in result.notes):
            assert 0 <= result.low <= result.value <= result.high <= 1
            assert result.low < result.high


def test_rogan_gladen_says_where_the_machine_hardly_beats_guessing() -> None:
    few = rogan_gladen(54, 100, sensitivity=(58, 100), specificity=(50, 100))
    assert (few.low, few.high) == (0.0, 1.0)
    assert "1.08, and by so many labels it may be 1" in few.notes[0]
    many = rogan_gladen(50_000, 100_000, sensitivity=(560, 1000), specificity=(520, 1000))
    assert many.high - many.low > 0.5
    assert "1.08, little more than the 1 of a machine that guesses" in many.notes[-1]
    assert rogan_gladen(3, 10, sensitivity=(9, 10), specificity=(8, 10)).notes == ()  # wide for its few items


@pytest.mark.real_data
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
