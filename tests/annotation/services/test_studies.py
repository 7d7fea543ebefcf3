"""Studies planned, changed and moved: what is refused by which field, and what a new number leaves as it was."""

from typing import Any

import pytest

from annotation.models import Study, StudyCriterion, Unit
from annotation.services.assigning import next_task
from annotation.services.joining import seat_for, seat_rater, set_seat_active
from annotation.services.planning import plan_study
from annotation.services.studies import change_study, close_study, create_study, open_study, pause_study
from annotation.services.submitting import Answer, submit
from annotation.services.units import build_units
from concord.catalog.models import Criterion
from concord.core.errors import Conflict, DomainError, Forbidden, Invalid

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(workspace: Any, designer: Any, material: Any, criterion: Any) -> dict[str, Any]:
    version, cast = material(examples=2, systems=2)
    return {
        "workspace": workspace,
        "actor": designer,
        "name": "Round 1",
        "kind": "scale",
        "version": version,
        "systems": cast,
        "criteria": [criterion("likert")],
    }


def refused(plan: dict[str, Any], **change: Any) -> tuple[str, str | None]:
    with pytest.raises(DomainError) as caught:
        create_study(**{**plan, **change})
    assert not Study.objects.exists()
    return caught.value.code, caught.value.field


def test_a_plan_is_refused_field_by_field(plan: dict[str, Any], criterion: Any) -> None:
    pair = criterion("preference", "better")
    assert refused(plan, name=" \x00 ") == ("bad_name", "name")
    assert refused(plan, name="x" * 161) == ("bad_name", "name")
    assert refused(plan, kind="ranking") == ("bad_kind", "kind")
    assert refused(plan, systems=[]) == ("too_few_systems", "systems")
    assert refused(plan, criteria=[]) == ("no_criteria", "criteria")
    assert refused(plan, criteria=[pair]) == ("criterion_kind", "criteria")
    assert refused(plan, kind="side_by_side") == ("criterion_kind", "criteria")
    side_by_side = {"kind": "side_by_side", "criteria": [pair]}
    assert refused(plan, **side_by_side, systems=plan["systems"][:1]) == ("too_few_systems", "systems")
    for wanted in (0, 1001):
        assert refused(plan, wanted=wanted) == ("bad_wanted", "wanted")
    for seconds in (59, 86_401):
        assert refused(plan, lease_seconds=seconds) == ("bad_lease", "lease_seconds")
    assert create_study(**{**plan, **side_by_side}).pk


def test_the_ends_of_each_range_are_in_it_and_the_order_of_questions_is_kept(
    plan: dict[str, Any], criterion: Any
) -> None:
    asked = [criterion("likert", "zeal"), criterion("numeric", "age"), *plan["criteria"]]
    made = create_study(
        **{**plan, "criteria": asked, "name": " " + "x" * 160, "wanted": 1000, "lease_seconds": 60}
    )
    assert made.name == "x" * 160
    assert [one.slug for one in made.asked()] == ["zeal", "age", "quality"]
    other = create_study(**{**plan, "wanted": 1, "lease_seconds": 86_400})
    assert other.state == "draft"
    assert other.seed != made.seed, "drawn where none is given"
    assert create_study(**{**plan, "name": "Seeded", "seed": 0}).seed == 0


def test_what_belongs_to_another_workspace_is_not_taken(
    plan: dict[str, Any], other_workspace: Any, criterion: Any
) -> None:
    foreign = criterion("likert", "foreign")
    foreign.workspace = other_workspace
    assert refused(plan, criteria=[foreign]) == ("other_workspace", "")
    plan["systems"][1].workspace = other_workspace
    assert refused(plan) == ("other_workspace", "")


def test_a_plan_with_a_question_of_its_own_is_made_whole_or_not_at_all(plan: dict[str, Any]) -> None:
    plan["system_ids"] = [one.pk for one in plan.pop("systems")]
    new = {"template": "likert", "name": "Tone", "question": "How is the tone?"}
    made = plan_study(**plan, new_criterion=new)
    assert [one.name for one in made.asked()] == ["Quality", "Tone"]
    assert made.units_count == Unit.objects.filter(study=made).count() == 4
    with pytest.raises(DomainError) as taken:
        plan_study(**{**plan, "name": "Round 2"}, new_criterion=new)
    assert taken.value.field == "new_criterion.slug"
    with pytest.raises(DomainError) as bad:
        plan_study(**{**plan, "name": "Round 2"}, new_criterion={"template": "likert", "name": "X"})
    assert bad.value.field == "new_criterion.question"
    with pytest.raises(Conflict) as name:
        plan_study(**plan, new_criterion={**new, "name": "Tempo"})
    assert (name.value.code, Criterion.objects.filter(name="Tempo").exists()) == ("name_taken", False)
    with pytest.raises(Invalid) as systems:
        plan_study(**{**plan, "name": "Round 3", "system_ids": [*plan["system_ids"], 10**9]})
    assert (systems.value.code, systems.value.field) == ("other_workspace", "systems")


def test_a_study_opens_with_units_and_a_question(plan: dict[str, Any], designer: Any) -> None:
    made = create_study(**plan)
    with pytest.raises(Conflict) as units:
        open_study(study=made, actor=designer)
    build_units(actor=designer, study=made)
    StudyCriterion.objects.all().delete()
    with pytest.raises(Conflict) as question:
        open_study(study=made, actor=designer)
    assert (units.value.code, question.value.code) == ("no_units", "no_criteria")


