"""MACE: a rater either knows the answer or draws from a habit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, count, generator, one_of, repeats, shown
from concord.stats.aggregation._em import (
    Run,
    expected_counts,
    maximise,
    normalised,
    safe_log,
    settled_at,
    sweep,
)
from concord.stats.aggregation._labels import Labels, labels, non_negative, vote_shares
from concord.stats.aggregation._result import best_label, common, without_answer
from concord.stats.aggregation.one_coin import Reliable

METHOD = "MACE, accelerated EM"
_PREVALENCES = ("estimated", "uniform")
_MANY = 0.1  # labels that leave the majority, from where the result says so
_MOSTLY = 2 / 3  # of what is answered without knowing, from where habits count as one-sided


@dataclass(frozen=True, kw_only=True)
class Mace(Reliable):
    """``habit`` (R, K): what a rater answers without knowing; ``reliability`` (R,) the chance that the rater knows."""

    habit: FloatArray = field(repr=False)


def mace(
    units: ArrayLike,
    raters: ArrayLike,
    values: ArrayLike,
    *,
    categories: ArrayLike | None = None,
    gold_units: ArrayLike | None = None,
    gold_values: ArrayLike | None = None,
    prevalence: str = "estimated",
    smoothing: float = 0.1,
    n_restarts: int = 10,
    max_iterations: int = 10_000,
    tolerance: float | None = None,
    rng: np.random.Generator | None = None,
) -> Mace:
    """Return labels under the model that each rater either knows the answer or spams: good at finding spammers.

    Parameters
    ----------
    units, raters, values, categories, gold_units, gold_values, max_iterations, tolerance
        As in ``dawid_skene``.
    prevalence
        "estimated": how common each class is, is learnt from the ratings. "uniform": all classes are taken to be equally likely
        beforehand, as published; where one is in fact common, the model takes raters who rightly say it for spammers with that
        habit, and calls units otherwise than the majority does.
    smoothing
        Pseudo-counts of knowing, of not knowing, of every habitual answer, and of every class where the prevalence is estimated.
    n_restarts
        The likelihood has several maxima: the best of this many starts is taken (the first from the votes, the rest at random).

    Returns
    -------
    Mace
        ``prevalence`` is what was estimated; under "uniform" it is the mean posterior. A note says so where labels leave the
        majority in more than a tenth of the units while most habits point to one class. Undefined without ratings or with one
        category only.

    Raises
    ------
    InputError
        As ``dawid_skene``; an unknown ``prevalence``.

    Notes
    -----
    ``P(label j | true i) = a 1[i = j] + (1 - a) h_j``, and ``P(true i) = p_i`` (published: ``1 / K``). Hovy et al. (2013),
    "Learning whom to trust with MACE", NAACL.

    Examples
    --------
    >>> units, raters = [1, 1, 1, 2, 2, 2, 3, 3, 3], [0, 1, 2] * 3
    >>> mace(units, raters, [0, 0, 1, 1, 1, 1, 0, 0, 1]).label.tolist()
    [0.0, 1.0, 0.0]
    """
    max_iterations = count("max_iterations", max_iterations, at_least=1)
    n_restarts = repeats("n_restarts", n_restarts, at_least=1)
    smoothing = non_negative("smoothing", smoothing)
    learns = one_of("prevalence", prevalence, _PREVALENCES) == "estimated"
    table = labels(
        units, raters, values, categories=categories, gold_units=gold_units, gold_values=gold_values
    )
    k = table.n_categories
    if not table.n or k < 2:
        nothing = np.full(table.n_raters, np.nan)
        return Mace(
            **without_answer(table, METHOD), reliability=nothing, habit=np.full((table.n_raters, k), np.nan)
        )
    given = table.per_rater_label()
    runs = [
        maximise(
            lambda x: _step(table, given, x, smoothing, learns),
            start,
            lambda x: _project(table, x),
            max_iterations=max_iterations,
            tolerance=settled_at(table.n, tolerance),
        )
        for start in _starts(table, given, n_restarts, learns, generator(rng))
    ]
    return _result(table, given, max(runs, key=lambda run: float(run.trace[-1])), learns)


def _result(table: Labels, given: FloatArray, best: Run, learns: bool) -> Mace:
    classes, known, habit = _split(table, best.parameters)
    last = sweep(table, safe_log(classes), _log_confusion(known, habit), keep=True)
    fields = common(table, last.posterior, classes if learns else last.classes / table.n_units, best, METHOD)
    spent = ((given.sum(axis=1) * (1 - known))[:, None] * habit).sum(axis=0)
    notes = (*fields.pop("notes"), *_against_majority(table, fields["label"], spent, learns))
    return Mace(**fields, notes=notes, reliability=known, habit=habit)


def _against_majority(table: Labels, label: FloatArray, spent: FloatArray, learns: bool) -> tuple[str, ...]:
    """Say so where many labels leave the majority and most answers ``spent`` without knowing (K,) are the same."""
    shares = vote_shares(table)
    if table.gold is not None:
        shares = shares[np.isnan(table.gold).all(axis=1)]
        label = label[np.isnan(table.gold).all(axis=1)]
    voted = best_label(shares, table.categories)
    clear = ~np.isnan(voted)
    left = float((label[clear] != voted[clear]).mean()) if clear.any() else 0.0
    if left <= _MANY or spent.max() < _MOSTLY * spent.sum():
        return ()
    habitual = shown(table.categories[spent.argmax()].item())
    advice = (
        "compare with dawid_skene, or check some of these units" if learns else 'take prevalence="estimated"'
    )
    return (
        f"labels leave the majority in {left:.0%} of the units, and most answers given without knowing are {habitual}: "
        f"that class may simply be common; {advice}.",
    )


class _Parameters(NamedTuple):
    """Prevalence (K,), the chance of knowing (R,) and habits (R, K)."""

    prevalence: FloatArray
    knowing: FloatArray
    habits: FloatArray


def _split(table: Labels, parameters: FloatArray) -> _Parameters:
    """Return prevalence (K,), the chance of knowing (R,) and habits (R, K)."""
    k, r = table.n_categories, table.n_raters
    return _Parameters(parameters[:k], parameters[k : k + r], parameters[k + r :].reshape(r, k))


def _starts(
    table: Labels, given: FloatArray, n: int, learns: bool, rng: np.random.Generator
) -> list[FloatArray]:
    k, votes = table.n_categories, vote_shares(table)
    even = np.full(k, 1 / k)
    counts = expected_counts(table, votes)
    right = np.trace(counts, axis1=1, axis2=2) / np.maximum(given.sum(axis=1), 1.0)
    classes = votes.mean(axis=0) if learns else even
    starts = [np.concatenate([classes, np.clip(right, 0.05, 0.95), normalised(given + 1.0, 1).ravel()])]
    for _ in range(n - 1):
        habit = rng.dirichlet(np.ones(k), size=table.n_raters)
        starts.append(np.concatenate([even, rng.uniform(0.3, 0.95, size=table.n_raters), habit.ravel()]))
    return starts


def _log_confusion(known: FloatArray, habit: FloatArray) -> FloatArray:
    """Return (R, K label, K true)."""
    k = habit.shape[1]
    chance = np.repeat((1 - known)[:, None] * habit, k, axis=1).reshape(-1, k, k)
    chance[:, np.arange(k), np.arange(k)] += known[:, None]
    return safe_log(chance)


def _step(
    table: Labels, given: FloatArray, parameters: FloatArray, smoothing: float, learns: bool
) -> tuple[FloatArray, float]:
    classes, known, habit = _split(table, parameters)
    found = sweep(table, safe_log(classes), _log_confusion(known, habit))
    value = found.value
    if smoothing:
        value += smoothing * float(safe_log(known).sum() + safe_log(1 - known).sum() + safe_log(habit).sum())
        value += smoothing * float(safe_log(classes).sum()) if learns else 0.0
    right = np.diagonal(found.counts, axis1=1, axis2=2)
    chance = known[:, None] + (1 - known)[:, None] * habit
    knew = right * np.divide(known[:, None], chance, out=np.zeros_like(chance), where=chance > 0)
    again = (knew.sum(axis=1) + smoothing) / (given.sum(axis=1) + 2 * smoothing)
    spam = np.maximum(given - knew, 0.0) + smoothing
    after = normalised(found.classes + smoothing, 0) if learns else classes
    return np.concatenate([after, np.clip(again, 0.0, 1.0), normalised(spam, 1).ravel()]), value


def _project(table: Labels, parameters: FloatArray) -> FloatArray:
    classes, known, habit = _split(table, parameters)
    inside = np.clip(known, 1e-12, 1 - 1e-12)
    return np.concatenate([normalised(classes, 0), inside, normalised(np.maximum(habit, 1e-12), 1).ravel()])
