"""A card for every rater: how often right, what is confused with what, and whether the answers follow the units at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import FloatArray, as_floats, fraction, shown, tally
from concord.stats._binomial import wilson
from concord.stats._results import NAN, Estimate, Record
from concord.stats.aggregation._em import expected_counts, normalised, safe_log
from concord.stats.aggregation._labels import Labels, labels
from concord.stats.aggregation.dawid_skene import dawid_skene

_MOSTLY_WRONG = 0.4  # of the answers of one class, held to be right


@dataclass(frozen=True, kw_only=True)
class RaterCard(Record):
    """One rater against the reference. ``confusion`` (K true, K given) holds (expected) counts.

    ``spam_score`` is 1 where the answers do not depend on the true class (always the same, or at random) and 0 for a
    rater who tells all classes apart without error; nan with fewer than two classes met. It squares: two classes and right so
    often in each, it is .36 at 90 %, .75 at 75 %, .96 at 60 %. Above .9 is hardly better than chance.
    """

    rater: int
    n: int
    confusion: FloatArray
    reliability: Estimate
    spam_score: float


def rater_cards(
    units: ArrayLike,
    raters: ArrayLike,
    values: ArrayLike,
    *,
    categories: ArrayLike | None = None,
    gold_units: ArrayLike | None = None,
    gold_values: ArrayLike | None = None,
    smoothing: float = 0.5,
    confidence: float = 0.95,
) -> tuple[RaterCard, ...]:
    """Return a card per rater, against known answers where they are given, else against the other raters.

    Parameters
    ----------
    units, raters, values, categories
        As in ``dawid_skene``.
    gold_units, gold_values
        (g,) units with a known answer, and the answers. With them only the ratings of those units count. Without them, each
        rater is compared with what all ratings say under ``dawid_skene``.
    smoothing
        As in ``dawid_skene``.

    Returns
    -------
    tuple of RaterCard
        In the order of the rater codes (the pooled anonymous rater, -1, last). ``reliability`` is undefined where
        nothing could be compared. Its interval is Wilson's; without known answers a rating counts only as far as the
        other ratings of its unit tell the true class, which is an approximation, and too narrow where a class is so rare that
        most answers of it are slips: a note says so.

    Raises
    ------
    InputError
        As ``dawid_skene``.

    Notes
    -----
    Spam score: ``1 - sum_{i < j} sum_k (c_ik - c_jk)**2 / (K (K - 1))`` over the classes met, with c the rows of
    shares: Raykar & Yu (2012), "Eliminating spammers and ranking annotators for crowdsourced labeling tasks", JMLR 13.

    Examples
    --------
    >>> known = {"gold_units": [1, 2, 3], "gold_values": [0, 1, 0]}
    >>> cards = rater_cards([1, 2, 3, 1, 2, 3], [0, 0, 0, 1, 1, 1], [0, 1, 0, 0, 0, 0], **known)
    >>> [(card.rater, card.n, round(card.reliability.value, 2), card.spam_score) for card in cards]
    [(0, 3, 1.0, 0.0), (1, 3, 0.67, 1.0)]
    """
    confidence = fraction("confidence", confidence)
    table = labels(
        units, raters, values, categories=categories, gold_units=gold_units, gold_values=gold_values
    )
    if not table.n:
        return ()
    notes: tuple[str, ...] = ()
    if table.gold is not None:
        known = np.nan_to_num(table.gold, nan=0.0)
        counts, method = expected_counts(table, known).transpose(0, 2, 1), "against known answers"
        worth = counts.sum(axis=(1, 2))
    else:
        counts, worth = _against_others(table, units, raters, values, smoothing)
        method, notes = "against the other raters (Dawid-Skene)", _rarely_right(table, counts.sum(axis=0))
    return tuple(
        _card(int(code), rows, float(known_n), method, confidence, notes)
        for code, rows, known_n in zip(table.rater_codes, counts, worth, strict=True)
    )


def _against_others(
    table: Labels, units: ArrayLike, raters: ArrayLike, values: ArrayLike, smoothing: float
) -> tuple[FloatArray, FloatArray]:
    """Return (R, K true, K given) expected counts under the model, and how many ratings' worth of knowledge is behind each (R,).

    A rating counts as far as the *other* ratings of its unit tell the true class: one less their remaining entropy.
    """
    fitted = dawid_skene(units, raters, values, categories=table.categories, smoothing=smoothing)
    posterior = fitted.posterior[table.data.unit]
    k, r = table.n_categories, table.n_raters
    key = table.rater * k + table.category
    counts = np.stack([tally(key, r * k, posterior[:, true]) for true in range(k)]).reshape(k, r, k)
    score = safe_log(posterior) - safe_log(fitted.confusion)[table.rater, :, table.category]
    others = normalised(np.exp(score - score.max(axis=1, keepdims=True)), 1)
    entropy = -(others * safe_log(others)).sum(axis=1) / np.log(max(k, 2))
    lone = np.bincount(table.data.unit, minlength=table.n_units)[table.data.unit] < 2
    knowledge = np.where(lone, 0.0, np.clip(1 - entropy, 0.0, 1.0))
    return as_floats(counts.transpose(1, 0, 2)), tally(table.rater, r, knowledge)


def _rarely_right(table: Labels, counts: FloatArray) -> tuple[str, ...]:
    """Warn of the answer that is held to be wrong most often, where it mostly is: slips drown so rare a class."""
    given = counts.sum(axis=0)
    right = np.divide(np.diag(counts), given, out=np.ones_like(given), where=given > 0)
    worst = int(right.argmin())
    if right[worst] >= _MOSTLY_WRONG:
        return ()
    answer = shown(table.categories[worst].item())
    return (
        f"only {right[worst]:.0%} of the answers {answer} are held to be right: where a class is so rare, "
        "raters seem worse than they are and intervals are too narrow; known answers would tell.",
    )


def _card(
    code: int, counts: FloatArray, worth: float, method: str, confidence: float, notes: tuple[str, ...]
) -> RaterCard:
    total = float(counts.sum())
    n = round(total)
    if worth <= 1e-6:
        reason = "no unit that this rater rated has anything to compare with"
        reliability = Estimate(value=NAN, confidence=confidence, method="none", n=0, undefined=reason)
        return RaterCard(rater=code, n=0, confusion=counts, reliability=reliability, spam_score=NAN)
    share = min(max(float(np.trace(counts)) / total, 0.0), 1.0)
    low, high = wilson(share, worth, confidence)
    reliability = Estimate(
        value=share,
        low=low,
        high=high,
        confidence=confidence,
        method=f"share right {method}, Wilson interval",
        n=n,
        standard_error=float(np.sqrt(share * (1 - share) / worth)),
        notes=notes,
    )
    return RaterCard(
        rater=code, n=n, confusion=counts, reliability=reliability, spam_score=_spam_score(counts)
    )


def _spam_score(counts: FloatArray) -> float:
    met = counts.sum(axis=1) > 1e-9
    k = int(met.sum())
    if k < 2:
        return NAN
    rows = normalised(counts[met], 1)
    apart = np.square(rows[:, None, :] - rows[None, :, :]).sum() / 2
    return float(1 - apart / (k * (k - 1)))
