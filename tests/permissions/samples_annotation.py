"""The routes of studies, for designers and for raters."""

from typing import Any

from annotation.models import Rating, StudyPicture
from annotation.services.assigning import next_task
from annotation.services.snapshots import take_snapshot
from annotation.services.studies import create_study
from annotation.services.submitting import Answer, submit
from annotation.services.units import build_units
from concord.accounts.models import Membership, User
from concord.accounts.states import Action
from tests.permissions.material import make_material, make_study
from tests.permissions.services import Served
from tests.permissions.support import SIGNED_IN, Needs

EXPECTED = {
    "rate-home": Needs(SIGNED_IN),
    "rate": Needs(Action.RATE, Action.RATE),
    "rate-next": Needs(Action.RATE),
    "rate-save": Needs(None, Action.RATE),
    "rate-draft": Needs(None, Action.RATE),
    "rate-undo": Needs(None, Action.RATE),
    "studies": Needs(Action.READ),
    "study-new": Needs(Action.DESIGN, Action.DESIGN),
    "study-preview": Needs(None, Action.DESIGN),
    "study": Needs(Action.READ),
    "study-picture": Needs(Action.READ),
    "study-state": Needs(None, Action.DESIGN),
    "study-compute": Needs(None, Action.REVIEW),
    "study-invitation": Needs(None, Action.DESIGN),
    "study-edit": Needs(Action.DESIGN, Action.DESIGN),
    "study-places": Needs(None, Action.DESIGN),
    "study-seat": Needs(None, Action.DESIGN),
    "study-ratings": Needs(Action.REVIEW),
    "study-units": Needs(Action.REVIEW),
    "study-unit": Needs(Action.REVIEW),
    "api:study-list": Needs(Action.READ, Action.DESIGN),
    "api:study-detail": Needs(Action.READ, Action.DESIGN),
    "api:study-open": Needs(None, Action.DESIGN),
    "api:study-pause": Needs(None, Action.DESIGN),
    "api:study-close": Needs(None, Action.DESIGN),
    "api:study-progress": Needs(Action.READ),
    "api:study-quality": Needs(Action.REVIEW),
    "api:study-compute": Needs(None, Action.REVIEW),
    "api:study-next-task": Needs(None, Action.RATE),
    "api:study-submit": Needs(None, Action.RATE),
    "api:study-skip": Needs(None, Action.RATE),
    "api:study-hand-back": Needs(None, Action.RATE),
    "api:study-undo": Needs(None, Action.RATE),
    "api:unit-list": Needs(Action.REVIEW),
    "api:unit-detail": Needs(Action.REVIEW),
    "api:seat-list": Needs(Action.REVIEW, Action.DESIGN),
    "api:seat-detail": Needs(Action.REVIEW, Action.DESIGN),
    "api:rating-list": Needs(Action.REVIEW),
    "api:rating-detail": Needs(Action.REVIEW),
}
OF_A_STUDY = [
    "detail", "open", "pause", "close", "progress", "quality", "compute", "next-task", "submit", "skip", "hand-back", "undo",
]  # fmt: skip


def samples(workspace: Any, owner: Any) -> dict[str, dict[str, Any]]:
    study, unit, seat = make_study(workspace, owner, make_material(workspace))
    here = {"workspace": workspace.slug}
    this = here | {"pk": study.pk}
    rate = {"study": study.pk}
    rating = _rated(study, seat)
    take_snapshot(study=study)
    _draw(study)
    return {
        "rate": rate,
        "rate-next": rate,
        "rate-save": rate,
        "rate-draft": rate,
        "rate-undo": rate,
        "studies": here,
        "study-new": here,
        "study-preview": here,
        "study": this,
        "study-picture": this | {"kind": "png"},
        "study-state": this,
        "study-compute": this,
        "study-invitation": this,
        "study-edit": this,
        "study-places": this,
        "study-seat": this | {"seat": seat.pk},
        "study-ratings": this,
        "study-units": this,
        "study-unit": this | {"unit": unit.pk},
        **{f"api:study-{name}": {"pk": study.pk} for name in OF_A_STUDY},
        "api:unit-detail": {"pk": unit.pk},
        "api:seat-detail": {"pk": seat.pk},
        "api:rating-detail": {"pk": rating.pk},
    }


def _draw(study: Any) -> None:
    StudyPicture.objects.create(
        study=study, key="agreement", title="t", description="d", pages=[], file="<svg/>", png=b"\x89PNG", shown=[]
    )  # fmt: skip


def _rated(study: Any, seat: Any) -> Rating:
    task = next_task(seat=seat)
    assert task
    submit(seat=seat, key=task.key, answers={one.id: Answer(3) for one in task.questions})
    rating: Rating = Rating.objects.get(study=study)
    return rating


def bodies(workspace: Any, owner: Any) -> dict[str, dict[str, Any]]:
    return {
        "rate": {"action": "pause"},
        "study-state": {"to": "pause"},
        "api:seat-detail": {"is_active": False},
    }


def services(workspace: Any, owner: Any) -> dict[str, Served]:
    material = make_material(workspace)
    study, _, seat = make_study(workspace, owner, material)
    plan = {
        "workspace": workspace,
        "name": "Another",
        "kind": "scale",
        "version": material.version,
        "criteria": [material.criterion],
    }
    draft = create_study(actor=owner, systems=material.systems, **{**plan, "name": "Draft"})
    build_units(actor=owner, study=draft)
    this, new = {"study": study}, {"study": draft}
    made = "annotation.services."
    design = Action.DESIGN
    ids = [system.pk for system in material.systems]
    _draw(study)
    invited = User.objects.create_user("invited@example.com")
    Membership.objects.create(workspace=workspace, user=invited, role="rater")
    return {
        f"{made}exports.ratings_csv": Served(Action.REVIEW, "ratings.exported", this),
        f"{made}exports.history_file": Served(Action.READ, "picture.exported", {**this, "kind": "png"}),
        f"{made}joining.invite_raters": Served(design, "seat.given", {**this, "user_ids": [invited.pk]}),
        f"{made}joining.set_seat_active": Served(design, "seat.closed", {"seat": seat, "active": False}),
        f"{made}planning.plan_study": Served(design, "study.created", {**plan, "system_ids": ids}),
        # It asks for figures that anyone who sees them may ask for again; nothing is changed.
        f"{made}snapshots.request_snapshot": Served(Action.REVIEW, "", this),
        f"{made}studies.create_study": Served(design, "study.created", {**plan, "systems": material.systems}),
        f"{made}studies.change_study": Served(design, "study.changed", {**this, "wanted": 4}),
        f"{made}studies.open_study": Served(design, "study.live", new),
        f"{made}studies.pause_study": Served(design, "study.paused", this),
        f"{made}studies.close_study": Served(design, "study.closed", this),
        f"{made}units.build_units": Served(design, "units.built", new),
    }
