"""What is said of a run while it goes and when it is done: counts, pace, filters, figures, each from rows written by hand."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from concord.catalog.models import Criterion, Output
from evaluation.models import EndpointConsent, Run, Score, Timing
from evaluation.selectors import results
from evaluation.selectors.answers import answers_of, with_scores
from evaluation.selectors.endpoints import allowed_ips, asked_ips, called_by
from evaluation.selectors.long_form import scores_long, timings_of_run
from evaluation.selectors.pages import failures_of, runs_of
from evaluation.selectors.progress import Progress, counts, progress, progress_of
from evaluation.selectors.results import accuracies, latency_of, slices
from evaluation.selectors.summary import compared, summary
from evaluation.services.consent import ask_consent
from evaluation.services.recording import fail

pytestmark = pytest.mark.django_db


def example_ids(run: Run) -> list[int]:
    return list(run.benchmark.version.examples.order_by("position").values_list("pk", flat=True))


def test_a_run_counts_what_is_answered_given_up_and_open(planned: Any, answer: Any) -> None:
    run, other = planned(5, max_attempts=2), planned(2, name="Other")
    answer(run, 0)
    answer(run, 1)
    answer(other, 0)
    ids = example_ids(run)
    fail(run=run, epoch=1, errors=[(ids[2], "x", True), (ids[3], "tried once", False)])
    found = counts(run)
    assert (found.done, found.failed, found.open, found.total) == (2, 1, 2, 5)
    both = progress_of([other, run])
    assert [(one.done, one.failed, one.open) for one in both] == [(1, 0, 1), (2, 1, 2)]
    assert both[1].share == 3 / 5


def test_more_answers_than_asked_leave_nothing_open(planned: Any, answer: Any) -> None:
    run = planned(2)
    for position in (0, 1):
        answer(run, position)
    Run.objects.update(total=1)
    run.refresh_from_db()
    assert counts(run).open == 0


def test_nothing_asked_is_no_share() -> None:
    assert Progress(done=0, failed=0, open=0, total=0, rate=None, seconds_left=None).share == 0


def test_the_pace_is_that_of_the_last_minute(planned: Any, answer: Any) -> None:
    run = planned(10)
    made = [answer(run, position) for position in range(4)]
    now = timezone.now()
    for output, seconds in zip(made, (300, 20, 10, 5), strict=True):
        Output.objects.filter(pk=output.pk).update(created_at=now - timedelta(seconds=seconds))
    found = progress(run)
    assert found.rate == pytest.approx(3 / 20, rel=0.05), (
        "three in the twenty seconds since the first of them"
    )
    assert found.seconds_left == pytest.approx(6 / found.rate)
    Run.objects.update(state="paused")
    run.refresh_from_db()
    assert (progress(run).rate, progress(run).seconds_left) == (None, None)


def test_a_pace_is_never_guessed_from_less_than_half_a_second(planned: Any, answer: Any) -> None:
    run = planned(3)
    assert progress(run).rate is None
    Output.objects.filter(pk=answer(run, 0).pk).update(created_at=timezone.now() + timedelta(seconds=5))
    assert progress(run).rate == 2.0


def test_a_recording_is_done_where_every_scorer_has_spoken(planned: Any, answer: Any) -> None:
    run = planned(3, scorers=[{"method": "exact_match"}, {"method": "contains"}])
    Run.objects.update(settings={**run.settings, "asked_by": "recording"}, recorded_set=run.output_set_id)
    run.refresh_from_db()
    first, second = run.settings["scorers"]
    both, one = answer(run, 0, score=1.0), answer(run, 1, score=0.0)
    answer(run, 2)
    Score.objects.create(
        scorer_id=second["scorer_id"], criterion_id=second["criterion_id"], output=both, value=None
    )
    Score.objects.create(
        scorer_id=first["scorer_id"],
        criterion_id=first["criterion_id"],
        output=one,
        other_output=both,
        value=1,
    )
    found = counts(run)
    assert (found.done, found.open) == (1, 2)


def test_answers_are_filtered_by_the_first_scorer_and_come_in_the_order_of_examples(
    planned: Any, answer: Any
) -> None:
    run = planned(6, scorers=[{"method": "exact_match"}, {"method": "contains"}])
    for position, score in ((3, 0.0), (1, 1.0), (4, None), (0, 0.5), (2, "none")):
        answer(run, position, f"a{position}", score=score)
    output = Output.objects.get(text="a2")
    second = run.settings["scorers"][1]
    Score.objects.create(
        scorer_id=second["scorer_id"], criterion_id=second["criterion_id"], output=output, value=1
    )

    def shown(which: str) -> list[str]:
        return [one.text for one in answers_of(run, shown=which)]

    assert shown("all") == shown("odd") == ["a0", "a1", "a2", "a3", "a4"]
    assert shown("right") == ["a1"]
    assert shown("wrong") == ["a0", "a3"]
    assert shown("unscored") == ["a2", "a4"]
    found = with_scores(run, list(answers_of(run)))
    assert [[score and score.value for score in row["scores"]] for row in found] == [
        [0.5, None], [1, None], [None, 1], [0, None], [None, None],
    ]  # fmt: skip
    assert [row["example"].position for row in found] == [0, 1, 2, 3, 4]


def test_accuracy_is_of_what_was_scored_and_says_what_was_left_out(planned: Any, answer: Any) -> None:
    run, other = planned(8, max_attempts=1), planned(2, name="Other")
    for position, score in enumerate((1.0, 1.0, 1.0, 0.0, None)):
        answer(run, position, score=score)
    answer(other, 0, score=0.0)
    fail(run=run, epoch=1, errors=[(example_ids(run)[6], "x", True)])
    (found,) = accuracies(run)
    assert (found.title, found.is_share) == ("Exact match", True)
    assert (found.estimate.value, found.estimate.n) == (0.75, 4)
    assert found.estimate.omitted == {"no reference": 1, "failed examples": 1}
    # Clopper-Pearson for 3 of 4: P(X >= 3) = 4 p^3 - 3 p^4 = .025 at the low end, P(X <= 3) = 1 - p^4 = .025 at the high one.
    low, high = found.estimate.low, found.estimate.high
    assert low is not None
    assert high is not None
    assert 4 * low**3 - 3 * low**4 == pytest.approx(0.025, abs=1e-6)
    assert 1 - high**4 == pytest.approx(0.025, abs=1e-6)


def test_slices_are_those_of_scored_examples_with_the_commonest_first(
    planned: Any, answer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    topics = ["b", "b", "b", "a", "c", "d"]
    run = planned([{"slices": {"topic": topic, "half": n // 3}} for n, topic in enumerate(topics)])
    for position, score in enumerate((1.0, 0.0, 1.0, 1.0, 0.0)):
        answer(run, position, score=score)
    answer(run, 5)
    (accuracy,) = accuracies(run)
    found = [(row.name, row.value, row.estimate.value, row.estimate.n) for row in slices(run, accuracy)]
    assert found == [
        ("half", "0", pytest.approx(2 / 3), 3),
        ("half", "1", 0.5, 2),
        ("topic", "b", pytest.approx(2 / 3), 3),
        ("topic", "a", 1.0, 1),
        ("topic", "c", 0.0, 1),
    ]
    monkeypatch.setattr(results, "MAX_SLICE_VALUES", 2)
    assert [(row.name, row.value) for row in slices(run, accuracy)] == [
        ("half", "0"), ("half", "1"), ("topic", "b"), ("topic", "a"),
    ]  # fmt: skip


def test_latency_is_of_the_runs_own_timings(planned: Any, answer: Any) -> None:
    run, other = planned(3), planned(2, name="Other")
    assert latency_of(run) is None
    for position, duration in enumerate((10.0, 20.0, 60.0)):
        Timing.objects.create(output=answer(run, position), duration_ms=duration, output_tokens=3, cost=0.5)
    Timing.objects.create(output=answer(other, 0), duration_ms=1000.0)
    found = latency_of(run)
    assert found is not None
    assert (found.outputs, found.requests, found.mean_ms.value) == (3, 3, 30.0)
    assert (found.output_tokens_total, found.cost_total) == (9, 1.5)
    long = timings_of_run(run)
    assert sorted(long.duration_ms.tolist()) == [10, 20, 60]
    assert long.counts.all()


def test_members_of_one_batch_share_its_clock(planned: Any, answer: Any) -> None:
    run = planned(5)
    now = timezone.now()
    for position, (sent, size, first) in enumerate(
        [(now, 2, 250), (now, 2, 250), (now + timedelta(seconds=1), 2, None), (None, 2, None), (now, 1, None)]
    ):
        Timing.objects.create(
            output=answer(run, position),
            duration_ms=40.0,
            batch_size=size,
            sent_at=sent,
            first_token_at=sent and first and sent + timedelta(milliseconds=first),
        )
    long = timings_of_run(run)
    rows = sorted(zip(long.outputs.tolist(), long.counts.tolist(), long.first_token_ms.tolist(), strict=True))
    assert [counts for _, counts, _ in rows] == [True, False, True, True, True]
    assert [first for *_, first in rows][:2] == [250.0, 250.0]
    assert all(first != first for *_, first in rows[2:]), "not measured"


@pytest.mark.parametrize(
    ("kind", "method", "kept"),
    [
        ("metric", "exact_match", 1),
        ("metric", "imported", 2),
        ("judge", "imported", 2),
        ("classifier", "x", 2),
    ],
)
def test_an_unread_answer_is_a_row_and_a_missing_reference_is_none(
    planned: Any, answer: Any, kind: str, method: str, kept: int
) -> None:
    run = planned(2)
    answer(run, 0, score=1.0)
    answer(run, 1, score=None)
    score = Score.objects.select_related("scorer").all()[0]
    score.scorer.kind, score.scorer.method = kind, method
    score.scorer.save()
    assert len(scores_long(scorer_id=score.scorer_id, criterion_id=score.criterion_id)) == kept


def test_a_finished_run_is_summed_up_once(planned: Any, answer: Any) -> None:
    run = planned(2)
    answer(run, 0, score=1.0)
    assert summary(run).first is not None
    assert summary(run).first.value == 1.0  # type: ignore[union-attr]
    answer(run, 1, score=0.0)
    assert summary(run).first.value == 0.5, "a run that goes on is never kept"  # type: ignore[union-attr]
    Run.objects.update(state="done", finished_at=timezone.now())
    run.refresh_from_db()
    kept = summary(run).first
    Score.objects.all().delete()
    assert summary(run).first.as_dict() == kept.as_dict()  # type: ignore[union-attr]
    run.finished_at += timedelta(seconds=1)
    assert summary(run).first.value != 0.5, "tried again and done again, it is another result"  # type: ignore[union-attr]


def test_the_newest_finished_run_of_each_system_best_first(
    planned: Any, answer: Any, make_system: Any
) -> None:
    template = planned(2, state="planned")

    def done(name: str, *scores: float | None, state: str = "done", system: Any = None) -> Any:
        system = system or make_system("transformers", name, path=name)
        run = planned(benchmark=template.benchmark, system=system, state=state)
        Run.objects.filter(pk=run.pk).update(finished_at=timezone.now())
        for position, score in enumerate(scores):
            answer(run, position, score=score)
        return run

    weak, none = done("weak", 0.0, 0.0), done("none")
    old = done("strong", 0.0, 0.0)
    strong = done("strong", 1.0, 1.0, system=old.system)
    middle = done("middle", 1.0, 0.0)
    done("failed", 1.0, 1.0, state="failed")
    done("strong again", 0.0, state="running", system=old.system)
    assert [row.run.pk for row in compared(template.benchmark)] == [strong.pk, middle.pk, weak.pk, none.pk]


def test_where_less_is_better_the_least_comes_first(
    planned: Any, answer: Any, make_system: Any, workspace: Any
) -> None:
    Criterion.objects.create(
        workspace=workspace, slug="harmful", name="Harmful", question="?", kind="yes_no", level="nominal",
        direction="lower", labels=[{"value": 1, "label": "yes"}, {"value": 0, "label": "no"}],
    )  # fmt: skip
    harmful = planned(1, scorers=[{"method": "contains", "criterion": "harmful"}])
    harmless = planned(benchmark=harmful.benchmark, system=make_system("transformers", "good", path="y"))
    answer(harmful, 0, score=1.0)
    answer(harmless, 0, score=0.0)
    Run.objects.update(state="done", finished_at=timezone.now())
    assert [row.run.pk for row in compared(harmful.benchmark)] == [harmless.pk, harmful.pk]


def test_a_run_without_scorers_has_answers_and_no_figure(planned: Any, answer: Any) -> None:
    run = planned(1, scorers=[])
    answer(run, 0)
    found = summary(run)
    assert (found.accuracies, found.slices, found.first, found.computed_by) == ([], [], None, [])
    assert [one.text for one in answers_of(run, shown="wrong")] == ["x"], "there is nothing to filter by"


def test_lists_of_runs_and_failures(planned: Any, workspace: Any, other_workspace: Any) -> None:
    first, second = planned(3, state="done"), planned(1, name="Other")
    assert [run.pk for run in runs_of(workspace)] == [second.pk, first.pk]
    assert [run.pk for run in runs_of(workspace, state="done")] == [first.pk]
    assert list(runs_of(other_workspace)) == []
    ids = example_ids(first)
    fail(run=first, epoch=1, errors=[(ids[2], "b", True), (ids[0], "a", True)])
    assert [failure.message for failure in failures_of(first)] == ["a", "b"]


def test_consent_is_asked_for_where_an_address_was_refused_and_not_allowed_since(
    planned: Any, make_system: Any, settings: Any
) -> None:
    run = planned(1, system=make_system("openai", base_url="http://lab.example/v1", model="m"))
    assert asked_ips(run) == []
    ask_consent(run, ["10.0.0.2", "10.0.0.1", "10.0.0.2"])
    ask_consent(run, ["10.0.0.1"])
    assert asked_ips(run) == ["10.0.0.1", "10.0.0.2"]
    EndpointConsent.objects.create(
        workspace=run.workspace, base_url="http://lab.example/v2", ip="10.0.0.1", granted_at=timezone.now()
    )
    assert allowed_ips(run) == frozenset(), "another URL was allowed"
    EndpointConsent.objects.filter(base_url="http://lab.example/v1", ip="10.0.0.1").update(
        granted_at=timezone.now()
    )
    assert (allowed_ips(run), asked_ips(run)) == ({"10.0.0.1"}, ["10.0.0.2"])
    run.system.config["base_url"] = "http://lab.example/v2"
    run.system.save()
    assert allowed_ips(run) == {"10.0.0.1"}, "what counts is the URL that the run froze"
    settings.ALLOW_PRIVATE_ENDPOINTS = True
    assert asked_ips(run) == [], "the operator allows all"
    assert called_by(planned(1, name="C")) == ""
