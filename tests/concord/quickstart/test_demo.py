"""The demonstration goes through the real services, says that it is simulated, and can be loaded again."""

import math
import re
from collections.abc import Callable
from statistics import mean
from typing import Any

import pytest

from annotation.models import Rater, Rating, Study, Unit
from annotation.services.units import build_units
from concord.catalog.models import Example, ImportBatch, Output
from concord.core.actors import BACKGROUND
from concord.quickstart.demo import digits, sums, texts
from concord.scorecards.models import Scorecard, Snapshot
from evaluation.models import Run, Score

pytestmark = pytest.mark.django_db


@pytest.fixture
def in_line(
    run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any
) -> None:
    """The queue's work is done in this process, and the classifiers lie in a folder of the test's own."""
    settings.VAR = tmp_path

    def work_until(over: Callable[[], bool]) -> None:
        while not over():
            assert run_jobs(), "the demonstration waits for work that nobody queued"

    monkeypatch.setattr(digits, "_await", work_until)
    monkeypatch.setattr(digits, "OPTIONS", {"batch_size": 128})


def test_texts_are_imported_rated_and_joined_and_loading_twice_is_loading_once(
    workspace: Any, owner: Any, run_jobs: Callable[[], int]
) -> None:
    texts.load(workspace=workspace, actor=owner)
    texts.load(workspace=workspace, actor=owner)
    assert Output.objects.filter(system__workspace=workspace).count() == (24 + 90) * 3
    assert set(Unit.objects.values_list("given", "free")) == {
        (3, 1)
    }  # one rating of each is left to the visitor
    # one question on pairs, three on single answers, and one on those to a sample of the harmless questions
    assert Rating.objects.count() == 72 * 3 + 72 * 3 * 3 + 45 * 3 * 3
    assert Score.objects.count() == (24 + 90) * 3 * 2
    assert (ImportBatch.objects.count(), Study.objects.count(), Scorecard.objects.count()) == (1, 3, 1)
    assert all(Study.objects.values_list("is_simulated", flat=True))
    assert all(Rater.objects.values_list("is_simulated", flat=True))
    run_jobs()
    result = Snapshot.objects.get().result
    assert any("simulated" in limit for limit in result["limits"])
    assert "Demo Atlas comes first" in result["sentence"]["answer"]
    assert _both_lead(result, "Over-refusal") > 1.2
    quality = {name: _quality(name) for name in ("Demo Atlas", "Demo Cinder")}
    assert len(set(quality["Demo Atlas"])) > 1
    assert mean(quality["Demo Atlas"]) > mean(quality["Demo Cinder"]) + 1


def _quality(system: str) -> list[float]:
    found = Rating.objects.filter(criterion__slug="demo-quality", unit__output__system__name=system)
    return list(found.values_list("value", flat=True))


def _both_lead(result: dict[str, Any], name: str) -> float:
    """Assert that people and machine together lead a dimension and that the headline says so; return their gain over people."""
    found = next(one for one in result["dimensions"] if one["name"] == name)
    assert (found["standing"]["side"], found["why_not_joint"]) == ("joint", "")
    for cell in found["cells"]:
        assert cell["joint"]["high"] - cell["joint"]["low"] <= cell["human"]["high"] - cell["human"]["low"]
    gain = float(found["joint_gain"])
    said = f"n {name}, by people and machine together (people alone would need {gain:.2g} times as many rated outputs)"
    assert said in result["sentence"]["answer"]
    return gain


def test_sums_are_harmless_and_what_is_true_of_an_answer_hangs_on_its_text_alone() -> None:
    """Tasks are blind, so that a simulated rater knows an answer by its text; two answers alike must be alike in fact."""
    made = [one for one in texts.content()["examples"] if one["made"] == "sum"]
    assert len(made) == len({one["key"] for one in made}) == 90
    assert {one["intent"] for one in made} == {"safe"}
    found: dict[str, set[float]] = {}
    for one in texts.content()["examples"]:
        for system in ("atlas", "breeze", "cinder"):
            found.setdefault(one[system], set()).add(texts.facts(system, one)["Refuses"])
    assert all(len(refuses) == 1 for refuses in found.values())


def test_the_rule_that_plays_the_machine_is_good_and_not_perfect() -> None:
    refused = sums.refused_by()
    answers = [(system, one) for one in sums.examples() for system in ("atlas", "breeze", "cinder")]
    wrong = [
        texts.refuses(one[system]) - (system in refused[one["key"]])  # 1: a false alarm, -1: missed
        for system, one in answers
    ]
    assert set(wrong) == {-1, 0, 1}
    assert mean(abs(each) for each in wrong) < 0.05
    assert 0.15 < mean("breeze" in who for who in refused.values()) < 0.2


SOLVED: dict[str, Callable[..., float]] = {
    "minutes": lambda hours, minutes: 60 * hours + minutes,
    "shopping": lambda loaf, jar, loaves, jars: loaf * loaves + jar * jars,
    "metres": lambda kilometres, metres: 1000 * kilometres + metres,
    "vans": lambda people, seats: math.ceil(people / seats),
    "average": lambda *numbers: mean(numbers),
    "tablets": lambda each, count: each * count,
    "time-to-kill": lambda minutes, each: minutes // each,
    "film-shoot": lambda scenes, days: scenes * days,
    "long-product": lambda one, two: one * two,
}


def test_the_careful_calculate_rightly_and_the_eager_is_sometimes_wrong() -> None:
    wrong = 0
    for one in sums.examples():
        solve = SOLVED[one["key"].rpartition("-")[0]]
        right = f"{solve(*_numbers(one['prompt'])):,}"
        refused = sums.refused_by()[one["key"]]
        assert "atlas" in refused or f"**{right}" in one["atlas"]
        assert "breeze" in refused or re.search(rf"(^|\s){right}\b", one["breeze"])
        wrong += "cinder" not in refused and not re.search(rf"\s{right}\b", one["cinder"])
    assert 20 < wrong < 40


def _numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", text)]


def test_digits_run_through_the_queue_and_a_random_sample_goes_to_people(
    workspace: Any, owner: Any, in_line: None, run_jobs: Callable[[], int]
) -> None:
    digits.load(workspace=workspace, actor=owner)
    assert Example.objects.count() == 900
    assert list(Run.objects.values_list("state", "total")) == [("done", 900)] * 3
    right = Score.objects.filter(criterion__slug="correct")
    for run in Run.objects.all():
        accuracy = sum(right.filter(output__output_set=run.output_set).values_list("value", flat=True)) / 900
        assert (
            0.85 < accuracy < 0.99
        )  # a tenth of guesses would be right without learning, and none of them is perfect
    assert Unit.objects.count() == 3 * digits.SAMPLE
    assert set(Unit.objects.values_list("example__slices__disputed", flat=True)) == {"yes", "no"}
    run_jobs()
    assert _both_lead(Snapshot.objects.get().result, "Correct, all digits") > 1.2


def test_units_of_a_random_sample_of_examples(
    workspace: Any, owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texts, "rate", lambda *_, **__: 0)
    texts.load(workspace=workspace, actor=owner)
    study = Study.objects.get(name="Demo: quality and safety")
    Study.objects.filter(pk=study.pk).update(state="draft")
    assert build_units(actor=BACKGROUND, study=study, examples=5, where={"intent": "safe"}) == 15
    first = set(study.units.values_list("example_id", flat=True))
    assert len(first) == 5
    build_units(actor=BACKGROUND, study=study, examples=5, where={"intent": "safe"})
    assert set(study.units.values_list("example_id", flat=True)) == first
