"""Which methods a scorecard says are behind its figures."""

import pytest
from django.urls import reverse

from concord.scorecards.services.snapshots import take_snapshot
from concord.scorecards.web import estimators
from tests.method_links import assert_true, led_to, record_calls


def dimension(*, share, side="human", scale="answer", comparisons=3, methods=("paired on examples, t",)):
    rows = [{"method": method} for method in methods]
    return {
        "is_share": share,
        "standing": {"side": side},
        "differences": {"scale": scale, "comparisons": comparisons, "rows": rows},
    }


@pytest.mark.parametrize(
    ("share", "sides", "expected"),
    [
        (False, ["human", "automatic"], ["comparison.mean"]),
        (True, ["human"], ["comparison.clustered_proportion"]),
        (True, ["human", "joint"], ["comparison.clustered_proportion", "joint.joint_level"]),
        (False, ["human", "joint"], ["comparison.mean", "joint.joint_level"]),
        (False, [], []),
    ],
)
def test_figures(share, sides, expected):
    assert estimators.of_figures(dimension(share=share), sides) == expected


@pytest.mark.parametrize(
    ("d", "expected"),
    [
        (dimension(share=False), ["comparison.paired_difference", "comparison.holm"]),
        (dimension(share=False, comparisons=1), ["comparison.paired_difference"]),
        (dimension(share=True, comparisons=1), ["comparison.paired_difference"]),
        (dimension(share=True, comparisons=1, methods=["McNemar (exact)", "none"]), ["comparison.mcnemar"]),
        (
            dimension(share=True, comparisons=1, methods=["McNemar (exact)", "paired on examples, t"]),
            ["comparison.paired_difference", "comparison.mcnemar"],
        ),
        (dimension(share=True, comparisons=1, methods=["none"]), ["comparison.paired_difference"]),
        (dimension(share=True, side="joint"), ["joint.joint_difference", "comparison.holm"]),
        (dimension(share=True, scale="log strength"), ["ranking.bradley_terry", "comparison.holm"]),
    ],
)
def test_differences(d, expected):
    assert estimators.of_differences(d) == expected


def test_trust_names_what_was_computed():
    known, unknown = {"undefined": None}, {"undefined": "fewer than 3"}
    assert estimators.of_trust({"labels": None, "numbers": known}) == ["comparison.bootstrap"]
    assert estimators.of_trust({"labels": None, "numbers": unknown}) == []
    labels = estimators.of_trust({"labels": {"kappa": 1}, "numbers": None})
    assert labels == ["comparison.clustered_proportion", "agreement.cohen_kappa"]


@pytest.mark.django_db
def test_the_page_leads_to_the_methods_that_computed_its_figures(client, viewer, scorecard, monkeypatch):
    called = record_calls(monkeypatch)
    take_snapshot(scorecard=scorecard)
    client.force_login(viewer)
    page = client.get(reverse("scorecard", args=["acme", scorecard.pk])).content.decode()
    assert "Intervals: people, Wilson score" in page
    assert led_to(page) == {"proportion", "joint_figure", "kappa", "mean", "percentile"}
    assert_true(page, called)
    for slug in led_to(page):
        assert client.get(reverse("method", args=[slug])).status_code == 200


@pytest.mark.django_db
def test_without_the_pages_the_scorecard_stands_without_links(client, viewer, scorecard, settings, tmp_path):
    settings.METHOD_PAGES = tmp_path / "nothing"
    take_snapshot(scorecard=scorecard)
    client.force_login(viewer)
    response = client.get(reverse("scorecard", args=["acme", scorecard.pk]))
    assert response.status_code == 200
    assert "/methods/" not in response.content.decode()
    assert "Cohen’s kappa" in response.content.decode()
