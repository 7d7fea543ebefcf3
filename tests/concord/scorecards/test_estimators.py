"""Which methods a scorecard says are behind its figures."""

import pytest
from django.urls import reverse

from concord.scorecards.services.snapshots import take_snapshot
from tests.method_links import assert_true, led_to, record_calls


@pytest.mark.django_db
def test_the_page_leads_to_the_methods_that_computed_its_figures(client, viewer, scorecard, monkeypatch):
    called = record_calls(monkeypatch)
    take_snapshot(scorecard=scorecard)
    client.force_login(viewer)
    page = client.get(reverse("scorecard", args=["acme", scorecard.pk])).content.decode()
    assert "people, share over examples, exact interval" in page
    assert led_to(page) >= {"proportion", "simultaneous", "joint_figure", "kappa", "mean", "percentile"}
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
