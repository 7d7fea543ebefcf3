"""SummEval through the public import command: counts as its README states them."""

import pytest
from django.db.models import Count

from annotation.models import Rating
from concord.catalog.models import Criterion, Example, Output, System
from evaluation.models import Score

pytestmark = [pytest.mark.real_data, pytest.mark.django_db]


@pytest.fixture
def summeval(import_real):
    import_real("summeval/documents.parquet", "summeval_documents")
    import_real("summeval/outputs.parquet", "summeval_outputs")
    import_real("summeval/expert_ratings.parquet", "summeval_ratings")
    import_real("summeval/llm_judge_scores.parquet", "summeval_judges")


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
