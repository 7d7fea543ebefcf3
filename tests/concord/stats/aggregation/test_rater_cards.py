"""Rater cards: who is a spammer, and what is said of rare classes."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats.aggregation import RaterCard, rater_cards


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
