"""Strengths corrected by people's votes, where these do not connect all systems."""

from __future__ import annotations

import numpy as np

from concord.stats.joint import prediction_powered_bradley_terry


def test_what_people_connect_has_the_strengths_it_has_alone(rng: np.random.Generator) -> None:
    """System 3 won both of people's votes on it; 4 and 5 met each other only, in people's votes."""
    left, right = rng.integers(3, size=60), rng.integers(3, size=60)
    outcome, judged = rng.integers(0, 2, 60), rng.integers(0, 2, 60)
    other = rng.integers(6, size=300), rng.integers(6, size=300), rng.integers(0, 2, 300)
    inside = (other[0] < 3) & (other[1] < 3)
    alone = prediction_powered_bradley_terry(
        left, right, outcome, judged, *(part[inside] for part in other), n_systems=3, lam=0.5
    )
    found = prediction_powered_bradley_terry(
        [*left, 3, 3, 4, 5],
        [*right, 0, 1, 5, 4],
        [*outcome, 1, 1, 1, 1],
        [*judged, 1, 1, 1, 1],
        *other,
        n_systems=7,
        lam=0.5,
    )
    for name in ("log_strengths", "low", "high", "rank_low", "rank_high"):
        assert getattr(found, name)[:3].tolist() == getattr(alone, name).tolist(), name
    assert (found.groups, found.undefeated) == (((0, 1, 2, 3), (4, 5)), (3,))
    assert np.isnan(found.log_strengths[[3, 6]]).all()
    assert np.isfinite(found.log_strengths[4:6]).all()
    assert found.why_undefined(6) == "the system has no votes"
    assert "never compared" in str(found.difference(0, 4).undefined)


def test_one_vote_of_people_connects_nothing() -> None:
    found = prediction_powered_bradley_terry([0], [1], [1], [1], [0, 1], [1, 0], [1, 1], n_systems=2)
    assert "connect no two systems" in str(found.undefined)
    assert (found.undefeated, found.winless) == ((0,), (1,))
