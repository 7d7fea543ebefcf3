"""The demonstration goes through the real services, says that it is simulated, and can be loaded again."""

from collections.abc import Callable
from functools import partial
from statistics import mean
from typing import Any

import pytest

from annotation.models import Rater, Rating, Study, Unit
from annotation.services.units import build_units
from concord.catalog.models import Example, ImportBatch, Output
from concord.core.actors import BACKGROUND
from concord.quickstart.demo import digits, texts
from concord.quickstart.demo.simulated import rate
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
    monkeypatch.setattr(digits, "rate", partial(rate, most=40))


def test_texts_are_imported_rated_and_joined_and_loading_twice_is_loading_once(
    workspace: Any, owner: Any, run_jobs: Callable[[], int]
) -> None:
    texts.load(workspace=workspace, actor=owner)
    texts.load(workspace=workspace, actor=owner)
    assert Output.objects.filter(system__workspace=workspace).count() == 24 * 3
    assert set(Unit.objects.values_list("given", "free")) == {
        (3, 1)
    }  # one rating of each is left to the visitor
    assert Rating.objects.count() == 72 * 3 + 72 * 3 * 3  # one question on pairs, three on single answers
    assert Score.objects.count() == 72 * 2
    assert (ImportBatch.objects.count(), Study.objects.count(), Scorecard.objects.count()) == (1, 2, 1)
    assert all(Study.objects.values_list("is_simulated", flat=True))
    assert all(Rater.objects.values_list("is_simulated", flat=True))
    run_jobs()
    result = Snapshot.objects.get().result
    assert any("simulated" in limit for limit in result["limits"])
    assert "Demo Atlas comes first" in result["sentence"]["answer"]
    quality = {name: _quality(name) for name in ("Demo Atlas", "Demo Cinder")}
    assert len(set(quality["Demo Atlas"])) > 1
    assert mean(quality["Demo Atlas"]) > mean(quality["Demo Cinder"]) + 1


def _quality(system: str) -> list[float]:
    found = Rating.objects.filter(criterion__slug="demo-quality", unit__output__system__name=system)
    return list(found.values_list("value", flat=True))


def test_digits_run_through_the_queue_and_only_disputed_ones_go_to_people(
    workspace: Any, owner: Any, in_line: None
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
    assert set(Unit.objects.values_list("example__slices__disputed", flat=True)) == {"yes"}
    assert Unit.objects.count() == 3 * Example.objects.filter(slices__disputed="yes").count()


def test_units_of_a_random_sample_of_examples(
    workspace: Any, owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texts, "rate", lambda *_, **__: 0)
    texts.load(workspace=workspace, actor=owner)
    study = Study.objects.get(kind="scale")
    Study.objects.filter(pk=study.pk).update(state="draft")
    assert build_units(actor=BACKGROUND, study=study, examples=5, where={"intent": "safe"}) == 15
    first = set(study.units.values_list("example_id", flat=True))
    assert len(first) == 5
    build_units(actor=BACKGROUND, study=study, examples=5, where={"intent": "safe"})
    assert set(study.units.values_list("example_id", flat=True)) == first
