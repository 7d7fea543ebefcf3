"""The routes of studies, for designers and for raters."""

from typing import Any

from concord.accounts.states import Action
from tests.permissions.material import make_material, make_study
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
    "study-state": Needs(None, Action.DESIGN),
    "study-compute": Needs(None, Action.REVIEW),
    "study-invitation": Needs(None, Action.DESIGN),
    "study-edit": Needs(Action.DESIGN, Action.DESIGN),
    "study-seat": Needs(None, Action.DESIGN),
    "study-ratings": Needs(Action.REVIEW),
    "study-units": Needs(Action.REVIEW),
    "study-unit": Needs(Action.REVIEW),
}


def samples(workspace: Any, owner: Any) -> dict[str, dict[str, Any]]:
    study, unit, seat = make_study(workspace, owner, make_material(workspace))
    here = {"workspace": workspace.slug}
    this = here | {"pk": study.pk}
    rate = {"study": study.pk}
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
        "study-state": this,
        "study-compute": this,
        "study-invitation": this,
        "study-edit": this,
        "study-seat": this | {"seat": seat.pk},
        "study-ratings": this,
        "study-units": this,
        "study-unit": this | {"unit": unit.pk},
    }


def bodies(workspace: Any, owner: Any) -> dict[str, dict[str, Any]]:
    return {"rate": {"action": "pause"}}
