"""The pages of scorecards."""

import pytest
from django.urls import reverse

from annotation.models import Rating
from concord.catalog.models import Criterion, Example
from concord.scorecards.models import Scorecard
from concord.scorecards.selectors.proposals import Proposal
from concord.scorecards.services.snapshots import take_snapshot
from concord.scorecards.web.forms import from_proposals
from evaluation.models import Scorer

pytestmark = pytest.mark.django_db


def address(name: str, *args: object) -> str:
    return reverse(name, args=["acme", *args])


def test_an_empty_list_says_what_belongs_there(client, designer):
    client.force_login(designer)
    page = client.get(address("scorecards")).content.decode()
    assert "No scorecards yet" in page
    assert address("scorecard-new") in page


def test_the_form_proposes_what_was_judged_and_makes_a_scorecard(client, made, designer, run_jobs):
    client.force_login(designer)
    response = client.get(address("scorecard-new"))
    form, formset = response.context["form"], response.context["formset"]
    assert formset[0].initial["study"] == made.study.pk
    assert formset[0].initial["scorer"] == made.scorer.pk
    assert (formset[0].initial["labels"], formset[0].initial["direction"]) == ("unsafe", "lower")
    body = {"name": "By form", "question": "Which?", "systems": form.initial["systems"], "confidence": "0.95"}
    body |= {"version": made.version.pk, "dimension-TOTAL_FORMS": 1, "dimension-INITIAL_FORMS": 1}
    body |= {f"dimension-0-{key}": value for key, value in formset[0].initial.items() if value is not None}
    answer = client.post(address("scorecard-new"), body)
    assert answer.status_code == 302, answer.context["form"].errors or answer.context["formset"].errors
    card = Scorecard.objects.get()
    assert answer["Location"] == address("scorecard", card.pk)
    assert "waiting for a worker" in client.get(answer["Location"]).content.decode()
    run_jobs()
    assert "Ada comes first" in client.get(answer["Location"]).content.decode()


def test_what_is_proposed_is_accepted_for_yes_no_questions_and_twice_asked_ones(client, made, designer):
    """A benchmark's "correct" is a yes/no question: it has a share and no mean. Two columns have two names."""
    workspace, scorer = made.criterion.workspace, made.scorer
    labels = [{"value": 1, "label": "correct"}, {"value": 0, "label": "wrong"}]
    correct = Criterion.objects.create(
        workspace=workspace, slug="correct", name="Correct", question="Is it correct?", kind="yes_no",
        level="nominal", direction="higher", labels=labels,
    )  # fmt: skip
    other = Scorer.objects.create(workspace=workspace, name="Exact match", kind="metric")
    proposed = from_proposals([Proposal(criterion=correct, scorer=s) for s in (scorer, other)])
    assert [row["name"] for row in proposed] == [f"Correct ({scorer})", "Correct (Exact match)"]
    assert [(row["estimand"], row["labels"], row["direction"]) for row in proposed] == [
        ("rate", "correct", "higher"),
        ("rate", "correct", "higher"),
    ]
    client.force_login(designer)
    body = {"name": "Both", "question": "Which?", "systems": [made.systems[0].pk], "confidence": "0.95"}
    body |= {"dimension-TOTAL_FORMS": 2, "dimension-INITIAL_FORMS": 2}
    for place, row in enumerate(proposed):
        body |= {f"dimension-{place}-{key}": value for key, value in row.items() if value is not None}
    answer = client.post(address("scorecard-new"), body)
    assert answer.status_code == 302, answer.context["formset"].errors
    assert [d.labels for d in Scorecard.objects.get().dimensions.all()] == [[1.0], [1.0]]


def test_a_refused_form_keeps_what_was_chosen(client, made, designer, scorecard):
    client.force_login(designer)
    body = {"name": scorecard.name, "question": "Mine?", "systems": [made.systems[0].pk], "confidence": "0.9"}
    body |= {"dimension-TOTAL_FORMS": 1, "dimension-INITIAL_FORMS": 0, "dimension-0-include": "on"}
    body |= {
        "dimension-0-criterion": made.criterion.pk,
        "dimension-0-study": made.study.pk,
        "dimension-0-labels": "2",
    }
    answer = client.post(address("scorecard-new"), body)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "There is a scorecard called" in page
    assert "Mine?" in page


def test_an_unknown_label_is_answered_at_its_field(client, made, designer):
    client.force_login(designer)
    body = {"name": "x", "question": "y", "systems": [made.systems[0].pk], "confidence": "0.9"}
    body |= {"dimension-TOTAL_FORMS": 1, "dimension-INITIAL_FORMS": 0, "dimension-0-include": "on"}
    body |= {
        "dimension-0-criterion": made.criterion.pk,
        "dimension-0-study": made.study.pk,
        "dimension-0-labels": "evil",
    }
    page = client.post(address("scorecard-new"), body).content.decode()
    assert "“evil” is no label of Safety. It has: 1 safe, 2 unsafe." in page


def test_the_page_shows_answer_tables_limits_and_digest(client, viewer, scorecard):
    snapshot = take_snapshot(scorecard=scorecard)
    client.force_login(viewer)
    page = client.get(address("scorecard", scorecard.pk)).content.decode()
    assert "Ada comes first" in page
    assert snapshot.digest in page
    assert "What it does not support" in page
    assert "Nothing has changed since" in page
    assert "Compute again" not in page


def test_nothing_in_the_page_breaks_the_content_security_policy(client, viewer, scorecard):
    take_snapshot(scorecard=scorecard)
    client.force_login(viewer)
    page = client.get(address("scorecard", scorecard.pk)).content.decode()
    assert " style=" not in page
    assert "<style" not in page
    assert "onclick" not in page


def test_hostile_names_and_prompts_are_text(client, viewer, made, scorecard):
    made.systems[0].name = "<script>alert(1)</script>"
    made.systems[0].save()
    Example.objects.filter(version=made.version).update(
        content=[{"type": "text", "text": "<img src=x onerror=alert(1)>"}]
    )
    take_snapshot(scorecard=scorecard)
    client.force_login(viewer)
    page = client.get(address("scorecard", scorecard.pk)).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_the_page_says_when_the_evidence_has_changed(client, designer, scorecard, made):
    take_snapshot(scorecard=scorecard)

    Rating.objects.filter(study=made.study).first().delete()
    client.force_login(designer)
    assert "changed since" in client.get(address("scorecard", scorecard.pk)).content.decode()


def test_reading_a_scorecard_costs_the_same_whatever_its_size(
    client, viewer, scorecard, django_assert_max_num_queries
):
    take_snapshot(scorecard=scorecard)
    client.force_login(viewer)
    with django_assert_max_num_queries(25):
        client.get(address("scorecard", scorecard.pk))
