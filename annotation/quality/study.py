"""What a study's ratings say, and how far they can be trusted: the content of a snapshot, as JSON-ready dicts."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from annotation.models import Study
from annotation.quality.raters import rater_table
from annotation.quality.second_opinion import reference_version, second_opinion
from annotation.quality.systems import side_bias, system_levels, system_preferences
from annotation.selectors.freshness import METHODS, ratings_stamp
from annotation.selectors.long_form import ratings_long
from concord.catalog.models import Criterion, System
from concord.estimates.agreement import Agreement, among_people
from concord.estimates.enums import Scope
from concord.estimates.figure import json_ready
from concord.estimates.population import may_speak_of_others
from concord.estimates.ratings import Ratings

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
    content = {
        "criteria": [_criterion(one, evidence.ratings[one.pk]) for one in evidence.criteria],
        "raters": rater_table([evidence.ratings[one.pk] for one in evidence.criteria]),
        "ratings": evidence.count,
        "simulated": study.is_simulated,
    }
    ready: dict[str, Any] = json_ready(content)
    return ready


def _criterion(criterion: Criterion, ratings: Ratings) -> dict[str, Any]:
    """One question's figures: for the people who answered, and where they can bear it for others like them."""
    agreed = among_people(ratings, level=criterion.level, scope=Scope.THESE_RATERS)
    names = _names(ratings)
    alpha = agreed.alpha.value
    return {
        "id": criterion.pk,
        "name": criterion.name,
        "kind": criterion.kind,
        "level": criterion.level,
        "direction": criterion.direction,
        "n_ratings": len(ratings),
        "n_units": len(np.unique(ratings.units)),
        "n_raters": ratings.n_raters,
        "anonymous": ratings.n_anonymous,
        "cannot_judge": ratings.cannot_judge,
        "second_opinion": second_opinion(ratings.units, ratings.values, level=criterion.level, ours=alpha),
        "percent": agreed.percent.as_dict(),
        "distribution": _distribution(criterion, ratings),
        "disputed": _disputed(criterion, ratings, agreed),
        **_in_scope(criterion, ratings, names, Scope.THESE_RATERS, agreed),
        "other_raters": _in_scope(
            criterion,
            ratings,
            names,
            Scope.OTHER_RATERS,
            among_people(ratings, level=criterion.level, scope=Scope.OTHER_RATERS),
        )
        if may_speak_of_others(ratings.raters)
        else None,
    }


def _in_scope(
    criterion: Criterion, ratings: Ratings, names: dict[int, str], scope: Scope, agreed: Agreement
) -> dict[str, Any]:
    """What depends on whom the figures speak of."""
    about: dict[str, Any] = {
        "scope": str(scope),
        "population": agreed.alpha.population.as_dict(),
        "alpha": agreed.alpha.as_dict(),
    }
    if criterion.is_pairwise:
        return about | {
            "preferences": system_preferences(criterion, ratings, names, scope),
            "side_bias": side_bias(criterion, ratings, scope),
        }
    return about | {"systems": system_levels(criterion, ratings, names, scope)}


def _names(ratings: Ratings) -> dict[int, str]:
    present = np.unique(np.concatenate([ratings.systems, ratings.other_systems]))
    found = {
        system.pk: str(system)
        for system in System.objects.filter(pk__in=[int(one) for one in present if one >= 0])
    }
    return dict(sorted(found.items(), key=lambda item: item[1]))


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


def _disputed(criterion: Criterion, ratings: Ratings, agreed: Agreement) -> list[dict[str, Any]]:
    """The units that cost most agreement. Each unit's share of the observed disagreement is exact."""
    if not len(agreed.parts) or not agreed.parts.sum():
        return []
    share = agreed.parts / agreed.parts.sum()
    worst = np.argsort(-share, kind="stable")[:MOST_DISPUTED]
    return [
        {
            "unit": int(agreed.unit_codes[place]),
            "share": float(share[place]),
            "answers": [
                criterion.label_of(value)
                for value in np.sort(ratings.values[ratings.units == agreed.unit_codes[place]])
            ],
        }
        for place in worst
        if share[place] > 0
    ]
