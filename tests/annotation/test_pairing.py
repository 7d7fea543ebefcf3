"""Who meets whom, and who stands first."""

from collections import Counter
from itertools import combinations
from typing import Any

import pytest

from annotation.models import Unit
from annotation.services.pairing import rounds, shown_second_first
from annotation.services.units import build_units
from concord.core.actors import BACKGROUND
from concord.core.errors import Conflict, Invalid


@pytest.mark.parametrize("systems", range(2, 12))
def test_the_round_robin_has_every_pair_once_and_each_round_every_system_once(systems: int) -> None:
    order = rounds(systems)
    assert sorted(order) == list(combinations(range(systems), 2))
    a_round = systems // 2
    for start in range(0, len(order), a_round):
        meeting = [one for pair in order[start : start + a_round] for one in pair]
        assert len(meeting) == len(set(meeting))


@pytest.mark.parametrize("systems", range(2, 12))
def test_each_system_stands_first_in_half_of_its_meetings(systems: int) -> None:
    first = Counter(max(pair) if shown_second_first(*pair) else min(pair) for pair in rounds(systems))
    assert all(abs(2 * first[system] - (systems - 1)) <= 1 for system in range(systems))


@pytest.mark.django_db
def test_the_left_of_a_unit_says_nothing_about_the_system(study: Any) -> None:
    """Answers refer to the unit's left: tied to the order of systems, agreement about sides would depend on who is better."""
    made = study("side_by_side", examples=30, systems=4, live=False)
    for one, two in combinations(made.systems.order_by("id"), 2):
        met = Unit.objects.filter(output__system__in=[one, two], other_output__system__in=[one, two])
        assert met.filter(output__system=one).count() == met.filter(output__system=two).count() == 15


def shown_first(units: list[Unit]) -> Counter[int]:
    return Counter((unit.other_output if unit.swap_first else unit.output).system_id for unit in units)


@pytest.mark.django_db
@pytest.mark.parametrize("pairs", [None, 1, 2, 4])
def test_sampled_pairs_are_balanced_over_systems_and_over_sides(study: Any, pairs: int | None) -> None:
    made = study("side_by_side", examples=30, systems=5, pairs=pairs, live=False)
    units = list(Unit.objects.filter(study=made).select_related("output", "other_output"))
    assert len(units) == 30 * (pairs or 10)
    assert all(unit.output.example_id == unit.other_output.example_id for unit in units)
    met = Counter(frozenset((unit.output.system_id, unit.other_output.system_id)) for unit in units)
    assert set(met.values()) == {len(units) // 10}
    first = shown_first(units)
    assert max(first.values()) - min(first.values()) <= 2
    assert sorted(unit.position for unit in units) == list(range(1, len(units) + 1))


@pytest.mark.django_db
def test_pairs_without_outputs_are_passed_over_and_others_take_their_place(study: Any) -> None:
    from concord.catalog.models import Output

    made = study("side_by_side", examples=6, systems=4, live=False)
    gone = made.systems.order_by("id").first()
    Unit.objects.all().delete()
    Output.objects.filter(system=gone, example__key__in=["q0", "q1", "q2"]).delete()
    assert build_units(actor=BACKGROUND, study=made, pairs_per_example=3) == 18
    assert not Unit.objects.filter(example__key="q0", output__system=gone).exists()


@pytest.mark.django_db
def test_the_same_seed_gives_the_same_order_and_another_seed_another(study: Any) -> None:
    made = study(examples=8, systems=3, live=False)

    def order() -> list[int]:
        return list(Unit.objects.filter(study=made).order_by("position").values_list("output_id", flat=True))

    first = order()
    build_units(actor=BACKGROUND, study=made)
    assert order() == first
    made.seed = 8
    build_units(actor=BACKGROUND, study=made)
    assert order() != first
    assert sorted(order()) == sorted(first)


@pytest.mark.django_db
def test_the_newest_set_of_outputs_is_judged_unless_others_are_chosen(study: Any, workspace: Any) -> None:
    from concord.catalog.models import Output, OutputSet

    made = study(examples=2, systems=1, live=False)
    old = OutputSet.objects.get()
    newer = OutputSet.objects.create(workspace=workspace, kind="import", name="second answers")
    for output in list(Output.objects.all()):
        Output.objects.create(output_set=newer, system=output.system, example=output.example, text="better")
    build_units(actor=BACKGROUND, study=made)
    assert set(Unit.objects.values_list("output__text", flat=True)) == {"better"}
    build_units(actor=BACKGROUND, study=made, output_sets=[old.pk])
    assert set(Unit.objects.values_list("output__output_set", flat=True)) == {old.pk}


@pytest.mark.django_db
def test_units_are_fixed_once_a_study_was_opened(study: Any) -> None:
    with pytest.raises(Conflict):
        build_units(actor=BACKGROUND, study=study())


@pytest.mark.django_db
def test_less_than_one_pair_per_example_is_refused(study: Any) -> None:
    with pytest.raises(Invalid):
        study("side_by_side", pairs=0)


@pytest.mark.django_db
def test_units_are_handed_out_in_the_order_of_their_positions(study: Any, rater: Any) -> None:
    from annotation.services.assigning import next_task
    from annotation.services.joining import seat_for
    from annotation.services.submitting import skip

    made = study(examples=5, systems=1)
    seat = seat_for(user=rater, study_id=made.pk)
    shown = []
    while task := next_task(seat=seat):
        shown.append(task.sides[0].text)
        skip(seat=seat, key=task.key)
    assert shown == list(Unit.objects.order_by("position").values_list("output__text", flat=True))
