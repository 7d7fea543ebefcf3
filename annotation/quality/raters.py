"""The raters of a study side by side: how much, how fast, how close to the others; marks at a stated rate of false alarms."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from annotation.models import Rater
from concord.estimates.agreement import shares_alike
from concord.estimates.arrays import Floats, Ints, item_means
from concord.estimates.figure import from_estimate
from concord.estimates.ratings import Ratings
from concord.stats import comparison

HASTY = 1 / 3  # of the median rater's time per task
FEWEST = 10  # units shared with others before anything is said about a rater
FALSE_ALARMS = 0.05  # the chance that any rater is marked although all agree with the others alike


@dataclass(frozen=True, kw_only=True)
class Joined:
    """All criteria one after another, a row per rating; `same` is the share of the unit's other ratings that say the same."""

    raters: Ints
    units: Ints
    seconds: Floats
    same: Floats
    examples: Ints


def rater_table(ratings: Sequence[Ratings]) -> list[dict[str, Any]]:
    """One row per known rater, most ratings first. Anonymous ratings count among "the others" and get no row."""
    joined = _joined(ratings)
    known = np.unique(joined.raters[joined.raters >= 0])
    people = {one.pk: one for one in Rater.objects.filter(pk__in=known.tolist())}
    usual = _usual(joined, known)
    rows = [_row(people[int(code)], joined, joined.raters == code, usual) for code in known]
    _mark(rows, usual)
    return sorted(rows, key=lambda row: (-row["count"], row["name"]))


def _joined(ratings: Sequence[Ratings]) -> Joined:
    def column(name: str, kind: type) -> Any:
        empty: Any = np.zeros(0, dtype=kind)
        return np.concatenate([getattr(one, name) for one in ratings] or [empty]).astype(kind)

    same = [shares_alike(one.units, one.values) for one in ratings]
    return Joined(
        raters=column("raters", np.int64),
        units=column("units", np.int64),
        seconds=column("seconds", np.float64),
        same=np.concatenate(same or [np.zeros(0)]),
        examples=column("examples", np.int64),
    )


def _usual(joined: Joined, known: Ints) -> float | None:
    """The median rater's agreement with the others, where three or more raters show what is usual."""
    values = [
        float(np.nanmean(joined.same[mine]))
        for code in known
        if (mine := joined.raters == code).any() and not np.isnan(joined.same[mine]).all()
    ]
    return float(np.median(values)) if len(values) > 2 else None


def _row(rater: Rater, joined: Joined, mine: np.ndarray, usual: float | None) -> dict[str, Any]:
    timed = joined.seconds[mine & ~np.isnan(joined.seconds)]
    shared = mine & ~np.isnan(joined.same)
    examples, same = item_means(joined.examples[shared], joined.same[shared])
    found = comparison.mean(same, null=usual if usual is not None else 0.0)
    agreement = from_estimate(
        found, estimator="comparison.mean", n=len(examples), method="mean over examples, t interval"
    )
    return {
        "id": rater.pk,
        "name": rater.name,
        "is_simulated": rater.is_simulated,
        "count": len(np.unique(joined.units[mine])),
        "median_seconds": float(np.median(timed)) if len(timed) else None,
        "agreement": agreement.within((0.0, 1.0)).as_dict(),
        "p_value": found.p_value if found.value < (usual or 0.0) else 1.0,
        "attention": "",
    }


def _mark(rows: list[dict[str, Any]], usual: float | None) -> None:
    """Say which raters a designer should look at, and why. Over all rows, chance marks one in `FALSE_ALARMS` of the studies."""
    times = [row["median_seconds"] for row in rows if row["median_seconds"] is not None]
    middle = float(np.median(times)) if len(times) > 2 else None
    judged = [row for row in rows if row["count"] >= FEWEST]
    adjusted = comparison.holm(np.array([row["p_value"] for row in judged], dtype=np.float64)).p_values
    low = {row["id"] for row, p in zip(judged, adjusted, strict=True) if p <= FALSE_ALARMS}
    for row in judged:
        reasons = []
        if middle and row["median_seconds"] is not None and row["median_seconds"] < HASTY * middle:
            reasons.append(f"takes less than a third of the usual {middle:.0f} s")
        if usual is not None and _agrees_less(row, usual, low):
            reasons.append(f"agrees with the others less than is usual ({usual:.2f})")
        row["attention"] = "; ".join(reasons)
    for row in rows:
        del row["p_value"]


def _agrees_less(row: dict[str, Any], usual: float, low: set[int]) -> bool:
    """Whether the rater agrees less than is usual; without any spread between units, by the value alone."""
    seen = row["agreement"]
    if seen["low"] is None:
        return seen["value"] is not None and bool(seen["value"] < usual)
    return row["id"] in low
