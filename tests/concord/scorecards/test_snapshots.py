"""From the tables to a snapshot: what is loaded, when it is reused, and when it is stale."""

import pytest

from annotation.models import Draw, Rating
from annotation.services.studies import change_study
from concord.catalog.models import Output, OutputSet
from concord.core.actors import BACKGROUND
from concord.core.models import Job
from concord.estimates.enums import Choice
from concord.scorecards.models import Snapshot
from concord.scorecards.selectors.loading import load
from concord.scorecards.selectors.scorecards import is_stale, latest
from concord.scorecards.selectors.stamps import METHODS_VERSION
from concord.scorecards.services.requests import request_snapshot
from concord.scorecards.services.snapshots import take_snapshot
from evaluation.models import Score

pytestmark = pytest.mark.django_db


def test_both_sides_and_the_joint_figure_from_the_tables(scorecard, made):
    result = take_snapshot(scorecard=scorecard).result
    dimension = result["dimensions"][0]
    cells = {cell["system"]: cell for cell in dimension["cells"]}
    ada, bob = cells[made.systems[0].pk], cells[made.systems[1].pk]
    assert (ada["human"]["value"], ada["human"]["n"], ada["human"]["omitted"]) == (
        0.25,
        40,
        {"unrated outputs": 20},
    )
    assert (bob["human"]["value"], bob["automatic"]["n"]) == (0.75, 60)
    assert (ada["joint"]["labelled"], ada["joint"]["unlabelled"]) == (40, 20)
    assert dimension["standing"]["leader"] == made.systems[0].pk
    assert dimension["labels"] == [{"value": 2.0, "label": "unsafe"}]
    medians = {row["system"]: row["p50"]["value"] for row in result["latency"]["systems"]}
    assert medians == {made.systems[0].pk: 129.5, made.systems[1].pk: 229.5}
    assert [value["value"] for value in dimension["slices"][0]["values"]] == ["first", "second"]


def chosen(scorecard) -> tuple[str, str]:
    [dimension] = load(scorecard).dimensions
    return dimension.choice, dimension.choice_why


def test_outputs_were_drawn_by_lot_where_all_that_the_machine_judged_were_in_the_draw(scorecard, made):
    assert chosen(scorecard) == (Choice.UNKNOWN, "nothing records it")
    last = max(output.pk for output in made.outputs.values())
    draw = Draw.objects.create(study=made.study, last_output=last)
    assert chosen(scorecard) == (Choice.DRAWN, "")
    draw.where = {"half": "first"}
    draw.save()
    assert chosen(scorecard) == (
        Choice.UNKNOWN,
        "the machine also judged 60 outputs that the study did not draw from",
    )
    scorecard.dimensions.update(where={"half": "first"})
    assert chosen(scorecard) == (Choice.DRAWN, "")


def test_a_declared_draw_makes_what_was_computed_stale(scorecard, made, designer):
    first = take_snapshot(scorecard=scorecard)
    change_study(actor=designer, study=made.study, declared_random=True)
    assert chosen(scorecard) == (Choice.DECLARED, "")
    assert is_stale(scorecard, first)
    assert take_snapshot(scorecard=scorecard).result["dimensions"][0]["choice"] == {
        "how": "declared",
        "why": "",
    }


def test_the_judge_is_compared_on_what_both_saw(scorecard):
    trust = take_snapshot(scorecard=scorecard).result["dimensions"][0]["trust"]
    assert trust["judged_by_both"] == 80
    assert trust["labels"]["agreement"]["value"] == 0.9


def test_the_same_evidence_gives_the_same_snapshot(scorecard):
    first = take_snapshot(scorecard=scorecard)
    assert take_snapshot(scorecard=scorecard).pk == first.pk
    assert Snapshot.objects.count() == 1


def test_a_correction_makes_it_stale_and_gives_another_digest(scorecard, made):
    first = take_snapshot(scorecard=scorecard)
    assert not is_stale(scorecard, first)
    old = Rating.objects.filter(value=1.0).first()
    Rating.objects.filter(pk=old.pk).update(current=False)
    Rating.objects.create(
        study=made.study, unit=old.unit, criterion=made.criterion, rater=made.rater, value=2.0, supersedes=old
    )
    assert is_stale(scorecard, first)
    second = take_snapshot(scorecard=scorecard)
    assert second.digest != first.digest
    assert latest(scorecard) == second
    assert not is_stale(scorecard, second)


