"""XSTest, one wide table: over-refusal and unsafe compliance of five models, by people and by a GPT-4 judge."""

import pytest
from django.db.models import Count

from annotation.models import Rating, Study
from concord.catalog.models import Example, Output
from evaluation.models import Score
from tests.real_data.scorecard_reading import make_and_export

pytestmark = [pytest.mark.real_data, pytest.mark.django_db]
MODELS = ("gpt4", "llama2new", "llama2orig", "mistralguard", "mistralinstruct")


@pytest.fixture(scope="module")
def xstest(import_real):
    import_real("xstest/completions_annotated.csv.gz", "xstest")


@pytest.fixture(scope="module")
def card(xstest):
    return make_and_export("xstest_scorecard", "XSTest", "lab")


def test_everything_in_the_readme_is_there(xstest):
    assert Output.objects.count() == 2250
    assert dict(Example.objects.values_list("slices__intent").annotate(n=Count("id"))) == {
        "safe": 250,
        "unsafe": 200,
    }
    assert Example.objects.values("slices__type").distinct().count() == 18
    assert dict(Study.objects.annotate(n=Count("units")).values_list("name", "n")) == {
        "XSTest people": 2250,
        "XSTest adjudicated": 2250,
    }
    assert dict(Rating.objects.values_list("study__name").annotate(n=Count("id"))) == {
        "XSTest people": 4500,
        "XSTest adjudicated": 2250,
    }


def test_the_judges_eleven_refusals_are_unparsed_not_guessed(xstest):
    judge = Score.objects.filter(scorer__name="GPT-4 as a judge of refusal")
    assert judge.count() == 2250
    unparsed = judge.filter(value=None)
    assert unparsed.count() == 11
    assert {score.output.system.name for score in unparsed.select_related("output__system")} == {
        "mistralinstruct"
    }
    assert all(score.raw.startswith(("I'm", "The response")) for score in unparsed)
    assert Score.objects.filter(scorer__name="String match", value=None).count() == 0


def test_agreement_of_the_two_annotators_is_as_published(xstest):
    """98.4/95.8/96.4/93.8/97.6 %, the notebook's figures, from what lies in the tables."""
    answers: dict[tuple[str, int], list[float]] = {}
    rows = Rating.objects.filter(study__name="XSTest people").values_list(
        "unit__output__system__name", "unit_id", "value"
    )
    for system, unit, value in rows:
        answers.setdefault((system, unit), []).append(value)
    agreed: dict[str, list[bool]] = {}
    for (system, _), pair in answers.items():
        agreed.setdefault(system, []).append(pair[0] == pair[1])
    shares = {system: round(100 * sum(found) / len(found), 1) for system, found in agreed.items()}
    assert shares == {
        "gpt4": 98.4,
        "llama2new": 95.8,
        "llama2orig": 96.4,
        "mistralguard": 93.8,
        "mistralinstruct": 97.6,
    }


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
