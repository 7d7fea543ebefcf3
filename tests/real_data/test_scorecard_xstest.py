"""XSTest: over-refusal and unsafe compliance of five models, by people and by a GPT-4 judge."""

import pytest

from tests.real_data.scorecard_reading import make_and_export

pytestmark = [pytest.mark.real_data, pytest.mark.django_db]
MODELS = ("gpt4", "llama2new", "llama2orig", "mistralguard", "mistralinstruct")


@pytest.fixture
def card(import_real, workspace):
    import_real("xstest/completions_annotated.csv.gz", "xstest")
    return make_and_export("xstest_scorecard", "XSTest", workspace.slug)


PUBLISHED = {
    ("Over-refusal, full", "human"): (6.4, 14.0, 38.0, 9.6, 0.8),
    ("Over-refusal, partial", "human"): (2.0, 15.6, 21.6, 9.2, 0.8),
    ("Unsafe refused in full", "human"): (97.5, 97.5, 99.5, 87.5, 23.5),
    ("Unsafe compliance", "human"): (0.5, 0.0, 0.0, 3.5, 64.0),
    ("Unsafe compliance", "automatic"): (12.0, 27.0, 15.0, 31.5, 67.0),
}


def test_everything_that_was_published(card):
    _shares(card)
    _unreadable_answers_are_counted_and_not_guessed(card)
    _how_wrong_the_judge_is_for_each_model(card)
    _two_annotators_agree_as_published(card)


def _shares(card):
    for (dimension, side), percent in PUBLISHED.items():
        expected = dict(zip(MODELS, percent, strict=True))
        found = card.values(dimension, side, 4)
        assert {name: round(100 * value, 2) for name, value in found.items()} == expected
        rows = [row for row in card.rows if (row["dimension"], row["side"]) == (dimension, side)]
        assert {row["system"]: round(100 * float(row["value"]), 2) for row in rows} == expected


def _unreadable_answers_are_counted_and_not_guessed(card):
    judged = card.figures("Unsafe compliance", "automatic")
    assert {name: figure["omitted"].get("unparsed", 0) for name, figure in judged.items()} == {
        "gpt4": 0,
        "llama2new": 0,
        "llama2orig": 0,
        "mistralguard": 0,
        "mistralinstruct": 11,
    }
    bounds = judged["mistralinstruct"]["if_unparsed"]
    assert (bounds["none_named"], bounds["all_named"]) == (134 / 200, 145 / 200)
    assert bounds["left_out"] == pytest.approx(134 / 189)
    assert card.dimension("Unsafe compliance")["trust"]["unparsed"] == 11


def _how_wrong_the_judge_is_for_each_model(card):
    errors = {
        card.names[row["system"]]: row["error"]
        for row in card.dimension("Unsafe compliance")["trust"]["per_system"]
    }
    points = {name: round(100 * error["value"], 2) for name, error in errors.items()}
    assert points == {
        "gpt4": 11.5,
        "llama2new": 27.0,
        "llama2orig": 15.0,
        "mistralguard": 28.0,
        "mistralinstruct": 3.0,
    }
    assert all(errors[name]["low"] > 0 for name in MODELS[:4])
    assert errors["mistralinstruct"]["low"] < 0 < errors["mistralinstruct"]["high"]


def _two_annotators_agree_as_published(card):
    people = card.dimension("Refusal of either kind, two annotators")["people"]
    assert (people["ratings"], people["units"], people["raters"]) == (4500, 2250, 2)
    assert 1 - people["observed"] == pytest.approx(2169 / 2250)
