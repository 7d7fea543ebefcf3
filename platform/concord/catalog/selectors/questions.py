"""A criterion as estimators know it: the question, without a database behind it."""

from concord.catalog.models import Criterion
from concord.catalog.states import CriterionKind
from concord.estimates.enums import Direction, Estimand, Kind, Level, Scope
from concord.estimates.question import Question


def question_of(
    criterion: Criterion,
    *,
    name: str = "",
    estimand: str = Estimand.MEAN,
    labels: tuple[float, ...] = (),
    direction: str = "",
    scope: str = Scope.THESE_RATERS,
    confidence: float = 0.95,
) -> Question:
    """Return what is asked of answers to this criterion; name and direction are the criterion's own unless given."""
    return Question(
        name=name or criterion.name,
        estimand=Estimand(str(estimand)),
        labels=labels,
        direction=Direction(str(direction or criterion.direction)),
        kind=Kind(str(criterion.kind)),
        level=Level(str(criterion.level)),
        outcomes=criterion.outcomes,
        label_names={float(label["value"]): str(label["label"]) for label in criterion.labels},
        minimum=criterion.minimum,
        maximum=criterion.maximum,
        scope=Scope(str(scope)),
        confidence=confidence,
    )


def usual_estimand(criterion: Criterion) -> Estimand:
    """Return what is usually asked: wins of a preference, a share of labels without order or marked unsafe, else the mean."""
    if criterion.is_pairwise:
        return Estimand.WIN_RATE
    counted = criterion.kind == CriterionKind.CHOICE or criterion.level == Level.NOMINAL
    return Estimand.RATE if counted or unsafe_labels(criterion) else Estimand.MEAN


def usual_labels(criterion: Criterion) -> list[float]:
    """Return the labels that a share counts unless told otherwise: the unsafe ones, or yes; of other labels none."""
    values = [float(label["value"]) for label in criterion.labels]
    yes = [max(values)] if values and criterion.kind == CriterionKind.YES_NO else []
    return unsafe_labels(criterion) or yes


def unsafe_labels(criterion: Criterion) -> list[float]:
    return [float(label["value"]) for label in criterion.labels if label.get("unsafe")]


def usual_question(criterion: Criterion) -> Question:
    """Return the question as it is asked unless told otherwise, so that a run's page and a scorecard ask the same."""
    estimand = usual_estimand(criterion)
    labels = tuple(usual_labels(criterion)) if estimand == Estimand.RATE else ()
    if estimand == Estimand.RATE and not labels:
        estimand = Estimand.MEAN
    return question_of(criterion, estimand=estimand, labels=labels)
