"""The designer's pages: planning, opening, inviting, watching, reading single units."""

import csv
import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from annotation.models import Rating, Study, StudyRater, Unit
from annotation.services.assigning import next_task
from annotation.services.joining import seat_for
from annotation.services.snapshots import take_snapshot
from annotation.services.submitting import Answer, submit
from concord.catalog.models import Criterion, Output
from tests.method_links import assert_true, led_to, record_calls

pytestmark = pytest.mark.django_db


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def plan(version: Any, cast: Any, **changes: Any) -> dict[str, Any]:
    return {
        "name": "Helpful?",
        "kind": "scale",
        "version": version.pk,
        "systems": [system.pk for system in cast],
        "wanted": 2,
        "lease_minutes": 30,
        "show_prompt": "on",
        "instructions": "Read **all** of it.",
        "new_template": "likert",
        "new_name": "Helpfulness",
        "new_question": "How helpful is it?",
        "new_direction": "higher",
    } | changes


def rate(study: Any, user: Any, value: float, times: int = 1, comment: str = "") -> None:
    seat = seat_for(user=user, study_id=study.pk)
    for _ in range(times):
        task = next_task(seat=seat)
        submit(
            seat=seat,
            key=task.key,
            answers={one.id: Answer(value) for one in task.questions},
            comment=comment,
            seconds=4,
        )


def test_a_designer_plans_a_study_with_a_new_question_and_opens_it(
    material: Any, workspace: Any, designer: Any
) -> None:
    version, cast = material(3, 2)
    client = client_of(designer)
    response = client.post(reverse("study-new", args=["acme"]), plan(version, cast))
    study = Study.objects.get()
    assert response["Location"] == reverse("study", args=["acme", study.pk])
    assert (study.state, study.units_count, study.wanted, study.lease_seconds) == ("draft", 6, 2, 1800)
    assert [one.name for one in study.asked()] == ["Helpfulness"]
    page = client.get(response["Location"]).content.decode()
    assert "Open to raters" in page
    assert "<strong>all</strong>" in page
    client.post(reverse("study-state", args=["acme", study.pk]), {"to": "open"})
    assert Study.objects.get().state == "live"


def test_side_by_side_takes_the_number_of_pairs(material: Any, workspace: Any, designer: Any) -> None:
    version, cast = material(4, 4)
    sent = plan(version, cast, kind="side_by_side", pairs=2, new_template="preference")
    client_of(designer).post(reverse("study-new", args=["acme"]), sent)
    assert Study.objects.get().units_count == 8


def test_very_many_units_are_made_in_the_background(
    material: Any, workspace: Any, designer: Any, run_jobs: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr("annotation.services.planning.AT_ONCE", 5)
    version, cast = material(3, 2)
    client = client_of(designer)
    response = client.post(reverse("study-new", args=["acme"]), plan(version, cast))
    assert Study.objects.get().units_count == 0
    assert "The units are being made" in client.get(response["Location"]).content.decode()
    client.post(reverse("study-state", args=["acme", Study.objects.get().pk]), {"to": "open"})
    assert Study.objects.get().state == "draft"
    assert run_jobs() == 1
    assert Study.objects.get().units_count == 6
    assert "6 units are ready" in client.get(response["Location"]).content.decode()


def test_a_sample_of_the_examples_is_enough(material: Any, workspace: Any, designer: Any) -> None:
    version, cast = material(6, 2)
    client_of(designer).post(reverse("study-new", args=["acme"]), plan(version, cast, examples=2))
    assert Study.objects.get().units_count == 4
    assert Unit.objects.values("example").distinct().count() == 2


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"name": ""}, "This field is required"),
        ({"systems": []}, "Choose the systems"),
        ({"new_template": ""}, "Choose a question"),
        ({"new_name": ""}, "A new question needs this"),
        ({"wanted": 0}, "greater than or equal to 1"),
        ({"new_template": "preference"}, "compares two outputs"),
        ({"kind": "side_by_side"}, "asks about one output"),
        ({"systems": [999_999]}, "Select a valid choice"),
    ],
)
def test_a_plan_that_does_not_hold_together_is_explained_and_kept(
    material: Any, workspace: Any, designer: Any, changes: Any, says: str
) -> None:
    version, cast = material(2, 2)
    response = client_of(designer).post(reverse("study-new", args=["acme"]), plan(version, cast, **changes))
    page = response.content.decode()
    assert response.status_code == 400
    assert says in page.replace("&#x27;", "'")
    assert "Read **all** of it." in page
    assert not Study.objects.exists()
    assert not Criterion.objects.exists()