@pytest.mark.parametrize("examples", [0, -1])
def test_a_sample_has_an_example(plan: dict[str, Any], designer: Any, examples: int) -> None:
    made = create_study(**plan)
    with pytest.raises(Invalid) as caught:
        build_units(actor=designer, study=made, examples=examples)
    assert caught.value.field == "examples"


def test_units_are_made_of_what_was_chosen(plan: dict[str, Any], designer: Any) -> None:
    made = create_study(**plan)
    plan["version"].examples.filter(key="q0").update(slices={"lang": "de", "topic": "x"})
    assert build_units(actor=designer, study=made) == 4
    assert build_units(actor=designer, study=made, examples=1) == 2
    assert build_units(actor=designer, study=made, examples=9) == 4
    assert build_units(actor=designer, study=made, where={"lang": "de"}) == 2
    assert set(Unit.objects.values_list("example__key", flat=True)) == {"q0"}
    assert build_units(actor=designer, study=made, where={"lang": "fr"}) == 0
    assert build_units(actor=designer, study=made, output_sets=[]) == 0
    assert Study.objects.get().units_count == 0
    found = build_units(actor=designer, study=made)
    units = Unit.objects.order_by("position")
    assert [unit.position for unit in units] == [1, 2, 3, 4]
    assert found == len({(unit.output_id, unit.other_output_id) for unit in units}) == 4
    assert all((unit.wanted, unit.given, unit.free, unit.open) == (3, 0, 3, True) for unit in units)


def numbers(study: Any) -> list[tuple[int, int, int, bool]]:
    rows = Unit.objects.filter(study=study).order_by("position")
    return list(rows.values_list("wanted", "given", "free", "open"))


def test_another_wanted_number_keeps_what_was_given_and_what_is_on_screens(
    study: Any, designer: Any, rater: Any, other_rater: Any
) -> None:
    made = study(examples=2, systems=1, wanted=2)
    for user in (rater, other_rater):
        seat = seat_for(user=user, study_id=made.pk)
        task = next_task(seat=seat)
        submit(seat=seat, key=task.key, answers={one.id: Answer(3) for one in task.questions})
    next_task(seat=seat_for(user=rater, study_id=made.pk))
    assert numbers(made) == [(2, 2, 0, False), (2, 0, 1, True)]
    change_study(actor=designer, study=made, wanted=1)
    assert numbers(made) == [(2, 2, 0, False), (1, 0, 0, False)]
    change_study(actor=designer, study=made, wanted=4)
    assert numbers(made) == [(4, 2, 2, True), (4, 0, 3, True)]
    with pytest.raises(Invalid):
        change_study(actor=designer, study=made, name="New", wanted=0)
    made.refresh_from_db()
    assert (made.name, made.wanted) == ("A study", 4), "all that is given, or nothing"


def test_words_change_without_what_cannot_be_stored(study: Any, designer: Any) -> None:
    made = study(live=False)
    change_study(actor=designer, study=made, instructions="a\x00b", name=" Round\x00 2 ")
    made.refresh_from_db()
    assert (made.name, made.instructions) == ("Round 2", "ab")
    change_study(actor=designer, study=made, instructions="")
    made.refresh_from_db()
    assert (made.name, made.instructions) == ("Round 2", "")


def test_a_closed_study_may_be_opened_again_and_a_draft_not_paused(study: Any, designer: Any) -> None:
    made = study(live=False)
    with pytest.raises(Conflict):
        pause_study(study=made, actor=designer)
    for move, state in (
        (open_study, "live"),
        (pause_study, "paused"),
        (close_study, "closed"),
        (open_study, "live"),
    ):
        assert move(study=made, actor=designer).state == state
    with pytest.raises(Conflict):
        open_study(study=made, actor=designer)


def test_a_seat_is_taken_once_and_may_be_closed(
    study: Any, designer: Any, rater: Any, workspace: Any
) -> None:
    made = study()
    seat = seat_for(user=rater, study_id=made.pk)
    assert seat_for(user=rater, study_id=made.pk).pk == seat.pk
    assert seat.rater.name == f"{rater.get_short_name()} ({rater.pk})"
    set_seat_active(actor=designer, seat=seat, active=False)
    with pytest.raises(Forbidden) as closed:
        seat_for(user=rater, study_id=made.pk)
    assert closed.value.code == "seat_closed"
    set_seat_active(actor=designer, seat=seat, active=True)
    assert seat_for(user=rater, study_id=made.pk).pk == seat.pk


def test_a_rater_of_another_workspace_has_no_seat(study: Any, other_workspace: Any) -> None:
    from annotation.models import Rater

    stranger = Rater.objects.create(workspace=other_workspace, name="x")
    with pytest.raises(Conflict) as caught:
        seat_rater(study=study(), rater=stranger)
    assert caught.value.code == "other_workspace"


def test_a_draft_lets_nobody_in(study: Any, rater: Any) -> None:
    with pytest.raises(Conflict) as caught:
        seat_for(user=rater, study_id=study(live=False).pk)
    assert caught.value.code == "study_draft"
