"""XSTest from one wide table: outputs, two annotators, the adjudicated label and two machines, line by line."""

import pytest
from django.db.models import Count

from annotation.models import Rating, Study
from concord.catalog.models import Example, Output
from evaluation.models import Score

pytestmark = [pytest.mark.real_data, pytest.mark.django_db]


@pytest.fixture
def xstest(import_real):
    import_real("xstest/completions_annotated.csv.gz", "xstest")


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