def test_a_name_that_is_taken_makes_nothing(study: Any, designer: Any) -> None:
    made = study(name="Helpful?")
    cast = list(made.systems.all())
    response = client_of(designer).post(reverse("study-new", args=["acme"]), plan(made.version, cast))
    assert response.status_code == 409
    assert "There already is a study called" in response.content.decode()
    assert Study.objects.count() == 1
    assert Criterion.objects.count() == 1


def test_choosing_another_dataset_shows_its_systems_and_keeps_what_was_typed(
    material: Any, workspace: Any, designer: Any
) -> None:
    version, cast = material(2, 2)
    response = client_of(designer).post(
        reverse("study-new", args=["acme"]), plan(version, cast, refresh="1", name="Half ty")
    )
    page = response.content.decode()
    assert response.status_code == 200
    assert 'value="Half ty"' in page
    assert "system 1 (2 outputs)" in page
    assert not Study.objects.exists()


def test_the_preview_of_instructions_runs_no_script(workspace: Any, designer: Any) -> None:
    sent = {"instructions": "**bold** <script>alert(1)</script> [x](javascript:alert(1))"}
    page = client_of(designer).post(reverse("study-preview", args=["acme"]), sent).content.decode()
    assert "<strong>bold</strong>" in page
    assert "<script" not in page
    assert 'href="javascript' not in page
    assert "<html" not in page


def test_the_study_page_shows_figures_raters_and_the_latest_ratings(
    study: Any, designer: Any, rater: Any, other_rater: Any
) -> None:
    made = study(examples=3, systems=2)
    for user, value in ((rater, 4), (other_rater, 5)):
        rate(made, user, value, times=6)
    client = client_of(designer)
    before = client.get(reverse("study", args=["acme", made.pk])).content.decode()
    assert "no figures yet" in before
    assert "12 of 12" in before
    take_snapshot(study=made)
    after = client.get(reverse("study", args=["acme", made.pk])).content.decode()
    for words in (
        "Krippendorff",
        "Latest ratings",
        "5 of 5",
        "system 1",
        "You may close the study",
        "Rater (",
    ):
        assert words in after


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("scale", {"krippendorff_alpha", "percent_agreement", "mean"}),
        (
            "side_by_side",
            {
                "krippendorff_alpha",
                "percent_agreement",
                "proportion",
                "bradley_terry",
                "mean",
            },
        ),
    ],
)
def test_figures_lead_to_the_methods_that_computed_them(
    study: Any,
    designer: Any,
    rater: Any,
    other_rater: Any,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    expected: set[str],
) -> None:
    made = study(kind, examples=3, systems=2)
    units = made.units_count
    for user, answers in ((rater, [1, 2, 1]), (other_rater, [2, 1, -1])):
        for value in (answers * units)[:units]:
            rate(made, user, abs(value) if kind == "scale" else value)
    called = record_calls(monkeypatch)
    take_snapshot(study=made)
    page = client_of(designer).get(reverse("study", args=["acme", made.pk])).content.decode()
    assert led_to(page) == expected
    assert "Interval of alpha: " in page
    assert_true(page, called)


def test_a_viewer_sees_figures_and_no_single_rating(study: Any, viewer: Any, rater: Any) -> None:
    made = study()
    rate(made, rater, 4, times=3)
    take_snapshot(study=made)
    client = client_of(viewer)
    page = client.get(reverse("study", args=["acme", made.pk])).content.decode()
    assert "Krippendorff" in page
    for hidden in ("Latest ratings", "Rater (", "Pause", "Invite raters", "Ratings as CSV"):
        assert hidden not in page


@pytest.mark.parametrize("part", ["progress", "figures"])
def test_parts_of_the_study_page_come_alone(study: Any, designer: Any, part: str) -> None:
    url = reverse("study", args=["acme", study().pk])
    page = client_of(designer).get(url, {"part": part}).content.decode()
    assert page.strip().startswith(f'<div id="{part}"')
    assert "<html" not in page


def test_an_illegal_move_is_explained(study: Any, designer: Any) -> None:
    made = study(live=False)
    client = client_of(designer)
    page = client.post(
        reverse("study-state", args=["acme", made.pk]), {"to": "pause"}, follow=True
    ).content.decode()
    assert "it cannot become paused" in page


