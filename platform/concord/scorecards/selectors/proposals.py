"""What a new scorecard could show: a dimension for each criterion that people or machines have answered."""

from dataclasses import dataclass, field

from annotation.models import Study, StudyCriterion
from concord.accounts.models import Workspace
from concord.catalog.models import Criterion
from evaluation.models import Score, Scorer

MOST = 12
MOST_SCORERS = 3


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A dimension that could be: a criterion with a study, a scorer, or both."""

    criterion: Criterion
    study: Study | None = None
    scorer: Scorer | None = None
    labels: list[float] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The criterion, with what tells it from the others."""
        words = ", ".join(self.criterion.label_of(value) for value in self.labels)
        return f"{self.criterion.name}: {words}" if words else self.criterion.name


def proposals(workspace: Workspace, *, study: Study | None = None) -> list[Proposal]:
    """Return dimensions from what exists: studies first, each with a scorer of the same criterion where there is one."""
    scored = _scorers_by_criterion(workspace)
    asked = StudyCriterion.objects.filter(study__workspace=workspace).select_related("study", "criterion")
    if study is not None:
        asked = asked.filter(study=study)
    found = [
        Proposal(
            criterion=pair.criterion,
            study=pair.study,
            scorer=next(iter(scored.get(pair.criterion_id, [])), None),
        )
        for pair in asked.order_by("-study__created_at", "position", "pk")
    ]
    seen = {proposal.criterion.pk for proposal in found}
    if study is None:
        criteria = Criterion.objects.filter(workspace=workspace, pk__in=scored.keys() - seen)
        found += [Proposal(criterion=c, scorer=s) for c in criteria for s in scored[c.pk][:MOST_SCORERS]]
    return found[:MOST]


def _scorers_by_criterion(workspace: Workspace) -> dict[int, list[Scorer]]:
    """Return the scorers that have scores on each criterion, newest first."""
    scorers = {scorer.pk: scorer for scorer in Scorer.objects.filter(workspace=workspace)}
    pairs = (
        Score.objects.filter(scorer__in=scorers)
        .order_by()
        .values_list("criterion_id", "scorer_id")
        .distinct()
    )
    found: dict[int, list[Scorer]] = {}
    for criterion_id, scorer_id in sorted(pairs, key=lambda pair: -pair[1]):
        found.setdefault(criterion_id, []).append(scorers[scorer_id])
    return found
