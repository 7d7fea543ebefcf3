"""A study's figures, recomputed by hand and from a known truth."""

from typing import Any

import numpy as np
import pytest

from annotation.models import Rating, StudySnapshot
from annotation.selectors.freshness import METHODS, is_stale, stale_studies
from annotation.selectors.long_form import ratings_long
from annotation.services.assigning import next_task
from annotation.services.joining import rater_named, seat_for, seat_rater
from annotation.services.snapshots import request_snapshot, take_snapshot
from annotation.services.submitting import Answer, submit, undo_last
from concord.catalog.models import Output
from concord.core.actors import BACKGROUND
from concord.estimates.agreement import shares_alike

pytestmark = pytest.mark.django_db


def rate_all(study: Any, answers: dict[str, Any], seconds: float = 10.0) -> None:
    """Each named rater rates every unit with `answers[name](text of the output)`."""
    for name, opinion in answers.items():
        seat = seat_rater(study=study, rater=rater_named(workspace=study.workspace, name=name))
        while task := next_task(seat=seat):
            given = {
                one.id: Answer(opinion(tuple(side.text for side in task.sides))) for one in task.questions
            }
            submit(seat=seat, key=task.key, answers=given, seconds=seconds)


def test_agreement_with_others_by_hand() -> None:
    same = shares_alike(np.array([1, 1, 1, 2, 2, 3]), np.array([5.0, 5, 4, 1, 1, 2]))
    assert same[:5].tolist() == [0.5, 0.5, 0.0, 1.0, 1.0]
    assert np.isnan(same[5])
    assert len(shares_alike(np.array([], dtype=np.int64), np.array([]))) == 0


def test_long_form_has_every_current_rating_once_in_the_units_orientation(
    study: Any, rater: Any, other_rater: Any
) -> None:
    made = study("side_by_side", examples=3, systems=3)
    criterion = made.criteria.get()
    for user in (rater, other_rater):
        seat = seat_for(user=user, study_id=made.pk)
        for index in range(9):
            task = next_task(seat=seat)
            answer = (
                Answer(None, "no idea")
                if index == 0
                else Answer(2 if task.sides[0].text < task.sides[1].text else -2)
            )
            submit(
                seat=seat, key=task.key, answers={criterion.pk: answer}, seconds=None if index == 1 else 2.5
            )
        undo_last(seat=seat)
    found = ratings_long(study_id=made.pk, criterion_id=criterion.pk)
    rows = list(
        Rating.objects.filter(current=True, value__isnull=False)
        .order_by("id")
        .values_list("unit", "unit__output", "unit__other_output", "unit__output__system", "unit__other_output__system",
                     "unit__example", "rater", "value", "swapped")
    )  # fmt: skip
    assert len(found) == len(rows) == 14
    names = (
        "units",
        "outputs",
        "other_outputs",
        "systems",
        "other_systems",
        "examples",
        "raters",
        "values",
        "swapped",
    )
    columns = [getattr(found, name) for name in names]
    kept = [tuple(column[place] for column in columns) for place in range(len(rows))]
    assert sorted(kept) == sorted(rows)
    assert kept == sorted(kept, key=lambda row: (row[5], row[1], row[2], row[0], row[6]))
    texts = dict(Output.objects.values_list("id", "text"))
    assert found.values.tolist() == [2.0 if texts[row[1]] < texts[row[2]] else -2.0 for row in kept]
    assert set(found.swapped.tolist()) == {True, False}
    assert found.cannot_judge == 2
    assert np.isnan(found.seconds).sum() == 2
    assert np.nansum(found.seconds) == 12 * 2.5


def test_long_form_of_nothing_is_empty(study: Any) -> None:
    made = study()
    found = ratings_long(study_id=made.pk, criterion_id=made.criteria.get().pk)
    assert (len(found), found.cannot_judge) == (0, 0)


def test_a_snapshot_finds_agreement_the_better_system_and_the_odd_rater(study: Any) -> None:
    made = study(examples=12, systems=2, wanted=4)

    def fair(texts: tuple[str, ...]) -> float:
        return 5 if texts[0].endswith("no 1") else 2

    rate_all(made, {"one": fair, "two": fair, "three": fair, "odd": lambda texts: 7 - fair(texts)})
    content = take_snapshot(study=made).content
    figures = content["criteria"][0]
    assert figures["n_ratings"] == 96
    assert [row["name"] for row in figures["systems"]] == ["system 1", "system 0"]
    assert [row["mean"]["value"] for row in figures["systems"]] == [4.25, 2.75]
    by_name = {row["name"]: row for row in content["raters"]}
    assert by_name["one"]["agreement"]["value"] == pytest.approx(2 / 3)
    assert by_name["odd"]["agreement"]["value"] == 0
    assert "agrees with the others less" in by_name["odd"]["attention"]
    assert by_name["one"]["attention"] == ""
    assert by_name["one"]["median_seconds"] == 10


