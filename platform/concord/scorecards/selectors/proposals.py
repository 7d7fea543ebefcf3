"""What a new scorecard could show: a dimension for each criterion that people or machines have answered."""

from dataclasses import dataclass, field

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from annotation.models import Study, StudyCriterion
from concord.accounts.models import Workspace
from concord.catalog.models import Criterion, DatasetVersion, Output, System
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


def proposals(
    workspace: Workspace, version: DatasetVersion | None, *, study: Study | None = None
) -> list[Proposal]:
    """Return dimensions from what exists on a dataset version: studies first, each with a scorer of the same criterion."""
    scored = _scorers_by_criterion(workspace, version)
    asked = StudyCriterion.objects.filter(study__workspace=workspace, study__version=version)
    if study is not None:
        asked = asked.filter(study=study)
    found = [
        Proposal(
            criterion=pair.criterion,
            study=pair.study,
            scorer=next(iter(scored.get(pair.criterion_id, [])), None),
        )
        for pair in asked.select_related("study", "criterion").order_by(
            "-study__created_at", "position", "pk"
        )
    ]
    if study is None:
        seen = {proposal.criterion.pk for proposal in found}
        criteria = Criterion.objects.filter(workspace=workspace, pk__in=scored.keys() - seen)
        found += [Proposal(criterion=c, scorer=s) for c in criteria for s in scored[c.pk][:MOST_SCORERS]]
    return found[:MOST]


def judged_versions(workspace: Workspace) -> list[DatasetVersion]:
    """Return the dataset versions on which something was judged, those with the newest study first."""
    versions = DatasetVersion.objects.filter(dataset__workspace=workspace).select_related("dataset")
    newest = Study.objects.filter(version=OuterRef("pk")).order_by("-created_at").values("created_at")[:1]
    outputs = Output.objects.filter(example__version=OuterRef("pk"))
    rows = versions.annotate(asked=Subquery(newest)).filter(Exists(outputs))
    return list(rows.order_by(F("asked").desc(nulls_last=True), "-created_at"))


def answering_systems(workspace: Workspace, version: DatasetVersion | None) -> QuerySet[System]:
    """Return the systems with outputs on the version; all of the workspace where none is named."""
    rows: QuerySet[System] = System.objects.filter(workspace=workspace)
    if version is not None:
        rows = rows.filter(Exists(Output.objects.filter(system=OuterRef("pk"), example__version=version)))
    return rows.order_by("name", "version")


def _scorers_by_criterion(workspace: Workspace, version: DatasetVersion | None) -> dict[int, list[Scorer]]:
    """Return the scorers that have scores on each criterion, newest first."""
    scorers = {scorer.pk: scorer for scorer in Scorer.objects.filter(workspace=workspace)}
    scores = Score.objects.filter(scorer__in=scorers)
    if version is not None:
        scores = scores.filter(output__example__version=version)
    pairs = scores.order_by().values_list("criterion_id", "scorer_id").distinct()
    found: dict[int, list[Scorer]] = {}
    for criterion_id, scorer_id in sorted(pairs, key=lambda pair: -pair[1]):
        found.setdefault(criterion_id, []).append(scorers[scorer_id])
    return found
