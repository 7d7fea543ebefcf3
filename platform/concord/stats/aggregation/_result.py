"""What the label models have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from concord.stats._arrays import FloatArray, IntArray
from concord.stats._results import Record
from concord.stats.aggregation._em import Run
from concord.stats.aggregation._labels import Labels, float_labels

EMPTY = "there are no ratings"
ALONE = "there is one category only: raters cannot be told apart"


@dataclass(frozen=True, kw_only=True)
class Aggregated(Record):
    """Labels of U units from R raters in K categories.

    ``posterior`` (U, K) are soft labels, ``label`` (U,) the likeliest category (nan where two are equally likely),
    ``prevalence`` (K,) the share of each category, ``log_likelihood`` the objective after every accepted step (with smoothing or
    priors, plus their log-density), which never falls. ``undefined`` says why there is no answer.
    """

    unit_codes: IntArray = field(repr=False)
    rater_codes: IntArray = field(repr=False)
    categories: NDArray[Any]
    posterior: FloatArray = field(repr=False)
    label: FloatArray = field(repr=False)
    prevalence: FloatArray
    log_likelihood: FloatArray = field(repr=False)
    converged: bool
    iterations: int
    n: int
    method: str
    undefined: str | None = None
    notes: tuple[str, ...] = ()
    omitted: Mapping[str, int] = field(default_factory=dict)


def common(
    table: Labels, posterior: FloatArray, prevalence: FloatArray, run: Run, method: str
) -> dict[str, Any]:
    """Return the shared fields."""
    restless = () if run.converged else (f"the iterations had not settled after {run.iterations} steps.",)
    return {
        "unit_codes": table.data.unit_codes,
        "rater_codes": table.rater_codes,
        "categories": table.categories,
        "posterior": posterior,
        "label": best_label(posterior, table.categories),
        "prevalence": prevalence,
        "log_likelihood": run.trace,
        "converged": run.converged,
        "iterations": run.iterations,
        "n": table.n,
        "method": method,
        "notes": (*table.notes, *restless),
        "omitted": table.data.omitted,
    }


def nothing(table: Labels, method: str) -> dict[str, Any]:
    """Return the shared fields where there are no ratings."""
    run = Run(np.empty(0), np.empty(0), False, 0)
    k = table.n_categories
    fields = common(table, np.empty((0, k)), np.full(k, np.nan), run, method)
    return {**fields, "undefined": EMPTY, "notes": ()}


def without_answer(table: Labels, method: str) -> dict[str, Any]:
    """Return the shared fields of a model of raters where there are no ratings, or only one category."""
    if not table.n:
        return nothing(table, method)
    settled = Run(np.empty(0), np.empty(0), True, 0)
    only = np.ones((table.n_units, 1))
    return {**common(table, only, np.ones(1), settled, method), "undefined": ALONE}


def best_label(posterior: FloatArray, categories: NDArray[Any]) -> FloatArray:
    """Return the likeliest category, (U,), as float; nan where the first two are equal to within rounding."""
    if not posterior.size:
        return np.full(len(posterior), np.nan)
    names = float_labels(categories)
    best = posterior.argmax(axis=1)
    top = posterior[np.arange(len(best)), best]
    tied = (posterior >= top[:, None] - 1e-9).sum(axis=1) > 1
    return np.where(tied, np.nan, names[best])