def test_yes_and_no_are_one_share_and_several_labels_one_each(study: Any, criterion: Any) -> None:
    yes = [{"value": 1, "label": "Unsafe"}, {"value": 0, "label": "Safe"}]
    several = [{"value": value, "label": name} for value, name in enumerate(("full", "none", "partial"), 1)]
    asked = [
        criterion("choice", slug="unsafe", labels=yes),
        criterion("choice", slug="refusal", labels=several),
    ]
    made = study(examples=4, systems=1, wanted=1, criteria=asked)
    seat = seat_rater(study=made, rater=rater_named(workspace=made.workspace, name="one"))
    for unsafe, refusal in ((1, 1), (0, 1), (0, 3), (0, 1)):
        task = next_task(seat=seat)
        submit(seat=seat, key=task.key, answers={asked[0].pk: Answer(unsafe), asked[1].pk: Answer(refusal)})
    first, second = (
        figures["systems"][0]["shares"] for figures in take_snapshot(study=made).content["criteria"]
    )
    assert [(one["label"], one["share"]["value"]) for one in first] == [("Unsafe", 0.25)]
    assert [(one["label"], one["share"]["value"]) for one in second] == [
        ("full", 0.75),
        ("none", 0),
        ("partial", 0.25),
    ]


def test_side_by_side_ranks_systems_and_sees_a_pull_to_the_left(study: Any) -> None:
    made = study("side_by_side", examples=20, systems=3, wanted=2)

    def by_quality(texts: tuple[str, ...]) -> float:
        return 1 if texts[0][-1] > texts[1][-1] else -1

    rate_all(made, {"fair": by_quality, "lazy": lambda _: 2})
    figures = take_snapshot(study=made).content["criteria"][0]
    assert [row["name"] for row in figures["preferences"]["rows"]] == ["system 2", "system 1", "system 0"]
    assert figures["side_bias"]["value"] == pytest.approx(0.75, abs=0.05)
    wins = {row["name"]: row["win_rate"]["value"] for row in figures["preferences"]["rows"]}
    assert wins["system 2"] > 0.7 > 0.3 > wins["system 0"]


def test_a_chain_of_wins_has_ends_but_no_strengths_on_the_study(study: Any) -> None:
    made = study("side_by_side", examples=20, systems=3, wanted=2)
    better: Any = lambda texts: 1 if texts[0][-1] > texts[1][-1] else -1  # noqa: E731
    rate_all(made, {"one": better, "two": better})
    found = take_snapshot(study=made).content["criteria"][0]["preferences"]
    assert [row["name"] for row in found["rows"]] == ["system 2", "system 1", "system 0"]
    assert [one["name"] for one in found["undefeated"]] == ["system 2"]
    assert [one["name"] for one in found["winless"]] == ["system 0"]
    assert all(row["rank"] is None for row in found["rows"])
    assert "no two systems scored" in found["undefined"]


def test_a_study_without_ratings_has_reasons_instead_of_numbers(study: Any) -> None:
    figures = take_snapshot(study=study()).content["criteria"][0]
    for name in ("alpha", "percent"):
        assert figures[name]["value"] is None
        assert figures[name]["undefined"]


def test_the_same_ratings_are_one_snapshot_and_a_new_one_makes_it_stale(
    study: Any, rater: Any, run_jobs: Any
) -> None:
    made = study()
    seat = seat_for(user=rater, study_id=made.pk)
    task = next_task(seat=seat)
    assert not is_stale(made)
    submit(seat=seat, key=task.key, answers={task.questions[0].id: Answer(3)})
    assert is_stale(made)
    assert stale_studies() == [made]
    request_snapshot(actor=BACKGROUND, study=made)
    request_snapshot(actor=BACKGROUND, study=made)
    assert run_jobs() == 1
    assert not is_stale(made)
    assert stale_studies() == []
    take_snapshot(study=made)
    assert StudySnapshot.objects.count() == 1
    submit(seat=seat, key=next_task(seat=seat).key, answers={task.questions[0].id: Answer(1)})
    assert is_stale(made)
    take_snapshot(study=made)
    assert StudySnapshot.objects.count() == 2


def test_an_undone_answer_makes_it_stale_although_a_newer_one_stays(
    study: Any, rater: Any, other_rater: Any
) -> None:
    made = study()
    seats = [seat_for(user=user, study_id=made.pk) for user in (rater, other_rater)]
    for seat in seats:
        task = next_task(seat=seat)
        submit(seat=seat, key=task.key, answers={task.questions[0].id: Answer(3)})
    take_snapshot(study=made)
    undo_last(seat=seats[0])
    made.refresh_from_db()
    assert is_stale(made)
    assert stale_studies() == [made]
    assert take_snapshot(study=made).ratings == 1
    assert not is_stale(made)
    undo_last(seat=seats[1])
    assert is_stale(made), "the last one was undone"
    assert take_snapshot(study=made).ratings == 0
    assert not is_stale(made)
    assert stale_studies() == []


def test_figures_of_an_older_method_are_computed_again(study: Any) -> None:
    made = study(examples=2, systems=2, wanted=1)
    rate_all(made, {"one": lambda _: 3.0})
    taken = take_snapshot(study=made)
    StudySnapshot.objects.update(stamp=taken.stamp.replace(f"{METHODS}:", f"{METHODS - 1}:"))
    assert stale_studies() == [made]


def test_whether_figures_are_stale_costs_one_query(study: Any, django_assert_num_queries: Any) -> None:
    made = study(examples=2, systems=2, wanted=1)
    rate_all(made, {"one": lambda _: 3.0})
    taken = take_snapshot(study=made)
    with django_assert_num_queries(1):
        assert not is_stale(made, taken)
