"""Units that got the same labels from the same raters are worked on once, and count as often as they occur."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from concord.stats.aggregation import dawid_skene
from concord.stats.aggregation._em import expected_counts, safe_log, sweep
from concord.stats.aggregation._kinds import kinds_of
from concord.stats.aggregation._labels import Labels, labels, vote_shares

Rng = np.random.Generator


def crowd(rng: Rng, gold: bool) -> Labels:
    """Three raters, one of them anonymous, who give 400 units three labels: most units are alike."""
    truth = rng.integers(3, size=400)
    unit, rater = rng.permutation(np.repeat(np.arange(400), 3)), np.zeros(1200, dtype=np.int64)
    for own in np.split(np.argsort(unit, kind="stable"), 400):
        rater[own] = [0, 1, -1]
    value = np.where(rng.random(1200) < 0.7, truth[unit], rng.integers(3, size=1200))
    known = {"gold_units": np.arange(60), "gold_values": truth[:60]} if gold else {}
    return labels(unit, rater, value, categories=range(3), **known)


@pytest.mark.parametrize("gold", [False, True])
def test_a_kind_is_what_its_units_got(gold: bool, rng: Rng) -> None:
    table = crowd(rng, gold)
    got = [[] for _ in range(400)]
    for unit, rater, category in zip(table.data.unit, table.rater, table.category, strict=True):
        got[unit].append((int(rater), int(category)))
    known = np.zeros((400, 3)) if table.gold is None else np.nan_to_num(table.gold, nan=-1.0)
    whole = [(tuple(sorted(labels_)), tuple(answer)) for labels_, answer in zip(got, known, strict=True)]
    kinds = table.kinds
    assert len(kinds.times) == len(set(whole)) < 400 * 0.5
    assert [kinds.times[kind] for kind in kinds.own] == [Counter(whole)[unit] for unit in whole]
    rows = np.concatenate([block.toarray() for block in kinds.blocks])[kinds.own]
    expected = np.zeros((400, 9))
    np.add.at(expected, (table.data.unit, table.rater * 3 + table.category), 1.0)
    assert (rows == expected).all()
    if table.gold is not None:
        assert kinds.gold is not None
        np.testing.assert_array_equal(kinds.gold[kinds.own], table.gold)


@pytest.mark.parametrize("gold", [False, True])
def test_a_sweep_over_kinds_is_one_over_units(gold: bool, rng: Rng) -> None:
    table = crowd(rng, gold)
    confusion = rng.dirichlet(np.ones(3), size=(3, 3)).transpose(0, 2, 1)
    prevalence = np.array([0.5, 0.3, 0.2])
    chance = np.tile(prevalence, (400, 1))
    np.multiply.at(chance, table.data.unit, confusion[table.rater, table.category])
    if table.gold is not None:
        chance = np.where(table.gold == 0, 0.0, chance)
    posterior = chance / chance.sum(axis=1, keepdims=True)
    counts = np.zeros((3, 3, 3))
    np.add.at(counts, (table.rater, table.category), posterior[table.data.unit])
    found = sweep(table, safe_log(prevalence), safe_log(confusion), keep=True)
    assert found.value == pytest.approx(np.log(chance.sum(axis=1)).sum())
    assert found.posterior == pytest.approx(posterior)
    assert found.classes == pytest.approx(posterior.sum(axis=0))
    assert found.counts == pytest.approx(counts)
    assert expected_counts(table, posterior) == pytest.approx(counts)
    other = rng.random((400, 3))  # need not be the same for units of a kind
    counts[:] = 0.0
    np.add.at(counts, (table.rater, table.category), other[table.data.unit])
    assert expected_counts(table, other) == pytest.approx(counts)


def test_where_nearly_all_units_differ_each_is_its_own_kind() -> None:
    kinds = kinds_of(np.repeat(np.arange(20), 2), np.arange(40) // 2 * 2, (20, 40), None, block=8)
    assert kinds.own.tolist() == list(range(20))
    assert kinds.times.tolist() == [1.0] * 20
    assert [(part.start, part.stop) for part in kinds.rows] == [(0, 8), (8, 16), (16, 20)]
    assert all((turned != block.T).nnz == 0 for block, turned in zip(kinds.blocks, kinds.turned, strict=True))


def test_labels_twice_are_labels_of_twice_the_units(rng: Rng) -> None:
    """Twice the same units make the same classes and confusions, and twice the log-likelihood."""
    table = crowd(rng, gold=False)
    unit, rater, value = table.data.unit, table.rater, table.category
    once = dawid_skene(unit, rater, value, smoothing=0.0)
    twice = dawid_skene([*unit, *(unit + 1000)], [*rater, *rater], [*value, *value], smoothing=0.0)
    assert twice.log_likelihood[-1] == pytest.approx(2 * once.log_likelihood[-1])
    assert twice.confusion == pytest.approx(once.confusion, abs=1e-6)
    assert twice.posterior[400:] == pytest.approx(twice.posterior[:400])


def test_shares_of_votes_are_counts_over_a_units_ratings() -> None:
    table = labels([0, 0, 0, 1], [0, 1, 2, 0], [5, 5, 6, 6], categories=[5, 6])
    assert vote_shares(table) == pytest.approx(np.array([[2 / 3, 1 / 3], [0.0, 1.0]]))
