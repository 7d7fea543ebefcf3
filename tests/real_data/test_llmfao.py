"""LLMFAO: 8,931 votes on 59 language models, counted as its README states and read back through the exported scorecard."""

import csv

import pytest
from django.db.models import Count

from annotation.models import Rater, Rating, Unit
from concord.catalog.models import Example, Output, System
from evaluation.models import Score, Timing
from tests.real_data.scorecard_reading import Exported, make_and_export

pytestmark = [pytest.mark.real_data, pytest.mark.django_db]


@pytest.fixture(scope="module")
def llmfao(import_real):
    import_real("llmfao/prompts.jsonl", "llmfao_prompts")
    import_real("llmfao/results.jsonl.gz", "llmfao_results")
    import_real("llmfao/crowd-comparisons.csv", "llmfao_votes")
    import_real("llmfao/gpt4-crowd-comparisons.csv", "llmfao_gpt4")
    import_real("llmfao/gpt3-crowd-comparisons.csv", "llmfao_gpt3")


@pytest.fixture(scope="module")
def card(llmfao) -> Exported:
    return make_and_export("llmfao_scorecard", "LLMFAO", "lab")


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


def golden(shared_data, algorithm: str) -> dict[str, float]:
    with (shared_data / "llmfao" / "evalica-llmfao-golden.csv").open(encoding="utf-8") as file:
        return {
            row["item"]: float(row["score"]) for row in csv.DictReader(file) if row["algorithm"] == algorithm
        }


def test_everything_that_was_published_or_recomputed(card, shared_data):
    preference = card.dimension("Preference")
    _votes_and_agreement(preference)
    _win_rates_and_strengths(card, preference, shared_data)
    _judge(preference)
    _latency(card)
    _rows(card)


def _votes_and_agreement(preference):
    people = preference["people"]
    assert (people["ratings"], people["units"], people["raters"]) == (8931, 2139, 124)
    assert round(people["value"], 4) == 0.2906
    assert people["level"] == "nominal"
    board = preference["leaderboard"]["human"]
    assert (board["votes"], board["ties"], len(board["rows"])) == (8931, 3471, 59)


def _win_rates_and_strengths(card, preference, shared_data):
    rows = {card.names[row["system"]]: row for row in preference["leaderboard"]["human"]["rows"]}
    rates = golden(shared_data, "average_win_rate")
    assert {name: row["win_rate_opponents"]["value"] for name, row in rows.items()} == pytest.approx(
        rates, abs=1e-9
    )
    strengths = golden(shared_data, "bradley_terry")
    ratios = [rows[name]["strength"] / strengths[name] for name in strengths]
    assert ratios == pytest.approx([ratios[0]] * 59, rel=1e-6)
    best = sorted(rows, key=lambda name: -rows[name]["win_rate_opponents"]["value"])[:3]
    assert best == ["GPT 4", "LLaMA-2-Chat (70B)", "command-nightly"]


def _judge(preference):
    labels = preference["trust"]["labels"]
    assert labels["agreement"]["n"] == 2139
    assert round(100 * labels["agreement"]["value"], 1) == 38.7
    assert round(labels["kappa"]["value"], 3) == 0.178
    assert labels["split"] == 308
    decided = preference["trust"]["without_ties"]
    assert (decided["n"], round(100 * decided["value"], 1)) == (1043, 74.6)


def _latency(card):
    whole = card.result["latency"]["dataset"]
    assert (whole["outputs"], whole["systems"]) == (1133, 70)
    assert round(whole["p50"]) == 5107
    assert round(whole["p95"]) == 21129
    assert len(card.result["latency"]["systems"]) == 59
    one = card.result["latency"]["systems"][0]
    assert one["p99"]["value"] is None
    assert "662" in one["p99"]["undefined"]


def _rows(card):
    gpt4 = [row for row in card.rows if row["system"] == "GPT 4" and row["dimension"] == "Preference"]
    assert {(row["side"], row["estimand"]) for row in gpt4} == {
        ("human", "win_rate"),
        ("automatic", "win_rate"),
        ("joint", "win_rate"),
        ("human", "win_rate_opponents"),
        ("automatic", "win_rate_opponents"),
        ("human", "bradley_terry"),
        ("automatic", "bradley_terry"),
    }
    joint = next(row for row in gpt4 if row["side"] == "joint")
    assert joint["value"] == ""
    assert "nothing to add" in joint["undefined"]
