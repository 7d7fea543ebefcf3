"""Elo: the chess formula, its order, and evalica's."""

from __future__ import annotations

import evalica
import numpy as np
import pytest

from concord.stats.ranking import elo, win_rates
from tests.concord.stats.ranking.votes import known, uneven_votes


def test_elo_is_the_chess_formula_and_depends_on_order() -> None:
    forward = elo([0, 0], [1, 1], [1, 0], n_systems=3)
    backward = elo([0, 0], [1, 1], [0, 1], n_systems=3)
    assert forward.rating[:2].sum() == pytest.approx(2000)
    assert np.isnan(forward.rating[2])
    assert forward.rating[0] == pytest.approx(1016 - 32 / (1 + 10 ** (-32 / 400)))
    assert forward.rating[0] != backward.rating[0]


SIDES = np.array([evalica.Winner.Y, evalica.Winner.Draw, evalica.Winner.X])
Votes = tuple[np.ndarray, np.ndarray, np.ndarray]


def winners(outcome: np.ndarray) -> list[evalica.Winner]:
    return SIDES[(2 * outcome).astype(int)].tolist()


def test_elo_and_average_win_rate_against_evalica(rng: np.random.Generator) -> None:
    for _ in range(200):
        s, votes = uneven_votes(rng)
        left, right, outcome = known(votes)
        k, scale = float(rng.uniform(1, 60)), float(rng.uniform(100, 600))
        args = (left.tolist(), right.tolist(), winners(outcome))
        theirs = evalica.elo(*args, k=k, scale=scale).scores
        ours = elo(*votes, n_systems=s, k=k, scale=scale)
        assert ours.rating[theirs.index] == pytest.approx(theirs.to_numpy(), abs=1e-9)
        rates = evalica.average_win_rate(*args).scores
        by_opponent = win_rates(*votes, n_systems=s, average="opponents")
        assert by_opponent.value[rates.index] == pytest.approx(rates.to_numpy(), abs=1e-9)
