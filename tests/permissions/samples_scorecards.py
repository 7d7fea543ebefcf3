"""The routes of scorecards."""

from typing import Any

from concord.accounts.states import Action
from concord.catalog.models import Criterion, System
from concord.scorecards.models import Snapshot, SnapshotPicture
from concord.scorecards.services.defining import DimensionChoice
from concord.scorecards.services.scorecards import create_scorecard
from concord.scorecards.services.snapshots import take_snapshot
from evaluation.models import Scorer
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
    "scorecard-picture": Needs(Action.READ),
    "api:scorecard-list": Needs(Action.READ, Action.DESIGN),
    "api:scorecard-detail": Needs(Action.READ, Action.DESIGN),
    "api:scorecard-compute": Needs(None, Action.DESIGN),
    "api:scorecard-snapshot": Needs(Action.READ),
    "api:scorecard-export": Needs(Action.READ),
}


def samples(workspace: Any, owner: Any) -> dict[str, dict[str, Any]]:
    criterion = Criterion.objects.create(
        workspace=workspace,
        slug="exact",
        name="Exact",
        question="Is it right?",
        kind="numeric",
        level="interval",
    )
    scorer = Scorer.objects.create(workspace=workspace, name="sample")
    scorecard = create_scorecard(
        workspace=workspace,
        actor=owner,
        name="Sample",
        question="Which?",
        systems=[System.objects.create(workspace=workspace, name="Sample system")],
        dimensions=[DimensionChoice(criterion=criterion, scorer=scorer)],
    )
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
