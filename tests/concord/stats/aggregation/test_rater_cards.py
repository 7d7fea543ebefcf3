"""Rater cards: who is a spammer, and what is said of rare classes."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats._binomial import wilson
from concord.stats.aggregation import RaterCard, dawid_skene, rater_cards
from concord.stats.aggregation._labels import labels
from concord.stats.aggregation.rater_cards import _rarely_right


def test_rater_cards_find_the_spammer_and_the_good(rng: np.random.Generator) -> None:
    truth = rng.integers(2, size=400)
    unit, rater = np.repeat(np.arange(400), 4), np.tile(np.arange(4), 400)
    value = np.where(rng.random(1600) < 0.9, truth[unit], 1 - truth[unit])
    value[rater == 3] = 1
    cards = rater_cards(unit, rater, value)
    assert [card.reliability.value for card in cards[:3]] == pytest.approx([0.9] * 3, abs=0.05)
    assert cards[3].spam_score == pytest.approx(1.0, abs=0.02)
    assert max(card.spam_score for card in cards[:3]) < 0.5
    gold = rater_cards(unit, rater, value, gold_units=np.arange(50), gold_values=truth[:50])
    assert all(card.n == 50 for card in gold)
    assert gold[0].reliability.value == (value[rater == 0][:50] == truth[:50]).mean()
    lone = rater_cards([1, 2, 2], [0, 1, 2], [1, 1, 1])
    assert lone[0].reliability.undefined


def test_the_spam_score_of_two_classes_is_what_the_page_says() -> None:
    truth = np.repeat([0, 1], 100)
    for right, score in ((95, 0.19), (90, 0.36), (80, 0.64), (75, 0.75), (60, 0.96), (50, 1.0)):
        value = np.where(np.arange(200) % 100 < right, truth, 1 - truth)
        (card,) = rater_cards(np.arange(200), [0] * 200, value, gold_units=range(200), gold_values=truth)
        assert card.spam_score == pytest.approx(score)


def test_cards_say_where_most_answers_of_a_rare_class_are_slips(rng: np.random.Generator) -> None:
    def cards(prevalence: list[float], **known) -> tuple[RaterCard, ...]:
        truth = rng.choice(3, p=prevalence, size=200)
        given = np.where(rng.random((200, 5)) < 0.75, truth[:, None], rng.integers(0, 3, (200, 5)))
        unit, rater = np.indices(given.shape)
        if known:
            known = {"gold_units": np.arange(200), "gold_values": truth}
        return rater_cards(unit.ravel(), rater.ravel(), given.ravel(), **known)

    rare = cards([0.94, 0.04, 0.02])
    assert all("are held to be right" in card.reliability.notes[0] for card in rare)
    assert not any(card.reliability.notes for card in cards([0.5, 0.3, 0.2]))
    assert not any(card.reliability.notes for card in cards([0.94, 0.04, 0.02], known=True))


def test_the_spam_score_of_three_classes_by_its_formula() -> None:
    """Raykar & Yu: squared distances of every two rows of shares, over K (K - 1); a class that was not met has no row."""
    truth = np.repeat([0, 1, 2], [4, 5, 10])
    given = np.array([0, 0, 0, 1] + [1, 1, 1, 2, 2] + [2] * 8 + [0, 1])
    known = {"gold_units": range(19), "gold_values": truth, "categories": [0, 1, 2, 3]}
    (card,) = rater_cards(range(19), [0] * 19, given, **known)
    rows = [(0.75, 0.25, 0.0), (0.0, 0.6, 0.4), (0.1, 0.1, 0.8)]
    apart = sum(
        sum((a - b) ** 2 for a, b in zip(rows[i], rows[j], strict=True)) for i, j in ((0, 1), (0, 2), (1, 2))
    )
    assert card.spam_score == pytest.approx(1 - apart / 6)
    assert card.confusion[:3, :3].tolist() == [[3, 1, 0], [0, 3, 2], [1, 1, 8]]
    assert card.reliability.value == pytest.approx(14 / 19)
    assert (card.reliability.low, card.reliability.high) == pytest.approx(wilson(14 / 19, 19, 0.95))
    assert card.reliability.standard_error == pytest.approx((14 * 5 / 19**3) ** 0.5)
    (one,) = rater_cards(
        range(4), [0] * 4, given[:4], gold_units=range(4), gold_values=truth[:4], categories=[0, 1]
    )
    assert np.isnan(one.spam_score)  # one class met tells nothing of how classes are told apart


def test_a_rating_counts_as_far_as_the_others_of_its_unit_tell_the_class(rng: np.random.Generator) -> None:
    truth = rng.integers(3, size=80)
    seen = rng.random((80, 4)) < 0.7
    seen[0] = [True, False, False, False]  # nobody else saw it: worth nothing
    unit, rater = np.nonzero(seen)
    value = np.where(rng.random(len(unit)) < 0.7, truth[unit], rng.integers(3, size=len(unit)))
    cards = rater_cards(unit, rater, value, smoothing=0.5, confidence=0.9)
    model = dawid_skene(unit, rater, value, smoothing=0.5)
    units = np.unique(unit).tolist()
    for r, card in enumerate(cards):
        right = total = worth = 0.0
        for u, v in zip(unit[rater == r], value[rater == r], strict=True):
            posterior = model.posterior[units.index(u)]
            right, total = right + posterior[v], total + 1
            others = model.prevalence.copy()
            for other, w in zip(rater[unit == u], value[unit == u], strict=True):
                if other != r:
                    others = others * model.confusion[other, :, w]
            others /= others.sum()
            if (unit == u).sum() > 1:
                worth += 1 + float((others * np.log(others)).sum()) / np.log(3)
        assert card.n == total
        assert card.reliability.value == pytest.approx(right / total)
        ends = wilson(right / total, worth, 0.9)
        assert (card.reliability.low, card.reliability.high) == pytest.approx(ends, rel=1e-6)


@pytest.mark.parametrize(("held", "noted"), [(4, False), (3, True)])
def test_four_of_ten_answers_held_right_are_no_rare_class(held: int, noted: bool) -> None:
    """Ten answers "1", of which the known answers hold so many to be right: the limit itself is not below it."""
    table = labels([1, 1, 2, 2], [0, 1, 0, 1], [0, 1, 0, 1], categories=None)
    counts = np.array([[50.0, 10 - held], [0.0, held]])
    assert bool(_rarely_right(table, counts)) == noted
    if noted:
        assert _rarely_right(table, counts)[0].startswith("only 30% of the answers 1 are held to be right")


def test_cards_of_nothing_and_of_what_nobody_knows() -> None:
    assert rater_cards([], [], []) == ()
    cards = rater_cards([1, 2, 1], [0, 0, 1], [0, 1, 0], gold_units=[2], gold_values=[1])
    assert [card.n for card in cards] == [1, 0]
    assert cards[1].reliability.undefined == "no unit that this rater rated has anything to compare with"
    assert np.isnan(cards[1].spam_score)
