"""What a scorecard may be made of: every choice is checked here, in words a designer can act on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from annotation.models import Study
from concord.accounts.models import Workspace
from concord.catalog.models import Criterion
from concord.catalog.selectors.questions import unsafe_labels, usual_estimand, usual_labels
from concord.catalog.states import Direction, Level
from concord.core.errors import Invalid
from concord.scorecards.states import Estimand
from evaluation.models import Scorer

MOST_DIMENSIONS = 20
MOST_SYSTEMS = 200


@dataclass(frozen=True, kw_only=True)
class DimensionChoice:
    """One column as a designer asks for it; empty estimand and direction follow the criterion."""

    criterion: Criterion
    name: str = ""
    study: Study | None = None
    scorer: Scorer | None = None
    estimand: str = ""
    labels: Sequence[float] = ()
    where: Mapping[str, str] = field(default_factory=dict)
    direction: str = ""
    primary: bool = False


def checked(choices: Iterable[DimensionChoice], *, workspace: Workspace) -> list[DimensionChoice]:
    """Return the choices with their defaults, or refuse the first that makes no sense."""
    filled = [_filled(choice) for choice in choices]
    if not filled:
        raise Invalid("A scorecard needs at least one dimension.", code="no_dimension", field="dimensions")
    if len(filled) > MOST_DIMENSIONS:
        raise Invalid(
            f"A scorecard has at most {MOST_DIMENSIONS} dimensions.",
            code="too_many_dimensions",
            field="dimensions",
        )
    for place, choice in enumerate(filled):
        _check_at(place, choice, workspace)
    names = [choice.name for choice in filled]
    twice = next((place for place, name in enumerate(names) if name in names[:place]), None)
    if twice is not None:
        raise Invalid(
            f"Two dimensions are called “{names[twice]}”.",
            code="dimension_twice",
            field=f"dimensions.{twice}.name",
        )
    return filled


def default_direction(criterion: Criterion, estimand: str) -> str:
    """Return the criterion's direction; a preference without one asks which is better, so winning more is better."""
    if estimand == Estimand.WIN_RATE and criterion.direction == Direction.NONE:
        return Direction.HIGHER
    return criterion.direction


def _filled(choice: DimensionChoice) -> DimensionChoice:
    criterion = choice.criterion
    estimand = choice.estimand or usual_estimand(criterion)
    labels = [float(label) for label in choice.labels]
    direction = choice.direction or default_direction(criterion, estimand)
    if estimand == Estimand.RATE and not labels:
        labels = usual_labels(criterion)
        direction = choice.direction or (Direction.LOWER if unsafe_labels(criterion) else criterion.direction)
    return DimensionChoice(
        criterion=criterion,
        name=choice.name.strip() or criterion.name,
        study=choice.study,
        scorer=choice.scorer,
        estimand=estimand,
        labels=labels if estimand == Estimand.RATE else [],
        where=dict(choice.where),
        direction=direction,
    )


def _check_at(place: int, choice: DimensionChoice, workspace: Workspace) -> None:
    try:
        _check(choice, workspace)
    except Invalid as error:
        error.field = f"dimensions.{place}.{error.field}"
        raise


def _check(choice: DimensionChoice, workspace: Workspace) -> None:
    name, criterion = choice.name, choice.criterion
    parts: list[Any] = [criterion, choice.study, choice.scorer]
    if any(part is not None and part.workspace_id != workspace.pk for part in parts):
        raise Invalid(
            f"{name}: criterion, study and scorer must be of this workspace.",
            code="other_workspace",
            field="criterion",
        )
    if choice.study is None and choice.scorer is None:
        raise Invalid(
            f"{name}: choose a study, a scorer, or both.", code="dimension_without_side", field="study"
        )
    if choice.study is not None and not choice.study.criteria.filter(pk=criterion.pk).exists():
        raise Invalid(
            f"{name}: the study “{choice.study}” does not ask “{criterion}”.",
            code="criterion_not_in_study",
            field="study",
        )
    if choice.estimand not in Estimand.values or choice.direction not in Direction.values:
        raise Invalid(f"{name}: unknown estimand or direction.", code="unknown_choice", field="estimand")
    if criterion.is_pairwise != (choice.estimand == Estimand.WIN_RATE):
        raise Invalid(
            f"{name}: a win rate is for comparisons of two outputs, and only they have one.",
            code="wrong_estimand",
            field="estimand",
        )
    if choice.estimand == Estimand.MEAN and criterion.level == Level.NOMINAL:
        raise Invalid(
            f"{name}: labels without an order have no mean; ask for a share.",
            code="wrong_estimand",
            field="estimand",
        )
    _check_labels(choice)
    _check_where(choice)


def _check_labels(choice: DimensionChoice) -> None:
    if choice.estimand != Estimand.RATE:
        return
    if not choice.labels:
        raise Invalid(
            f"{choice.name}: say which labels the share counts.", code="rate_without_labels", field="labels"
        )
    known = {float(label["value"]) for label in choice.criterion.labels}
    strange = [label for label in choice.labels if known and label not in known]
    if strange:
        raise Invalid(
            f"{choice.name}: {strange[0]:g} is no label of “{choice.criterion}”.",
            code="unknown_label",
            field="labels",
        )


def _check_where(choice: DimensionChoice) -> None:
    if not all(isinstance(value, str | int | float | bool | list) for value in choice.where.values()):
        raise Invalid(
            f"{choice.name}: a slice filter maps slice names to a value or a list of values.",
            code="bad_filter",
            field="where",
        )
