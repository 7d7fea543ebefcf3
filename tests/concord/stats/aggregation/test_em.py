"""Steps of the label models: the same over few candidates, over some raters, and over whole tables."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats.aggregation import glad
from concord.stats.aggregation._candidates import candidates_of
from concord.stats.aggregation._em import (
    default_tolerance,
    expected_counts,
    maximise,
    normalised,
    soft_rows,
)
from concord.stats.aggregation._labels import Labels, labels, vote_shares
from concord.stats.aggregation._unsettled import _moving, _part_of
from concord.stats.aggregation.dawid_skene import _maximisation, _project, _step
from concord.stats.aggregation.glad import _climbed, _first

Rng = np.random.Generator


def crowd(rng: Rng, k: int, gold: bool = False) -> Labels:
    """Eight raters, five of whom see each of sixty units; some err."""
    truth = rng.integers(k, size=60)
    unit = np.repeat(np.arange(60), 5)
    rater = np.concatenate([rng.choice(8, 5, replace=False) for _ in range(60)])
    value = np.where(rng.random(300) < 0.6, truth[unit], rng.integers(k, size=300))
    known = {"gold_units": np.arange(9), "gold_values": truth[:9]} if gold else {}
    return labels(unit, rater, value, categories=range(k), **known)


def begin(table: Labels, smoothing: float) -> np.ndarray:
    shares = vote_shares(table)
    return _maximisation(expected_counts(table, shares), shares.sum(axis=0), smoothing)


@pytest.mark.parametrize("gold", [False, True])
def test_steps_over_candidates_are_those_over_all_classes(gold: bool, rng: Rng) -> None:
    """Also the leaps between them: what starts as impossible moves once, to nothing, and counts in the first leap."""
    table = crowd(rng, 12, gold)
    start = begin(table, 0.0)
    few = candidates_of(table, start)
    assert few is not None
    limits = {"max_iterations": 12, "tolerance": 1e-12}
    short = maximise(few.step, few.of(start), few.project, outside=few.outside(start), **limits)
    long = maximise(lambda x: _step(table, x, 0.0), start, lambda x: _project(table, x), **limits)
    assert short.trace == pytest.approx(long.trace, rel=1e-10)
    prevalence, confusion, posterior = few.whole(table, short.parameters)
    assert np.concatenate([prevalence, confusion.ravel()]) == pytest.approx(long.parameters, abs=1e-9)
    assert posterior.sum(axis=1) == pytest.approx(np.ones(60))
    assert confusion.sum(axis=1) == pytest.approx(np.ones((8, 12)))


@pytest.mark.parametrize("smoothing", [0.0, 0.5])
@pytest.mark.parametrize("gold", [False, True])
def test_a_step_of_some_raters_is_part_of_a_step_of_all(smoothing: float, gold: bool, rng: Rng) -> None:
    table = crowd(rng, 3, gold)
    parameters = begin(table, smoothing)
    after, value = _step(table, parameters, smoothing)
    part = _part_of(table, parameters, np.array([2, 5]), smoothing)
    own, objective = part.step(part.start)
    assert objective == pytest.approx(value, rel=1e-12)
    whole = part.put_back(parameters, own)
    cells = after[3:].reshape(8, 9)
    assert whole[3:].reshape(8, 9)[[2, 5]] == pytest.approx(cells[[2, 5]])
    assert whole[3:].reshape(8, 9)[[0, 1, 3, 4, 6, 7]] == pytest.approx(
        parameters[3:].reshape(8, 9)[[0, 1, 3, 4, 6, 7]]
    )
    assert part.project(own * 3) == pytest.approx(own)


def test_raters_move_where_a_cell_of_theirs_does() -> None:
    move = np.zeros(3 + 2 * 9)
    move[0] = 1.0  # the prevalence is nobody's
    assert _moving(move, 3, 0.1).tolist() == []
    move[3 + 9 + 4] = -0.2
    assert _moving(move, 3, 0.1).tolist() == [1]
    assert _moving(move, 3, 0.2).tolist() == []


@pytest.mark.parametrize("k", [3, 40])
def test_shares_are_uniform_where_there_is_nothing(k: int) -> None:
    values = np.arange(2.0 * k).reshape(2, k)
    values[0] = 0.0
    found = normalised(values, 1)
    assert found[0] == pytest.approx(np.full(k, 1 / k))
    assert found[1] == pytest.approx(values[1] / values[1].sum())
    turned = normalised(values.T, 0)
    assert turned == pytest.approx(found.T)


@pytest.mark.parametrize("k", [3, 40])
def test_rows_of_scores_become_shares_and_the_logarithm_of_their_sums(k: int, rng: Rng) -> None:
    score = rng.normal(size=(5, k)) + 700
    gold = np.full((5, k), np.nan)
    gold[2] = np.arange(k) == 1
    expected = np.exp(score - 700)
    expected[2] = np.where(np.arange(k) == 1, expected[2], 0.0)
    found, total = soft_rows(score.copy(), gold)
    assert found == pytest.approx(expected / expected.sum(axis=1, keepdims=True))
    assert total == pytest.approx(np.log(expected.sum(axis=1)).sum() + 5 * 700)


def test_the_default_tolerance_grows_with_the_ratings() -> None:
    assert [default_tolerance(n) for n in (5, 100, 10**6, 10**8)] == pytest.approx([1e-10, 1e-9, 1e-5, 1e-5])


def test_glad_starts_from_how_often_raters_vote_with_the_others(rng: Rng) -> None:
    table = crowd(rng, 3)
    start = _first(table)
    assert start[:8].mean() == pytest.approx(1.0)
    assert start[8:].tolist() == [1.0] * 60
    shares = vote_shares(table)
    agreed = [
        shares[table.data.unit[table.rater == r], table.category[table.rater == r]].mean() for r in range(8)
    ]
    assert start[:8] - start[0] == pytest.approx(np.array(agreed) - agreed[0])
    scale = rng.uniform(0.2, 0.6, size=68)
    assert _climbed(table, start, scale, 1, 1e9)[0] == pytest.approx(start)


def test_glads_prevalence_is_the_mean_of_what_it_says_of_units(rng: Rng) -> None:
    table = crowd(rng, 3)
    found = glad(table.data.unit, table.rater, table.category)
    assert found.prevalence == pytest.approx(found.posterior.mean(axis=0))
    assert len(found.prevalence) == 3


def test_cells_that_no_rating_reaches_count_in_the_first_leap(rng: Rng) -> None:
    """An earlier result may hold chances of labels that a rater has not given this time: the first step clears them."""
    table = crowd(rng, 20)
    rater, label = (int(one[0]) for one in np.nonzero(table.per_rater_label() == 0))
    start = begin(table, 0.0)
    start[20:].reshape(8, 20, 20)[rater, label] += 0.5
    start = _project(table, start)
    few = candidates_of(table, start)
    assert few is not None
    assert few.outside(start) == pytest.approx(np.square(start[20:].reshape(8, 20, 20)[rater, label]).sum())
    limits = {"max_iterations": 8, "tolerance": 1e-12}
    short = maximise(few.step, few.of(start), few.project, outside=few.outside(start), **limits)
    long = maximise(lambda x: _step(table, x, 0.0), start, lambda x: _project(table, x), **limits)
    assert short.trace == pytest.approx(long.trace, rel=1e-10)
