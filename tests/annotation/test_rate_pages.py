"""The rater's pages as their views answer: who may see them, what is in them, and what scripts get."""

import json
from dataclasses import replace
from typing import Any

import pytest

from annotation.models import Rating, Study
from annotation.selectors.my_studies import MyStudy, standing
from annotation.selectors.tasks import Label, Question, Task
from annotation.services.studies import pause_study
from annotation.web.task_form import answers_in, keys_of, rows_of
from concord.accounts.models import Workspace

pytestmark = pytest.mark.django_db


def question(kind: str = "likert", labels: Any = (1, 2, 3), **more: Any) -> Question:
    given = {
        "name": "Quality",
        "question": "How good?",
        "help": "",
        "minimum": None,
        "maximum": None,
        "step": None,
    }
    made = tuple(Label(float(value), f"label {value}") for value in labels)
    return Question(id=7, kind=kind, labels=made, required=True, **(given | more))


def task(asked: Question, **draft: Any) -> Task:
    return Task("key", "scale", [], None, None, (), (asked,), draft=draft)


def post(client: Any, study: Any, name: str, body: Any) -> Any:
    return client.post(f"/rate/{study.pk}/{name}/", json.dumps(body), content_type="application/json")


def first_task(client: Any, study: Any) -> str:
    return str(client.get(f"/rate/{study.pk}/next/?ahead=0").json()["task"]["key"])


@pytest.mark.parametrize(
    ("kind", "labels", "keys"),
    [
        ("likert", [1, 2, 3, 4, 5], list("12345")),
        ("likert", [0, 1, 2], list("012")),
        ("likert", [-1, 0, 1], list("123")),
        ("likert", [0.5, 1], list("12")),
        ("yes_no", [1, 0], list("12")),
        ("preference", [2, 1, 0, -1, -2, 9], list("123456")),
        ("choice", range(12), [*"1234567890", "", ""]),
    ],
)
def test_the_digit_of_each_label(kind: str, labels: Any, keys: list[str]) -> None:
    assert keys_of(question(kind, labels)) == keys


@pytest.mark.parametrize(
    ("texts", "keys"),
    [
        ([str(n) for n in range(11)], [*"0123456789", "x"]),
        (["-2", "-1", "0", "1", "2"], ["x", "y", "0", "1", "2"]),
        (["3", "2", "1", "none"], ["3", "2", "1", "x"]),
        ([" 4 ", "5"], ["4", "5"]),
        (["²", "fine"], ["1", "2"]),
    ],
)
def test_a_digit_picks_the_label_that_reads_like_it(texts: list[str], keys: list[str]) -> None:
    """Values are of no account here: the rater sees texts."""
    made = tuple(Label(100.0 + place, text) for place, text in enumerate(texts))
    assert keys_of(replace(question(), labels=made)) == keys


def test_a_draft_fills_the_form() -> None:
    row = rows_of(task(question(), answers={"7": 2}))[0]
    assert [option.checked for option in row.options] == [False, True, False]
    row = rows_of(task(question(), answers={"7": {"cannot_judge": "Finnish"}}))[0]
    assert (row.cannot, row.reason) == (True, "Finnish")
    row = rows_of(task(question("numeric", ()), answers={"7": 2.5}))[0]
    assert (row.is_number, row.number) == (True, "2.5")


@pytest.mark.parametrize("draft", [{"answers": None}, {"answers": [1]}, {"answers": {"7": "<b>"}}, {}])
def test_a_draft_of_any_shape_is_no_error(draft: Any) -> None:
    assert not any(option.checked for option in rows_of(task(question(), **draft))[0].options)


def test_a_plain_form_becomes_answers() -> None:
    form = {
        "q-7": "4",
        "q-8": "cannot_judge",
        "reason-8": "why",
        "q-9": "",
        "reason-7": "left over",
        "key": "k",
    }
    assert answers_in(form) == {"7": "4", "8": {"cannot_judge": "why"}}


def test_strangers_and_lesser_roles_are_turned_away(
    client: Any, study: Any, stranger: Any, viewer: Any
) -> None:
    made = study()
    for path in ("", "next/"):
        client.logout()
        assert client.get(f"/rate/{made.pk}/{path}").status_code == 302
        client.force_login(stranger)
        assert client.get(f"/rate/{made.pk}/{path}").status_code == 404
        client.force_login(viewer)
        assert client.get(f"/rate/{made.pk}/{path}").status_code == 403


def test_a_task_of_somebody_else_is_unknown(client: Any, study: Any, rater: Any, other_rater: Any) -> None:
    made = study()
    client.force_login(other_rater)
    theirs = first_task(client, made)
    client.force_login(rater)
    client.get(f"/rate/{made.pk}/")
    criterion = made.study_criteria.get().criterion_id
    assert post(client, made, "save", {"key": theirs, "answers": {criterion: 3}}).status_code == 404
    assert post(client, made, "save", {"key": theirs, "skip": True}).status_code == 404
    assert Rating.objects.count() == 0


