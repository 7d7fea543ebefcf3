"""What a study's ratings say, and how far they can be trusted: the content of a snapshot, as JSON-ready dicts."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from annotation.models import Study
from annotation.selectors.agreeing import people_alpha, people_percent
from annotation.selectors.clustering import clusters
from annotation.selectors.freshness import METHODS, ratings_stamp
from annotation.selectors.long_form import Ratings, ratings_long
from annotation.selectors.quality_raters import rater_table
from annotation.selectors.quality_systems import side_bias, system_means, system_preferences
from annotation.selectors.second_opinion import reference_version, second_opinion
from concord.catalog.models import Criterion

MOST_DISPUTED = 12


@dataclass(frozen=True)
class Evidence:
    """The ratings of a study, by criterion, and the fingerprint of exactly these."""

    criteria: tuple[Criterion, ...]
    ratings: dict[int, Ratings]
    digest: str
    stamp: str

    @property
    def count(self) -> int:
        return sum(len(one) for one in self.ratings.values())


def evidence_of(study: Study) -> Evidence:
    """Load every current rating of the study once."""
    stamp = ratings_stamp(study)
    criteria = tuple(study.asked())
    ratings = {one.pk: ratings_long(study_id=study.pk, criterion_id=one.pk) for one in criteria}
    digest = hashlib.sha256(f"study quality {METHODS}, {reference_version()}".encode())
    for one in criteria:
        long = ratings[one.pk]
        digest.update(f"{one.pk} {one.level} {one.direction} {long.cannot_judge}".encode())
        for column in (
            long.units,
            long.outputs,
            long.systems,
            long.other_systems,
            long.examples,
            long.raters,
            long.values,
            long.seconds,
        ):
            digest.update(column.tobytes())
    return Evidence(criteria, ratings, digest.hexdigest(), stamp)


def quality(study: Study, evidence: Evidence) -> dict[str, Any]:
    """The whole content of a snapshot."""
    return {
        "criteria": [_criterion(one, evidence.ratings[one.pk]) for one in evidence.criteria],
        "raters": rater_table(evidence.criteria, evidence.ratings),
        "ratings": evidence.count,
        "simulated": study.is_simulated,
    }


def _criterion(criterion: Criterion, long: Ratings) -> dict[str, Any]:
    columns = (long.units, long.raters, long.values, long.examples)
    alpha, percent = people_alpha(*columns, level=criterion.level), people_percent(*columns)
    about = {
        "id": criterion.pk,
        "name": criterion.name,
        "kind": criterion.kind,
        "level": criterion.level,
        "direction": criterion.direction,
        "n_ratings": len(long),
        "n_units": len(np.unique(long.units)),
        "n_raters": len(np.unique(long.raters[long.raters >= 0])),
        "anonymous": int((long.raters < 0).sum()),
        "cannot_judge": long.cannot_judge,
        "alpha": _estimate(alpha),
        "second_opinion": second_opinion(long.units, long.values, level=criterion.level, ours=alpha.value),
        "percent": _estimate(percent),
        "distribution": _distribution(criterion, long),
        "disputed": _disputed(criterion, long, alpha),
        "notes": list(clusters(long.examples, long.raters)[2]),
    }
    if criterion.is_pairwise:
        return about | {
            "preferences": system_preferences(criterion, long),
            "side_bias": side_bias(criterion, long),
        }
    return about | {"systems": system_means(criterion, long)}


def _estimate(estimate: Any) -> dict[str, Any]:
    """An estimate without its per-unit arrays."""
    kept = ("value", "low", "high", "confidence", "method", "n", "undefined", "notes", "omitted")
    full = {name: getattr(estimate, name) for name in kept}
    return {name: _plain(value) for name, value in full.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if hasattr(value, "items") else value


def _distribution(criterion: Criterion, long: Ratings) -> list[dict[str, Any]]:
    """How often each label was given; for numbers, the quartiles."""
    if not criterion.labels:
        if not len(long):
            return []
        shares = (0.0, 0.25, 0.5, 0.75, 1.0)
        names = ("lowest", "lower quartile", "median", "upper quartile", "highest")
        quartiles = np.quantile(long.values, shares)
        return [{"label": name, "value": float(value)} for name, value in zip(names, quartiles, strict=True)]
    return [
        {"label": one["label"], "value": one["value"], "count": int((long.values == one["value"]).sum())}
        for one in criterion.labels
    ]


def _disputed(criterion: Criterion, long: Ratings, alpha: Any) -> list[dict[str, Any]]:
    """The units that cost most agreement. Each unit's share of the observed disagreement is exact."""
    if alpha.undefined or not len(alpha.per_unit) or not alpha.per_unit.sum():
        return []
    share = alpha.per_unit / alpha.per_unit.sum()
    worst = np.argsort(-share, kind="stable")[:MOST_DISPUTED]
    return [
        {
            "unit": int(alpha.unit_codes[place]),
            "share": float(share[place]),
            "answers": [
                criterion.label_of(value)
                for value in np.sort(long.values[long.units == alpha.unit_codes[place]])
            ],
        }
        for place in worst
        if share[place] > 0
    ]
