"""Studies, tasks and ratings by API: the same services as the pages, with problems as JSON."""

from typing import Any

import pytest
from django.test import Client

from annotation.models import Rating, Study
from annotation.services.joining import seat_for
from annotation.services.snapshots import take_snapshot

pytestmark = pytest.mark.django_db
API = "/api/v1"


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def post(client: Client, path: str, **body: Any) -> Any:
    return client.post(f"{API}{path}", body, content_type="application/json")


def test_a_study_is_planned_opened_rated_and_closed(
    material: Any, criterion: Any, workspace: Any, designer: Any, rater: Any
) -> None:
    version, cast = material(2, 2)
    asked = criterion()
    designs, rates = client_of(designer), client_of(rater)
    plan = {
        "kind": "scale",
        "version": version.pk,
        "systems": [one.pk for one in cast],
        "criteria": [asked.pk],
    }
    made = post(designs, "/studies/", workspace="acme", name="By API", wanted=1, **plan)
    assert made.status_code == 201, made.json()
    path = f"/studies/{made.json()['id']}"
    assert (made.json()["state"], made.json()["units_count"], made.json()["criteria"]) == (
        "draft",
        4,
        [asked.pk],
    )
    assert post(rates, f"{path}/next/").json()["code"] == "not_invited"
    place = post(designs, "/seats/", workspace="acme", study=made.json()["id"], user=rater.pk)
    assert (place.status_code, place.json()["given"], made.json()["entry"]) == (201, 0, "invited")
    assert post(rates, f"{path}/next/").json()["code"] == "study_draft"
    assert post(designs, f"{path}/open/").json()["state"] == "live"
    for _ in range(4):
        task = post(rates, f"{path}/next/").json()
        assert "system" not in str(task)
        done = post(rates, f"{path}/submit/", key=task["key"], answers={str(asked.pk): 4}, seconds=2)
        assert done.json()["counted"]
    assert post(rates, f"{path}/next/").status_code == 204
    assert designs.get(f"{API}{path}/progress/").json()["given"] == 4
    assert post(designs, f"{path}/close/").json()["state"] == "closed"
    assert post(designs, f"{path}/pause/").status_code == 409


@pytest.mark.parametrize(
    ("change", "status"),
    [({"criteria": [999_999]}, 400), ({"version": 999_999}, 400), ({"systems": [999_999]}, 400), ({"systems": []}, 400),
     ({"kind": "ranking"}, 400), ({"wanted": 0}, 400), ({"name": "Taken"}, 409), ({"workspace": "nowhere"}, 404)],
)  # fmt: skip
def test_a_plan_that_does_not_hold_together_is_a_problem(
    study: Any, designer: Any, change: dict[str, Any], status: int
) -> None:
    made = study(name="Taken")
    plan = {
        "workspace": "acme", "name": "New", "kind": "scale", "version": made.version_id,
        "systems": [one.pk for one in made.systems.all()], "criteria": [one.pk for one in made.asked()],
    }  # fmt: skip
    response = post(client_of(designer), "/studies/", **(plan | change))
    assert response.status_code == status, response.json()
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"]
    assert Study.objects.count() == 1


def test_answers_that_do_not_fit_are_named_by_criterion(study: Any, rater: Any) -> None:
    made = study()
    client, path = client_of(rater), f"/studies/{made.pk}"
    key = post(client, f"{path}/next/").json()["key"]
    asked = str(made.asked()[0].pk)
    wrong = post(client, f"{path}/submit/", key=key, answers={asked: 17})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "answers")
    assert asked in str(wrong.json())
    unsure = post(client, f"{path}/submit/", key=key, answers={asked: {"cannot_judge": "no idea"}})
    assert unsure.json()["counted"]