def test_the_page_never_names_a_system_nor_the_gold_answer(client: Any, study: Any, rater: Any) -> None:
    made = study("side_by_side")
    client.force_login(rater)
    page = client.get(f"/rate/{made.pk}/").content.decode()
    card = client.get(f"/rate/{made.pk}/next/?ahead=1").json()["task"]["html"]
    for shown in (page, card):
        assert "answer q" in shown
        assert "system" not in shown.replace('value="system"', "").replace('data-theme="system"', "").replace(
            ">System<", ""
        )
        assert "gold" not in shown


def test_saving_brings_the_next_task(client: Any, study: Any, rater: Any) -> None:
    made = study(examples=1, systems=2)
    criterion = made.study_criteria.get().criterion_id
    client.force_login(rater)
    key = first_task(client, made)
    reply = post(
        client, made, "save", {"key": key, "answers": {criterion: 4}, "seconds": 2.5, "ahead": 0}
    ).json()
    assert reply["saved"] == key
    assert reply["counted"] is True
    assert reply["progress"] == {"given": 1, "total": 2, "minutes": 1, "undo": True}
    assert reply["task"]["key"] not in ("", key)
    reply = post(
        client, made, "save", {"key": reply["task"]["key"], "answers": {criterion: 4}, "ahead": 0}
    ).json()
    assert reply["task"] is None
    assert "You are through" in reply["end"]


@pytest.mark.parametrize(
    ("answers", "code"),
    [({}, "answers"), ({"x": 1}, "answers"), ("no object", "answers"), ({"999999": 1}, "answers")],
)
def test_a_wrong_answer_is_refused_in_words(
    client: Any, study: Any, rater: Any, answers: Any, code: str
) -> None:
    made = study()
    client.force_login(rater)
    reply = post(client, made, "save", {"key": first_task(client, made), "answers": answers})
    assert (reply.status_code, reply.json()["code"]) == (400, code)
    assert reply.json()["detail"]
    assert Rating.objects.count() == 0


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"null"])
def test_a_broken_body_is_a_clear_refusal(client: Any, study: Any, rater: Any, body: bytes) -> None:
    made = study()
    client.force_login(rater)
    for name in ("save", "draft"):
        reply = client.post(f"/rate/{made.pk}/{name}/", body, content_type="application/json")
        assert reply.status_code == 400
        assert "JSON object" in reply.json()["detail"]


@pytest.mark.parametrize("ahead", ["", "-1", "3", "²", "x", "1e3"])
def test_an_odd_place_in_the_queue_leases_nothing(client: Any, study: Any, rater: Any, ahead: str) -> None:
    from annotation.models import Assignment

    made = study()
    client.force_login(rater)
    assert client.get(f"/rate/{made.pk}/next/", {"ahead": ahead}).json()["task"] is None
    assert Assignment.objects.count() == 0


def test_undo_without_an_answer_says_so(client: Any, study: Any, rater: Any) -> None:
    made = study()
    client.force_login(rater)
    client.get(f"/rate/{made.pk}/")
    reply = post(client, made, "undo", {})
    assert (reply.status_code, reply.json()["code"]) == (409, "nothing_to_undo")
    page = client.post(f"/rate/{made.pk}/", {"action": "undo"}, follow=True)
    assert "There is no answer to undo." in page.content.decode()


def test_my_studies_say_what_can_be_done(client: Any, study: Any, rater: Any, designer: Any) -> None:
    made = study()
    client.force_login(rater)
    assert "Begin" in client.get("/rate/").content.decode()
    pause_study(study=made, actor=designer)
    page = client.get("/rate/").content.decode()
    assert "It is paused" in page
    assert f"/rate/{made.pk}/" not in page


def test_a_study_that_one_is_through_with_is_no_longer_offered(client: Any, study: Any, rater: Any) -> None:
    made = study(examples=1, systems=2)
    criterion = made.study_criteria.get().criterion_id
    client.force_login(rater)
    for left in ("Go on", "You are through"):
        post(client, made, "save", {"key": first_task(client, made), "answers": {criterion: 4}, "ahead": 0})
        assert left in client.get("/rate/").content.decode()
    assert "Go on" not in client.get("/rate/").content.decode()


def test_studies_with_something_left_come_first() -> None:
    left, done = (
        MyStudy(Study(pk=pk), Workspace(), "live", given, 2, True) for pk, given in ((1, 1), (2, 2))
    )
    assert sorted([done, left], key=standing) == [left, done]


def test_pages_of_a_rater_are_never_kept_by_a_proxy(client: Any, study: Any, rater: Any) -> None:
    made = study()
    client.force_login(rater)
    for path in ("", "next/"):
        assert "no-store" in client.get(f"/rate/{made.pk}/{path}")["Cache-Control"]
