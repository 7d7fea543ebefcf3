"""Answers in the terms of a question: in one order, whoever gave them, and a pair as both sides see it."""

import numpy as np

from concord.estimates.observations import MACHINE, balanced_weights, observe, per_example, per_item
from tests.concord.estimates.answers import mean, preference, ratings, scores, votes


def test_an_output_has_no_opponent_and_a_machine_is_no_person() -> None:
    people = observe(ratings([(2, 1, 7, 2.0), (1, 1, -1, 1.0)]), mean())
    assert people.systems.tolist() == [1, 2]  # in one order, whatever the rows' was
    assert people.raters.tolist() == [-1, 7]
    assert people.opponents.tolist() == [-1, -1]
    assert not people.by_machine
    machine = observe(scores([(1, 1, 2.0), (1, 2, np.nan)]), mean())
    assert machine.raters.tolist() == [MACHINE, MACHINE] == [-2, -2]
    assert machine.by_machine
    assert machine.unparsed.tolist() == [False, True]
    assert machine.readable().examples.tolist() == [1]


def test_a_pair_stands_twice_as_each_side_sees_it() -> None:
    seen = observe(votes([(1, 2, 5, 7, 1.0), (3, 1, 6, 8, 2.0)]), preference())
    assert list(zip(seen.systems.tolist(), seen.opponents.tolist(), seen.values.tolist(), strict=True)) == [
        (1, 2, 1.0),
        (1, 3, 0.5),
        (2, 1, 0.0),
        (3, 1, 0.5),
    ]
    one = seen.of(1)
    assert one.examples.tolist() == [5, 6]
    assert one.on(np.array([6])).raters.tolist() == [8]
    assert len(set(seen.items.tolist())) == 2


def test_items_and_examples_count_the_same_however_many_judged_them() -> None:
    observed = observe(ratings([(1, 1, 7, 1.0), (1, 1, 8, 2.0), (1, 2, 7, 2.0)]), mean())
    items = per_item(observed)
    assert (items.items.tolist(), items.examples.tolist()) == ([1001, 1002], [1, 2])
    assert items.values.tolist() == [(observed.values[0] + observed.values[1]) / 2, observed.values[2]]
    assert per_example(observed).values.tolist() == items.values.tolist()
    weights = balanced_weights(observed)
    assert (weights / weights.sum()).tolist() == [0.25, 0.25, 0.5]


def test_raters_known_by_a_code_are_counted_and_answers_by_nobody() -> None:
    found = ratings([(1, 1, -1, 1.0), (1, 2, -1, 2.0), (1, 3, 7, 2.0), (1, 4, 7, 2.0), (1, 5, 0, 2.0)])
    assert (found.n_raters, found.n_anonymous) == (2, 2)
