"""The routes of scorecards."""

from typing import Any

from concord.accounts.states import Action
from concord.scorecards.models import Dimension, Scorecard
from concord.scorecards.services.requests import request_snapshot
from tests.permissions.material import make_material, make_study
from tests.permissions.support import Needs

EXPECTED = {
    "scorecards": Needs(Action.READ),
    "scorecard-new": Needs(Action.DESIGN, Action.DESIGN),
    "scorecard": Needs(Action.READ),
    "scorecard-edit": Needs(Action.DESIGN, Action.DESIGN),
    "scorecard-progress": Needs(Action.READ),
    "scorecard-compute": Needs(None, Action.DESIGN),
    "scorecard-delete": Needs(None, Action.DESIGN),
    "scorecard-export": Needs(Action.READ),
    "api:scorecard-list": Needs(Action.READ, Action.DESIGN),
    "api:scorecard-detail": Needs(Action.READ, Action.DESIGN),
    "api:scorecard-compute": Needs(None, Action.DESIGN),
    "api:scorecard-snapshot": Needs(Action.READ),
    "api:scorecard-export": Needs(Action.READ),
}


def samples(workspace: Any, owner: Any) -> dict[str, dict[str, Any]]:
    material = make_material(workspace)
    study, _, _ = make_study(workspace, owner, material)
    card = Scorecard.objects.create(workspace=workspace, name="Release", question="Which one?")
    card.systems.set(material.systems)
    Dimension.objects.create(scorecard=card, name="Quality", criterion=material.criterion, study=study)
    compute_now(card)
    here, this = {"workspace": workspace.slug}, {"pk": card.pk}
    pages = ("scorecard", "scorecard-edit", "scorecard-progress", "scorecard-compute", "scorecard-delete")
    api = ("api:scorecard-detail", "api:scorecard-compute", "api:scorecard-snapshot")
    return {
        **dict.fromkeys(("scorecards", "scorecard-new"), here),
        **dict.fromkeys(pages, here | this),
        **dict.fromkeys(api, this),
        "scorecard-export": here | this | {"kind": "json"},
        "api:scorecard-export": this | {"kind": "json"},
    }


def compute_now(card: Scorecard) -> None:
    """What the worker does."""
    from concord.core import jobs

    jobs.run(request_snapshot(scorecard=card).pk)