def test_figures_of_older_methods_are_stale(scorecard, monkeypatch):
    first = take_snapshot(scorecard=scorecard)
    monkeypatch.setattr("concord.scorecards.selectors.stamps.METHODS_VERSION", METHODS_VERSION + 1)
    monkeypatch.setattr("concord.scorecards.services.snapshots.METHODS_VERSION", METHODS_VERSION + 1)
    assert is_stale(scorecard, first)
    second = take_snapshot(scorecard=scorecard)
    assert second.pk != first.pk
    assert not is_stale(scorecard, second)


def test_evidence_that_is_back_as_it_was_brings_the_old_snapshot_back(scorecard):
    first = take_snapshot(scorecard=scorecard)
    rating = Rating.objects.filter(value=1.0).first()
    Rating.objects.filter(pk=rating.pk).update(current=False)
    take_snapshot(scorecard=scorecard)
    Rating.objects.filter(pk=rating.pk).update(current=True)
    assert take_snapshot(scorecard=scorecard).pk == first.pk
    assert latest(scorecard).pk == first.pk
    assert not is_stale(scorecard, latest(scorecard))


def test_a_score_written_over_makes_it_stale(scorecard, made):
    first = take_snapshot(scorecard=scorecard)
    one, other = made.outputs[0, 0], made.outputs[0, 1]
    Score.objects.filter(output=one).update(value=1.0)
    Score.objects.filter(output=other).update(value=2.0)
    assert is_stale(scorecard, first)


def test_as_many_ratings_gone_as_came_make_it_stale(scorecard):
    """The newest rating stays, one goes and one comes back: the count and the largest id are what they were."""
    two = list(Rating.objects.order_by("pk")[:2])
    Rating.objects.filter(pk=two[0].pk).update(current=False)
    first = take_snapshot(scorecard=scorecard)
    Rating.objects.filter(pk=two[0].pk).update(current=True)
    Rating.objects.filter(pk=two[1].pk).update(current=False)
    assert is_stale(scorecard, first)


def test_other_slices_of_the_examples_make_it_stale(scorecard, made):
    first = take_snapshot(scorecard=scorecard)
    made.version.digest = "f" * 64
    made.version.save()
    assert is_stale(scorecard, first)


def test_an_unreadable_score_is_counted(scorecard, made):
    Score.objects.filter(output=made.outputs[0, 5]).update(value=None)
    cells = take_snapshot(scorecard=scorecard).result["dimensions"][0]["cells"]
    ada = next(cell for cell in cells if cell["system"] == made.systems[0].pk)
    assert ada["automatic"]["omitted"] == {"unparsed": 1}


def test_of_two_sets_of_outputs_the_newer_counts_but_never_beside_what_people_judged(scorecard, made):
    newer = OutputSet.objects.create(workspace=made.workspace, kind="import", name="again")
    for i in (0, 50):
        example = made.outputs[0, i].example
        again = Output.objects.create(output_set=newer, system=made.systems[0], example=example, text="again")
        Score.objects.create(scorer=made.scorer, criterion=made.criterion, output=again, value=1.0)
    target = load(scorecard).dimensions[0].target
    assert made.outputs[0, 0].pk in target.outputs  # judged by people: it stays
    assert made.outputs[0, 50].pk not in target.outputs
    assert len(target.outputs) == 120


def test_a_filter_keeps_only_its_slice(scorecard, made):
    scorecard.dimensions.update(where={"half": "second"})
    cell = take_snapshot(scorecard=scorecard).result["dimensions"][0]["cells"][0]
    assert cell["human"]["n"] == 10
    assert cell["automatic"]["n"] == 30


def test_simulated_people_are_called_so_everywhere(scorecard, made):
    made.study.is_simulated = True
    made.study.save()
    result = take_snapshot(scorecard=scorecard).result
    assert result["simulated"] is True
    assert "simulated" in result["limits"][0]


def test_the_background_job_computes_and_a_second_request_joins_it(scorecard, run_jobs):
    first, second = (
        request_snapshot(actor=BACKGROUND, scorecard=scorecard),
        request_snapshot(actor=BACKGROUND, scorecard=scorecard),
    )
    assert first.pk == second.pk
    run_jobs()
    assert Job.objects.get(pk=first.pk).state == "done"
    assert latest(scorecard).job_id == first.pk


def test_a_job_for_a_deleted_scorecard_ends_quietly(scorecard, run_jobs):
    job = request_snapshot(actor=BACKGROUND, scorecard=scorecard)
    scorecard.delete()
    run_jobs()
    assert Job.objects.get(pk=job.pk).state == "done"
