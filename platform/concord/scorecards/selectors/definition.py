"""A scorecard's definition as it stands in snapshots, exports and the digest."""

from typing import Any

from concord.catalog.models import DatasetVersion
from concord.scorecards.models import Dimension, Scorecard
from concord.scorecards.selectors.versions import version_of

SERIES = 8


def definition(scorecard: Scorecard) -> dict[str, Any]:
    """Return names and ids of everything that the scorecard refers to."""
    return {
        "scorecard": {
            "id": scorecard.pk,
            "name": scorecard.name,
            "question": scorecard.question,
            "workspace": scorecard.workspace.slug,
            "scope": scorecard.scope,
            "confidence": scorecard.confidence,
            "baseline": scorecard.baseline_id,
            "dataset": _dataset(version_of(scorecard)),
        },
        "systems": [
            {"id": s.pk, "name": str(s), "kind": s.kind, "series": s.pk % SERIES + 1}
            for s in scorecard.systems.order_by("name", "version", "pk")
        ],
        "dimensions": [
            _dimension(d) for d in scorecard.dimensions.select_related("criterion", "study", "scorer")
        ],
    }


def _dataset(version_id: int | None) -> dict[str, Any] | None:
    version = DatasetVersion.objects.select_related("dataset").filter(pk=version_id).first()
    if version is None:
        return None
    return {
        "id": version.pk,
        "dataset": version.dataset.name,
        "version": version.number,
        "digest": version.digest,
        "examples": version.examples_count,
    }


def _dimension(dimension: Dimension) -> dict[str, Any]:
    criterion, study, scorer = dimension.criterion, dimension.study, dimension.scorer
    return {
        "name": dimension.name,
        "criterion": {
            "id": criterion.pk,
            "slug": criterion.slug,
            "name": criterion.name,
            "question": criterion.question,
            "kind": criterion.kind,
            "level": criterion.level,
            "dimension": criterion.dimension,
        },
        "estimand": dimension.estimand,
        "labels": [{"value": value, "label": criterion.label_of(value)} for value in dimension.labels],
        "where": dimension.where,
        "direction": dimension.direction,
        "primary": dimension.primary,
        "study": study and {"id": study.pk, "name": study.name, "simulated": study.is_simulated},
        "scorer": scorer and {"id": scorer.pk, "name": scorer.name, "kind": scorer.kind},
    }