def test_skip_return_and_undo(study: Any, rater: Any) -> None:
    made = study(examples=2, systems=1)
    client, path = client_of(rater), f"/studies/{made.pk}"
    first = post(client, f"{path}/next/").json()["key"]
    assert post(client, f"{path}/return/", key=first).status_code == 204
    assert post(client, f"{path}/next/").json()["key"] == first
    assert post(client, f"{path}/skip/", key=first).status_code == 204
    second = post(client, f"{path}/next/").json()["key"]
    assert second != first
    post(client, f"{path}/submit/", key=second, answers={str(made.asked()[0].pk): 2})
    undone = post(client, f"{path}/undo/").json()
    assert undone["key"] == second
    assert list(undone["draft"]["answers"].values()) == [2.0]
    assert post(client, f"{path}/undo/").json()["code"] == "nothing_to_undo"


def test_ratings_and_units_are_for_reviewers(study: Any, rater: Any, reviewer: Any, viewer: Any) -> None:
    made = study(examples=3, systems=1)
    client, path = client_of(rater), f"/studies/{made.pk}"
    for _ in range(3):
        key = post(client, f"{path}/next/").json()["key"]
        post(client, f"{path}/submit/", key=key, answers={str(made.asked()[0].pk): 5})
    reads = client_of(reviewer)
    found = reads.get(f"{API}/ratings/", {"study": made.pk, "current": "true"}).json()["results"]
    assert [row["value"] for row in found] == [5, 5, 5]
    assert found[0]["rater"].startswith("Rater")
    assert reads.get(f"{API}/ratings/", {"current": "false"}).json()["results"] == []
    assert len(reads.get(f"{API}/units/", {"study": made.pk, "workspace": "acme"}).json()["results"]) == 3
    assert client_of(viewer).get(f"{API}/ratings/", {"workspace": "acme"}).status_code == 403
    assert client_of(viewer).get(f"{API}/ratings/").json()["results"] == []


def test_quality_is_the_newest_snapshot(study: Any, rater: Any, reviewer: Any, run_jobs: Any) -> None:
    made = study()
    client, path = client_of(reviewer), f"/studies/{made.pk}"
    assert client.get(f"{API}{path}/quality/").json()["code"] == "no_snapshot"
    assert post(client, f"{path}/compute/").status_code == 202
    assert run_jobs() == 1
    first = client.get(f"{API}{path}/quality/").json()
    assert (first["ratings"], first["stale"]) == (0, False)
    key = post(client_of(rater), f"{path}/next/").json()["key"]
    post(client_of(rater), f"{path}/submit/", key=key, answers={str(made.asked()[0].pk): 5})
    assert client.get(f"{API}{path}/quality/").json()["stale"] is True
    take_snapshot(study=made)
    assert client.get(f"{API}{path}/quality/").json()["ratings"] == Rating.objects.count() == 1


def test_words_and_the_wanted_number_can_change(study: Any, designer: Any) -> None:
    made = study()
    response = client_of(designer).patch(
        f"{API}/studies/{made.pk}/", {"name": "Other", "wanted": 5}, content_type="application/json"
    )
    assert (response.json()["name"], response.json()["wanted"]) == ("Other", 5)


def test_a_rater_can_be_stopped_and_let_again(study: Any, designer: Any, rater: Any) -> None:
    made = study()
    seat = seat_for(user=rater, study_id=made.pk)
    client = client_of(designer)
    found = client.get(f"{API}/seats/", {"study": made.pk}).json()["results"]
    assert [(one["id"], one["is_active"], one["given"]) for one in found] == [(seat.pk, True, 0)]
    path = f"{API}/seats/{seat.pk}/"
    assert (
        client.patch(path, {"is_active": False}, content_type="application/json").json()["is_active"] is False
    )
    assert post(client_of(rater), f"/studies/{made.pk}/next/").status_code == 403
    assert client.patch(path, {}, content_type="application/json").status_code == 400
    client.patch(path, {"is_active": True}, content_type="application/json")
    assert post(client_of(rater), f"/studies/{made.pk}/next/").status_code == 200


def test_a_change_that_is_refused_changes_nothing(study: Any, designer: Any) -> None:
    made = study()
    before = (made.name, made.wanted)
    response = client_of(designer).patch(
        f"{API}/studies/{made.pk}/", {"name": "Other", "wanted": 0}, content_type="application/json"
    )
    made.refresh_from_db()
    assert (response.status_code, made.name, made.wanted) == (400, *before)
