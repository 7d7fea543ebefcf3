"""Agreement over time: drawn when figures are computed, shown only while it shows what the table shows."""

from typing import Any
from unittest.mock import patch

import pytest

from annotation.models import StudyPicture, StudySnapshot
from annotation.pictures import agreement
from annotation.selectors.history import History, Line, Moment, alpha_history, history_picture
from annotation.services.pictures import draw_history
from annotation.services.snapshots import request_snapshot
from concord.core.models import AuditEvent


def alpha(value: float | None, low: float | None = None, high: float | None = None) -> dict[str, Any]:
    return {
        "value": value,
        "low": low,
        "high": high,
        "n": 20,
        "undefined": "" if value is not None else "few",
    }


def history(*lines: Line) -> History:
    return History(lines=lines, snapshots=(1, 2))


@pytest.fixture
def computed(study: Any) -> Any:
    """`computed([(ratings, {criterion: alpha}), ...])`: a study whose figures were computed at these moments."""

    def make(moments: list[tuple[int, dict[str, Any]]]) -> Any:
        made = study()
        for place, (ratings, criteria) in enumerate(moments):
            content = {"criteria": [{"name": name, "alpha": held} for name, held in criteria.items()]}
            StudySnapshot.objects.create(
                study=made, digest=f"{place:064}", content=content, ratings=ratings, seconds=0.1
            )
        return made

    return make


def test_every_moment_stands_in_the_picture_with_its_interval() -> None:
    tone = Line("Tone", (Moment(40, alpha(0.4, 0.1, 0.7)), Moment(1200, alpha(0.5, 0.4, 0.6))))
    harm = Line("Harm", (Moment(40, alpha(-0.1, -0.4, 0.2)), Moment(1200, alpha(0.3))))
    picture = agreement(history(tone, harm))
    assert picture is not None
    assert "Tone: 0.4 [0.1, 0.7] with 40 ratings" in picture.file
    assert "Tone: 0.50 [0.40, 0.60] with 1,200 ratings" in picture.file
    assert "Harm: 0.300 with 1,200 ratings" in picture.file
    assert "Harm: −0.1 [−0.4, 0.2] with 40 ratings" in picture.file


def test_without_two_moments_there_is_no_picture() -> None:
    assert agreement(history()) is None


@pytest.mark.django_db
def test_a_line_holds_the_known_alphas_by_ratings_whatever_the_order_they_were_computed_in(
    computed: Any,
) -> None:
    made = computed(
        [
            (60, {"Tone": alpha(0.5), "Harm": alpha(None)}),
            (20, {"Tone": alpha(0.3), "Harm": alpha(0.1)}),
            (60, {"Tone": alpha(0.6), "Harm": alpha(None)}),  # the same ratings by another method
        ]
    )
    found = alpha_history(made)
    assert [line.name for line in found.lines] == ["Tone"]
    assert [(one.ratings, one.alpha["value"]) for one in found.lines[0].moments] == [(20, 0.3), (60, 0.6)]
    assert len(found.snapshots) == 2


@pytest.mark.django_db
def test_only_the_last_twelve_snapshots_are_shown(computed: Any) -> None:
    found = alpha_history(computed([(10 * (1 + k), {"Tone": alpha(0.5)}) for k in range(15)]))
    assert [one.ratings for one in found.lines[0].moments] == [10 * (1 + k) for k in range(3, 15)]


@pytest.mark.django_db
def test_a_new_moment_has_the_picture_drawn_again_and_the_page_never_shows_the_old_one(
    computed: Any, client: Any, designer: Any
) -> None:
    made = computed([(20, {"Tone": alpha(0.3, 0.1, 0.5)}), (60, {"Tone": alpha(0.5, 0.4, 0.6)})])
    assert draw_history(study=made)
    with patch("annotation.pictures.agreement", side_effect=AssertionError("it is drawn already")):
        assert draw_history(study=made)
    content = {"criteria": [{"name": "Tone", "alpha": alpha(0.7, 0.6, 0.8)}]}
    StudySnapshot.objects.create(study=made, digest="f" * 64, content=content, ratings=90, seconds=0.1)
    assert history_picture(made, alpha_history(made)) is None
    assert draw_history(study=made)
    assert "0.70 [0.60, 0.80] with 90 ratings" in StudyPicture.objects.get().file
    client.force_login(designer)
    address = f"/w/acme/studies/{made.pk}/picture"
    svg = client.get(f"{address}.svg")
    assert svg["Content-Type"] == "image/svg+xml"
    assert b"0.70 [0.60, 0.80]" in svg.content
    assert client.get(f"{address}.png").content.startswith(b"\x89PNG")
    assert client.get(f"{address}.gif").status_code == 404
    given = AuditEvent.objects.filter(verb="picture.exported", actor=designer, object_id=made.pk)
    assert [one.details for one in given.order_by("pk")] == [
        {"picture": "agreement", "kind": "svg"},
        {"picture": "agreement", "kind": "png"},
    ]


@pytest.mark.django_db
def test_figures_never_wait_for_a_picture_that_cannot_be_drawn(
    study: Any, run_jobs: Any, client: Any, designer: Any
) -> None:
    made = study()
    with patch("annotation.pictures.agreement", side_effect=RuntimeError("no fonts")):
        request_snapshot(actor=designer, study=made)
        assert run_jobs() == 1
    assert StudySnapshot.objects.filter(study=made).count() == 1
    assert not StudyPicture.objects.exists()
    client.force_login(designer)
    assert client.get(f"/w/acme/studies/{made.pk}/picture.svg").status_code == 404
