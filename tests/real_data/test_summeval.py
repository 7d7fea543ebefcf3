"""SummEval: 16 summarisers, four Likert criteria, three experts and one judge on the same summaries.

Counts are those of its README, means are recomputed from its files.
"""

import numpy as np
import pytest
from django.db.models import Count
from pyarrow import parquet

from annotation.models import Rating
from concord.catalog.models import Criterion, Example, Output, System
from evaluation.models import Score
from tests.real_data.scorecard_reading import make_and_export

pytestmark = [pytest.mark.real_data, pytest.mark.django_db]
ALPHA = {"Coherence": 0.559, "Consistency": 0.899, "Fluency": 0.726, "Relevance": 0.453}


@pytest.fixture(scope="module")
def summeval(import_real):
    import_real("summeval/documents.parquet", "summeval_documents")
    import_real("summeval/outputs.parquet", "summeval_outputs")
    import_real("summeval/expert_ratings.parquet", "summeval_ratings")
    import_real("summeval/llm_judge_scores.parquet", "summeval_judges")


@pytest.fixture(scope="module")
def card(summeval):
    return make_and_export("summeval_scorecard", "SummEval", "lab")


def test_everything_in_the_readme_is_there(summeval):
    assert (Example.objects.count(), System.objects.count(), Output.objects.count()) == (100, 16, 1600)
    assert Rating.objects.count() == 19_200
    by_criterion = dict(Rating.objects.values_list("criterion__slug").annotate(n=Count("id")))
    assert by_criterion == dict.fromkeys(("coherence", "consistency", "fluency", "relevance"), 4800)
    assert set(
        Rating.objects.values_list("rater__name").annotate(n=Count("id")).values_list("n", flat=True)
    ) == {6400}
    judges = dict(Score.objects.values_list("scorer__name").annotate(n=Count("id")))
    assert len(judges) == 6
    assert set(judges.values()) == {6400}
    assert Criterion.objects.count() == 4


def means(path, value: str, **where: str) -> dict[tuple[str, str], float]:
    """The plain means of the file, computed by other code than ours."""
    table = parquet.read_table(
        path, filters=[(column, "=", wanted) for column, wanted in where.items()] or None
    )
    grouped = table.group_by(["dimension", "system"]).aggregate([(value, "mean")])
    return {(row["dimension"], row["system"]): row[f"{value}_mean"] for row in grouped.to_pylist()}


def test_alpha_and_means_of_people_and_judge(card, shared_data):
    people = means(shared_data / "summeval" / "expert_ratings.parquet", "rating")
    judge = means(shared_data / "summeval" / "llm_judge_scores.parquet", "score", judge="gpt-4o")
    assert len(card.result["systems"]) == 16
    for name, alpha in ALPHA.items():
        dimension = card.dimension(name)
        assert round(dimension["people"]["value"], 3) == alpha
        assert (dimension["people"]["ratings"], dimension["people"]["raters"]) == (4800, 3)
        ours, theirs = card.figures(name, "human"), card.figures(name, "automatic")
        for system in ours:
            assert ours[system]["value"] == pytest.approx(people[name.lower(), system], abs=1e-12)
            assert theirs[system]["value"] == pytest.approx(judge[name.lower(), system], abs=1e-12)
            assert (ours[system]["n"], ours[system]["outputs"], theirs[system]["n"]) == (100, 100, 100)
            assert ours[system]["low"] < ours[system]["value"] < ours[system]["high"] <= 5


def test_the_judges_error_is_the_gap_between_the_means(card):
    for name in ALPHA:
        ours, theirs = card.values(name, "human", 9), card.values(name, "automatic", 9)
        for row in card.dimension(name)["trust"]["per_system"]:
            system = card.names[row["system"]]
            assert row["error"]["value"] == pytest.approx(theirs[system] - ours[system], abs=1e-8)
    coherence = card.dimension("Coherence")["trust"]
    assert coherence["judged_by_both"] == 1600
    assert np.trace(coherence["labels"]["table"]) == coherence["labels"]["agreement"]["agreeing"]
