"""Gaps between groups: clustered by raters, published data, and simulation."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from concord.stats.agreement import krippendorff_alpha
from concord.stats.comparison import mcnemar
from concord.stats.fairness import gap, group_estimates
from tests.concord.stats.fairness.crowd import crowd


def test_gap_resamples_raters_not_ratings(rng: np.random.Generator) -> None:
    y, group, rater, example = crowd(rng)
    by_rater = gap(y, group, of=1, versus=0, raters=rater)
    naive = gap(y, group, of=1, versus=0)
    both = gap(y, group, of=1, versus=0, raters=rater, examples=example)
    assert by_rater.value == pytest.approx(y[group == 1].mean() - y[group == 0].mean())
    assert by_rater.high - by_rater.low > 2.5 * (naive.high - naive.low)
    assert both.standard_error > 0.95 * by_rater.standard_error
    means = [y[rater == r].mean() for r in range(60)]
    error = np.sqrt(np.var(means[:30], ddof=1) / 30 + np.var(means[30:], ddof=1) / 30)
    assert by_rater.standard_error == pytest.approx(error, rel=0.1)


def test_ratio_by_hand_and_its_refusals() -> None:
    values, groups = [1, 1, 1, 0] * 10, [1, 1, 0, 0] * 10
    result = gap(values, groups, of=1, versus=0, measure="ratio")
    assert result.value == pytest.approx(2.0)
    assert 1 < result.low < 2 < result.high
    assert gap([0.0] * 40, groups, of=1, versus=0, measure="ratio").undefined


@pytest.mark.real_data
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


@pytest.mark.real_data
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
