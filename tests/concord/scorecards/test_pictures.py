"""A snapshot's pictures: drawn from its JSON in a worker, kept beside it, shown inline and given as files."""

from typing import Any
from xml.etree import ElementTree

import pytest

from concord.core.models import AuditEvent
from concord.scorecards.evidence import Evidence
from concord.scorecards.models import SnapshotPicture
from concord.scorecards.pictures import names_of, pictures_of
from concord.scorecards.report.scorecard import compute
from concord.scorecards.services.pictures import draw_pictures
from concord.scorecards.services.snapshots import take_snapshot
from tests.concord.estimates.answers import dimension, mean, rate, ratings, scores

NAMES = {1: "Ada", 2: "Bob", 3: "Cleo"}


def result(*dimensions: Any, **more: Any) -> dict[str, Any]:
    """What a snapshot holds of these answers."""
    computed = compute(Evidence(systems=(1, 2, 3), names=NAMES, dimensions=dimensions))
    for one in computed["dimensions"]:
        one["criterion"] = {"dimension": "safety"}
    named = [{"id": key, "name": name} for key, name in NAMES.items()]
    return {"scorecard": {"name": "Card"}, "systems": named, "simulated": False, **computed, **more}


@pytest.fixture(scope="module")
def safe() -> Any:
    people = ratings(
        [(s, e, r, 1.0 if s > 1 and e % 2 else 2.0) for s in (1, 2, 3) for e in range(60) for r in (0, 1)]
    )
    machine = scores([(s, e, 1.0 if s == 2 and e % 2 else 2.0) for s in (1, 2, 3) for e in range(60)])
    return dimension(rate(), people, machine)


@pytest.fixture(scope="module")
def drawn(safe: Any) -> Any:
    silent = dimension(mean(), ratings([]))
    return {picture.key: picture for picture in pictures_of(result(safe, silent))}


def test_a_scorecard_has_its_forest_its_differences_its_machine_and_its_trade_offs(drawn: Any) -> None:
    assert list(drawn) == ["forest", "differences-1", "machine-1"]
    assert "best first" in drawn["forest"].title


def test_the_forest_says_every_figure_and_every_reason(drawn: Any) -> None:
    svg = drawn["forest"].pages[-1].svg
    root = ElementTree.fromstring(svg)
    said = [one.text or "" for one in root.iter() if one.tag.endswith("title")]
    assert sum("Ada" in one and "n = 60" in one for one in said) == 2
    assert "Without a figure" in drawn["forest"].description
    assert len([one for one in said if one.startswith(("Ada,", "Bob,", "Cleo,"))]) == 6


def test_simulated_ratings_are_called_so_in_a_picture_that_travels_alone(safe: Any) -> None:
    first = next(iter(pictures_of(result(safe, simulated=True))))
    assert "simulated ratings" in first.title
    assert "simulated ratings" in first.file


def test_of_systems_called_alike_the_later_ones_are_numbered() -> None:
    rows = [{"id": 4, "name": "a"}, {"id": 5, "name": "a"}, {"id": 6, "name": "b"}]
    assert names_of(rows, "id") == {4: "a", 5: "a (2)", 6: "b"}
    rows[2]["name"] = "a (2)"
    assert names_of(rows, "id") == {4: "a", 5: "a (3)", 6: "a (2)"}


def test_no_dimension_is_no_picture() -> None:
    assert list(pictures_of({"dimensions": [], "systems": []})) == []


@pytest.mark.django_db
def test_pictures_are_drawn_once_and_kept_beside_the_snapshot(scorecard: Any) -> None:
    snapshot = take_snapshot(scorecard=scorecard)
    assert draw_pictures(snapshot=snapshot) == 2
    assert draw_pictures(snapshot=take_snapshot(scorecard=scorecard)) == 0
    kept = snapshot.pictures.get(key="forest")
    assert bytes(kept.png).startswith(b"\x89PNG")
    assert [page["width"] for page in kept.pages] == [288, 640, 1080]


@pytest.mark.django_db
def test_figures_never_wait_for_their_pictures(scorecard: Any, monkeypatch: Any) -> None:
    def fails(result: Any) -> Any:
        raise ValueError("cannot be drawn")

    monkeypatch.setattr("concord.scorecards.services.pictures.pictures_of", fails)
    assert draw_pictures(snapshot=take_snapshot(scorecard=scorecard)) == 0
    assert not SnapshotPicture.objects.exists()


@pytest.mark.django_db
def test_a_page_shows_its_tables_until_its_pictures_are_drawn(
    client: Any, viewer: Any, scorecard: Any
) -> None:
    snapshot = take_snapshot(scorecard=scorecard)
    client.force_login(viewer)
    address = f"/w/{scorecard.workspace.slug}/scorecards/{scorecard.pk}/"
    before = client.get(address).content.decode()
    assert 'role="img"' not in before
    assert "not drawn yet" in before
    assert "Figures of each system on Unsafe answers" in before
    draw_pictures(snapshot=snapshot)
    page = client.get(address).content.decode()
    assert page.count('role="img"') == 2 * 3
    assert "not drawn yet" not in page
    assert " style=" not in page


@pytest.mark.django_db
def test_a_picture_is_given_as_a_file_in_colours(client: Any, viewer: Any, scorecard: Any) -> None:
    draw_pictures(snapshot=take_snapshot(scorecard=scorecard))
    client.force_login(viewer)
    address = f"/w/{scorecard.workspace.slug}/scorecards/{scorecard.pk}/pictures/forest"
    svg, png = client.get(f"{address}.svg"), client.get(f"{address}.png")
    assert svg["Content-Type"] == "image/svg+xml"
    assert svg["Content-Disposition"].startswith("attachment")
    assert "sandbox" in svg["Content-Security-Policy"]
    assert b"var(--" not in svg.content
    assert png.content.startswith(b"\x89PNG")
    assert client.get(f"{address}.pdf").status_code == 404
    assert client.get(address.replace("forest", "other") + ".svg").status_code == 404
    given = AuditEvent.objects.filter(verb="picture.exported", actor=viewer, object_id=scorecard.pk)
    assert [one.details for one in given.order_by("pk")] == [
        {"picture": "forest", "kind": "svg"},
        {"picture": "forest", "kind": "png"},
    ]
