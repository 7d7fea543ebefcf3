"""The raters of a study side by side: how much, how fast, how close to the others."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.models import Rater
from annotation.selectors.agreeing import shares_alike
from annotation.selectors.long_form import Ratings
from concord.catalog.models import Criterion
from concord.stats import comparison

HASTY = 1 / 3  # of the median rater's time per task
FEWEST = 10  # ratings shared with others before anything is said about a rater


def rater_table(criteria: Sequence[Criterion], ratings: Mapping[int, Ratings]) -> list[dict[str, Any]]:
    """One row per known rater, most ratings first. Anonymous ratings count among "the others" and get no row."""
    raters, units, seconds, same, examples = _joined(criteria, ratings)
    known = np.unique(raters[raters >= 0])
    people = {one.pk: one for one in Rater.objects.filter(pk__in=known.tolist())}
    rows = [_row(people[int(code)], raters == code, units, seconds, same, examples) for code in known]
    _mark(rows)
    return sorted(rows, key=lambda row: (-row["count"], row["name"]))


def _joined(criteria: Sequence[Criterion], ratings: Mapping[int, Ratings]) -> tuple[NDArray[Any], ...]:
    """All criteria one after another: rater, unit, seconds, agreement with the others, example."""
    longs = [ratings[one.pk] for one in criteria] or []
    empty: NDArray[Any] = np.zeros(0)
    return (
        np.concatenate([long.raters for long in longs] or [empty]).astype(np.int64),
        np.concatenate([long.units for long in longs] or [empty]).astype(np.int64),
        np.concatenate([long.seconds for long in longs] or [empty]),
        np.concatenate([shares_alike(long.units, long.values) for long in longs] or [empty]),
        np.concatenate([long.examples for long in longs] or [empty]).astype(np.int64),
    )


def _row(
    rater: Rater,
    mine: NDArray[np.bool_],
    units: NDArray[np.int64],
    seconds: NDArray[np.float64],
    same: NDArray[np.float64],
    examples: NDArray[np.int64],
) -> dict[str, Any]:
    timed = seconds[mine & ~np.isnan(seconds)]
    shared = mine & ~np.isnan(same)
    return {
        "id": rater.pk,
        "name": rater.name,
        "is_simulated": rater.is_simulated,
        "count": len(np.unique(units[mine])),
        "median_seconds": float(np.median(timed)) if len(timed) else None,
        "agreement": dict(comparison.mean(same[shared], clusters=examples[shared]).as_dict()),
        "attention": "",
    }


def _mark(rows: list[dict[str, Any]]) -> None:
    """Say which raters a designer should look at, and why."""
    times = [row["median_seconds"] for row in rows if row["median_seconds"] is not None]
    middle = float(np.median(times)) if len(times) > 2 else None
    values = [row["agreement"]["value"] for row in rows if row["agreement"]["value"] is not None]
    usual = float(np.median(values)) if len(values) > 2 else None
    for row in rows:
        reasons = []
        if row["count"] < FEWEST:
            continue
        if middle and row["median_seconds"] is not None and row["median_seconds"] < HASTY * middle:
            reasons.append(f"takes less than a third of the usual {middle:.0f} s")
        seen = row["agreement"]
        most = (
            seen["value"] if seen["high"] is None else seen["high"]
        )  # no interval where every rating fared the same
        if usual is not None and most is not None and most < usual:
            reasons.append(f"agrees with the others less than is usual ({usual:.2f})")
        row["attention"] = "; ".join(reasons)
