"""The routes of scorecards."""

from typing import Any

from concord.accounts.states import Action
from concord.catalog.models import Criterion, System
from concord.scorecards.models import Scorecard, Snapshot, SnapshotPicture
from concord.scorecards.services.defining import DimensionChoice
from concord.scorecards.services.scorecards import create_scorecard
from concord.scorecards.services.snapshots import take_snapshot
from evaluation.models import Scorer
from tests.permissions.services import Served
from tests.permissions.support import Needs

NOTHING: dict[str, Any] = {"systems": [], "dimensions": [], "latency": None}
EXPECTED = {
    "scorecards": Needs(Action.READ),
    "scorecard-new": Needs(Action.DESIGN, Action.DESIGN),
    "scorecard": Needs(Action.READ),
    "scorecard-edit": Needs(Action.DESIGN, Action.DESIGN),
    "scorecard-progress": Needs(Action.READ),
    "scorecard-compute": Needs(None, Action.DESIGN),
    "scorecard-delete": Needs(None, Action.DESIGN),
    "scorecard-export": Needs(Action.READ),
    "scorecard-picture": Needs(Action.READ),
    "api:scorecard-list": Needs(Action.READ, Action.DESIGN),
    "api:scorecard-detail": Needs(Action.READ, Action.DESIGN),
    "api:scorecard-compute": Needs(None, Action.DESIGN),
    "api:scorecard-snapshot": Needs(Action.READ),
    "api:scorecard-export": Needs(Action.READ),
}


def _scorecard(workspace: Any, owner: Any) -> tuple[Scorecard, dict[str, Any]]:
    """One that was never computed, and what it is made of."""
    criterion = Criterion.objects.create(
        workspace=workspace,
        slug="exact",
        name="Exact",
        question="Is it right?",
        kind="numeric",
        level="interval",
    )
    scorer = Scorer.objects.create(workspace=workspace, name="sample")
    made_of = {
        "question": "Which?",
        "systems": [System.objects.create(workspace=workspace, name="Sample system")],
        "dimensions": [DimensionChoice(criterion=criterion, scorer=scorer)],
    }
    made = create_scorecard(actor=owner, workspace=workspace, name="Sample", **made_of)
    return made, made_of


def samples(workspace: Any, owner: Any) -> dict[str, dict[str, Any]]:
    scorecard, _ = _scorecard(workspace, owner)
    SnapshotPicture.objects.create(
        snapshot=take_snapshot(scorecard=scorecard), key="forest", pages=[], png=b"png"
    )
    assert Snapshot.objects.exists()
    here, one = {"workspace": workspace.slug}, {"pk": scorecard.pk}
    return {
        "scorecards": here,
        "scorecard-new": here,
        **dict.fromkeys(
            ("scorecard", "scorecard-edit", "scorecard-progress", "scorecard-compute", "scorecard-delete"),
            here | one,
        ),
        "scorecard-export": here | one | {"kind": "csv"},
        "scorecard-picture": here | one | {"key": "forest", "kind": "png"},
        "api:scorecard-detail": one,
        "api:scorecard-compute": one,
        "api:scorecard-snapshot": one,
        "api:scorecard-export": one | {"kind": "json"},
    }


def bodies(workspace: Any, owner: Any) -> dict[str, dict[str, Any]]:
    definition = {
        "name": "New",
        "question": "Which?",
        "systems": ["Sample system"],
        "dimensions": [{"criterion": "exact", "scorer": "sample"}],
    }
    return {"api:scorecard-list": definition, "api:scorecard-detail": definition}


def services(workspace: Any, owner: Any) -> dict[str, Served]:
    scorecard, made_of = _scorecard(workspace, owner)
    computed = Snapshot.objects.create(scorecard=scorecard, digest="0" * 64, result=NOTHING)
    SnapshotPicture.objects.create(snapshot=computed, key="forest", pages=[], png=b"png")
    this, made, design = {"scorecard": scorecard}, "concord.scorecards.services.", Action.DESIGN
    new, changed = {"workspace": workspace, "name": "New", **made_of}, {**this, "name": "Other", **made_of}
    return {
        f"{made}scorecards.create_scorecard": Served(design, "scorecard.created", new),
        f"{made}scorecards.update_scorecard": Served(design, "scorecard.changed", changed),
        f"{made}scorecards.delete_scorecard": Served(design, "scorecard.deleted", this),
        f"{made}exports.export_json": Served(Action.READ, "scorecard.exported", {"snapshot": computed}),
        f"{made}exports.export_csv": Served(Action.READ, "scorecard.exported", {"snapshot": computed}),
        f"{made}exports.picture_of": Served(
            Action.READ, "picture.exported", {"snapshot": computed, "key": "forest", "kind": "svg"}
        ),
        # It asks for figures of what is there; nothing is changed.
        f"{made}requests.request_snapshot": Served(design, "", this),
    }