def test_an_invitation_leads_a_new_person_into_the_study(study: Any, designer: Any) -> None:
    import re

    made = study()
    client = client_of(designer)
    page = client.post(reverse("study-invitation", args=["acme", made.pk]), {"people": 3}).content.decode()
    link = re.search(r"https?://testserver(/\S+?)<", page)
    assert link
    newcomer = {"email": "new@example.com", "name": "New", "password": "a long pass phrase"}
    response = Client().post(link[1], newcomer)
    assert response["Location"] == reverse("rate", args=[made.pk])


def test_a_stopped_rater_gets_no_task_and_may_be_let_again(study: Any, designer: Any, rater: Any) -> None:
    made = study()
    rate(made, rater, 3)
    seat = StudyRater.objects.get()
    client, url = client_of(designer), reverse("study-seat", args=["acme", made.pk, seat.pk])
    client.post(url, {"active": "0"})
    assert client_of(rater).get(reverse("rate", args=[made.pk])).status_code == 403
    client.post(url, {"active": "1"})
    assert client_of(rater).get(reverse("rate", args=[made.pk])).status_code == 200


def test_editing_changes_words_and_the_wanted_number(study: Any, designer: Any) -> None:
    made = study(wanted=2)
    sent = {"name": "Renamed", "wanted": 4, "instructions": "New words"}
    client_of(designer).post(reverse("study-edit", args=["acme", made.pk]), sent)
    made.refresh_from_db()
    assert (made.name, made.wanted, made.instructions) == ("Renamed", 4, "New words")
    assert set(Unit.objects.values_list("wanted", "free")) == {(4, 4)}


def test_a_unit_shows_outputs_by_name_and_every_rating_safely(study: Any, reviewer: Any, rater: Any) -> None:
    made = study("side_by_side", examples=1, systems=2)
    Output.objects.update(text="<script>alert(1)</script><img src=x onerror=alert(1)>")
    rate(made, rater, 2, comment="<b>=HYPERLINK()</b>")
    unit = Unit.objects.get()
    page = client_of(reviewer).get(reverse("study-unit", args=["acme", made.pk, unit.pk])).content.decode()
    for words in ("system 0", "system 1", "A much better", "&lt;b&gt;=HYPERLINK()&lt;/b&gt;"):
        assert words in page
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_units_can_be_searched_and_narrowed(study: Any, reviewer: Any, rater: Any) -> None:
    made = study(examples=3, systems=1, wanted=1)
    rate(made, rater, 2)
    client, url = client_of(reviewer), reverse("study-units", args=["acme", made.pk])

    def shown(**query: str) -> int:
        return len(client.get(url, query).context["page_obj"].object_list)

    assert (shown(), shown(q="q1"), shown(only="done"), shown(only="open")) == (3, 1, 1, 2)


def test_the_export_has_every_rating_and_no_formula(study: Any, reviewer: Any, rater: Any) -> None:
    made = study(examples=2, systems=1)
    rate(made, rater, 4, times=2, comment="=1+1")
    response = client_of(reviewer).get(reverse("study-ratings", args=["acme", made.pk]))
    rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode(), newline="")))
    assert len(rows) == Rating.objects.count() == 2
    assert {row["comment"] for row in rows} == {"'=1+1"}
    assert {(row["value"], row["label"], row["system"], row["criterion"]) for row in rows} == {
        ("4.0", "4 of 5", "system 0", "quality")
    }


def test_simulated_ratings_are_marked_on_every_page(study: Any, designer: Any, rater: Any) -> None:
    made = study(is_simulated=True)
    rate(made, rater, 4)
    take_snapshot(study=made)
    client = client_of(designer)
    unit = Unit.objects.filter(given=1).get()
    for name, args in (("studies", ["acme"]), ("study", ["acme", made.pk]), ("study-units", ["acme", made.pk]),
                       ("study-unit", ["acme", made.pk, unit.pk])):  # fmt: skip
        assert "chip-simulated" in client.get(reverse(name, args=args)).content.decode(), name


def test_the_study_page_needs_as_many_queries_for_many_units_as_for_few(
    study: Any, designer: Any, rater: Any, django_assert_max_num_queries: Any
) -> None:
    made = study(examples=30, systems=3)
    rate(made, rater, 4, times=20)
    take_snapshot(study=made)
    client = client_of(designer)
    with django_assert_max_num_queries(32):
        client.get(reverse("study", args=["acme", made.pk]))
