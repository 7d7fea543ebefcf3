"""A scorecard's definition as JSON, with names instead of ids: what files and the API bring."""

import math
from collections.abc import Mapping
from typing import Any

from annotation.models import Study, Unit
from concord.accounts.models import Workspace
from concord.catalog.models import Criterion, DatasetVersion, System
from concord.core.errors import Invalid
from concord.scorecards.services.defining import DimensionChoice
from concord.scorecards.states import Scope
from evaluation.models import Scorer

KEYS = frozenset(
    {"name", "question", "dataset", "version", "systems", "baseline", "scope", "confidence", "dimensions"}
)
DIMENSION_KEYS = frozenset(
    {"name", "criterion", "study", "scorer", "estimand", "labels", "where", "direction", "primary"}
)


def read_definition(raw: Any, *, workspace: Workspace) -> dict[str, Any]:
    """Return the arguments of `create_scorecard`; every name that is not there is an `Invalid` that says so.

    `systems` is a list of names, `"*"` (all with outputs on the dataset) or `"rated"` (all that people judged in the
    studies named).
    """
    given = _mapping(raw, KEYS, "The definition")
    version = _version(given, workspace)
    dimensions = [_dimension(part, workspace) for part in _list(given, "dimensions")]
    systems = _systems(given.get("systems", "*"), workspace, version, dimensions)
    baseline = given.get("baseline")
    return {
        "name": _text(given, "name"),
        "question": _text(given, "question"),
        "systems": systems,
        "dimensions": dimensions,
        "version": version,
        "baseline": _named_system(str(baseline), workspace) if baseline else None,
        "scope": str(given.get("scope") or Scope.THESE_RATERS),
        "confidence": _number(given.get("confidence", 0.95)),
    }


def _dimension(raw: Any, workspace: Workspace) -> DimensionChoice:
    given = _mapping(raw, DIMENSION_KEYS, "A dimension")
    slug = _text(given, "criterion")
    criterion = Criterion.objects.filter(workspace=workspace, slug=slug).first()
    if criterion is None:
        raise Invalid(f"There is no criterion “{slug}”.", code="unknown_criterion", field="dimensions")
    return DimensionChoice(
        criterion=criterion,
        name=str(given.get("name") or ""),
        study=_named(Study, given.get("study"), workspace),
        scorer=_named(Scorer, given.get("scorer"), workspace),
        estimand=str(given.get("estimand") or ""),
        labels=[_label(label, criterion) for label in given.get("labels") or []],
        where=_where(given.get("where") or {}),
        direction=str(given.get("direction") or ""),
        primary=_flag(given.get("primary", False)),
    )


def _flag(raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise Invalid(f"“primary” is true or false, got {str(raw)[:40]!r}.", code="bad_definition")
    return raw


def _label(raw: Any, criterion: Criterion) -> float:
    """Return a label's value, given as the value or as its words."""
    for label in criterion.labels:
        if raw in (label["value"], label["label"]):
            return float(label["value"])
    raise Invalid(f"“{criterion}” has no label {raw!r}.", code="unknown_label", field="dimensions")


def _where(raw: Any) -> dict[str, Any]:
    if not isinstance(raw, Mapping):
        raise Invalid("“where” maps slice names to values.", code="bad_filter", field="dimensions")
    return dict(raw)


def _systems(
    raw: Any, workspace: Workspace, version: DatasetVersion | None, dimensions: list[DimensionChoice]
) -> list[System]:
    if isinstance(raw, list):
        return [_named_system(str(name), workspace) for name in raw]
    if raw == "rated":
        return _rated(workspace, [d.study.pk for d in dimensions if d.study is not None])
    if raw != "*":
        raise Invalid('“systems” is a list of names, "*" or "rated".', code="bad_systems", field="systems")
    found = System.objects.filter(workspace=workspace, archived_at=None)
    if version is not None:
        found = found.filter(outputs__example__version=version).distinct()
    return list(found)


def _rated(workspace: Workspace, studies: list[int]) -> list[System]:
    units = Unit.objects.filter(study_id__in=studies, ratings__current=True)
    ids = set(units.values_list("output__system_id", flat=True).distinct())
    ids |= set(units.values_list("other_output__system_id", flat=True).distinct())
    return list(System.objects.filter(workspace=workspace, pk__in=ids - {None}))


def _named_system(name: str, workspace: Workspace) -> System:
    """Return the system by its name, or by name and version where several have the name."""
    found: list[System] = [s for s in System.objects.filter(workspace=workspace) if name in (str(s), s.name)]
    exact = [system for system in found if str(system) == name]
    if len(exact) == 1 or len(found) == 1:
        return (exact or found)[0]
    reason = "There is no system" if not found else "There are several systems called"
    raise Invalid(f"{reason} “{name}”.", code="unknown_system", field="systems")


def _named(model: Any, name: Any, workspace: Workspace) -> Any:
    if not name:
        return None
    found = model.objects.filter(workspace=workspace, name=str(name)).first()
    if found is None:
        raise Invalid(
            f"There is no {model._meta.verbose_name} “{name}”.",
            code=f"unknown_{model._meta.model_name}",
            field="dimensions",
        )
    return found


def _version(given: Mapping[str, Any], workspace: Workspace) -> DatasetVersion | None:
    name = given.get("dataset")
    if not name:
        return None
    found = DatasetVersion.objects.filter(dataset__workspace=workspace, dataset__name=str(name)).order_by(
        "-number"
    )
    if given.get("version"):
        found = found.filter(number=int(_number(given["version"])))
    version: DatasetVersion | None = found.first()
    if version is None:
        raise Invalid(
            f"There is no dataset “{name}” (in that version).", code="unknown_dataset", field="dataset"
        )
    return version


def _mapping(raw: Any, keys: frozenset[str], what: str) -> Mapping[str, Any]:
    if not isinstance(raw, Mapping):
        raise Invalid(f"{what} is not a JSON object.", code="bad_definition")
    strange = sorted(set(raw) - keys)
    if strange:
        raise Invalid(
            f"{what} has no entry “{strange[0]}”; it may have {', '.join(sorted(keys))}.",
            code="bad_definition",
        )
    return raw


def _list(given: Mapping[str, Any], key: str) -> list[Any]:
    value = given.get(key)
    if not isinstance(value, list):
        raise Invalid(f"“{key}” must be a list.", code="bad_definition", field=key)
    return value


def _text(given: Mapping[str, Any], key: str) -> str:
    value = given.get(key)
    if not isinstance(value, str) or not value.strip():
        raise Invalid(f"“{key}” is missing.", code="bad_definition", field=key)
    return value


def _number(raw: Any) -> float:
    try:
        number = float(raw)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise Invalid(f"{str(raw)[:40]!r} is no number.", code="bad_definition")
    return number
