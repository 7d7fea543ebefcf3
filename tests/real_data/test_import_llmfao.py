"""The LLMFAO data through the public import command: counts as its README states them."""

import pytest
from django.db.models import Count

from annotation.models import Rater, Rating, Unit
from concord.catalog.models import Example, Output, System
from evaluation.models import Score, Timing

pytestmark = [pytest.mark.real_data, pytest.mark.django_db]


@pytest.fixture
def llmfao(import_real):
    import_real("llmfao/prompts.jsonl", "llmfao_prompts")
    import_real("llmfao/results.jsonl.gz", "llmfao_results")
    import_real("llmfao/crowd-comparisons.csv", "llmfao_votes")
    import_real("llmfao/gpt4-crowd-comparisons.csv", "llmfao_gpt4")
    import_real("llmfao/gpt3-crowd-comparisons.csv", "llmfao_gpt3")


def test_everything_in_the_readme_is_there(llmfao):
    assert Example.objects.count() == 19
    assert System.objects.count() == 70
    assert Output.objects.count() == 1133
    assert Timing.objects.count() == 1133
    assert Rating.objects.count() == 8931
    assert Rater.objects.count() == 124
    units = Unit.objects.all()
    assert units.count() == 2139
    judged = set(units.values_list("output__system", flat=True)) | set(
        units.values_list("other_output__system", flat=True)
    )
    assert len(judged) == 59
    assert units.values("example").distinct().count() == 13
    assert dict(Score.objects.values_list("scorer__name").annotate(n=Count("id"))) == {
        "GPT-4 as a judge": 2139,
        "GPT-3 as a judge": 2139,
    }


def test_votes_keep_their_side(llmfao):
    """Ties 3,471, left 2,911, right 2,549; an empty output is an output."""
    counts = dict(Rating.objects.values_list("value").annotate(n=Count("id")))
    assert counts == {1.0: 2911, 2.0: 3471, 3.0: 2549}
    assert Output.objects.filter(text="").count() == 25
    assert Unit.objects.annotate(n=Count("ratings")).order_by("n").values_list("n", flat=True).first() == 1
