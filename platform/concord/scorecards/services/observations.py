"""One shape for every estimate: an answer as a number, about an item of a system, on an example, by somebody."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from concord.scorecards.evidence import BoolArray, FloatArray, IntArray, Plan, Ratings, Scores

MACHINE = np.int64(-2)


@dataclass(frozen=True, kw_only=True)
class Observations:
    """`items` are outputs, or pairs (then each answer stands twice: as seen by the left system and by the right one).

    `values` is the label's number, 0/1 where a rate is asked for, 1/.5/0 for won, tied and lost; nan where unreadable.
    """

    systems: IntArray
    opponents: IntArray
    items: IntArray
    examples: IntArray
    raters: IntArray
    values: FloatArray
    unparsed: BoolArray

    def __len__(self) -> int:
        return len(self.values)

    def where(self, kept: BoolArray) -> "Observations":
        return Observations(**{name: array[kept] for name, array in vars(self).items()})

    def of(self, system: int) -> "Observations":
        return self.where(self.systems == system)

    def readable(self) -> "Observations":
        return self.where(~np.isnan(self.values))


def observe(evidence: Ratings | Scores, plan: Plan) -> Observations:
    """Return the answers in the terms of the estimand."""
    raters = evidence.raters if isinstance(evidence, Ratings) else np.full(len(evidence), MACHINE)
    values = numbers(evidence.values, plan)
    unparsed = np.isnan(evidence.values)
    if not plan.is_pairwise:
        return Observations(
            systems=evidence.systems,
            opponents=np.full(len(values), -1),
            items=evidence.outputs,
            examples=evidence.examples,
            raters=raters,
            values=values,
            unparsed=unparsed,
        )
    pairs = pair_codes(evidence.outputs, evidence.other_outputs)
    return Observations(
        systems=np.concatenate([evidence.systems, evidence.other_systems]),
        opponents=np.concatenate([evidence.other_systems, evidence.systems]),
        items=np.concatenate([pairs, pairs]),
        examples=np.tile(evidence.examples, 2),
        raters=np.tile(raters, 2),
        values=np.concatenate([values, 1 - values]),
        unparsed=np.tile(unparsed, 2),
    )


def numbers(values: FloatArray, plan: Plan) -> FloatArray:
    """Return the answers as what is averaged. An unreadable answer has none of the named labels: 0 in a rate, nan elsewhere."""
    if plan.is_pairwise:
        return mapped(values, plan.outcomes)
    if plan.estimand == "rate":
        return np.isin(values, np.array(plan.labels, dtype=np.float64)).astype(np.float64)
    return values


def mapped(values: FloatArray, table: Mapping[float, float]) -> FloatArray:
    result = np.full(len(values), np.nan)
    for value, number in table.items():
        result[values == value] = number
    return result


def pair_codes(outputs: IntArray, other_outputs: IntArray) -> IntArray:
    """Return one number per pair of outputs, whichever stands left, the same in every array."""
    return encode(np.minimum(outputs, other_outputs), np.maximum(outputs, other_outputs))


def encode(first: IntArray, second: IntArray) -> IntArray:
    """Return one number per pair of ids; ids of 2**31 and more would not fit and are refused rather than mixed up."""
    if len(first) and max(int(first.max()), int(second.max())) >= 2**31:
        raise OverflowError("ids of 2**31 and more cannot be paired in 64 bits")
    return first * np.int64(2**31) + second


@dataclass(frozen=True, kw_only=True)
class Items:
    """Answers averaged per item of one system: what a machine is compared with."""

    items: IntArray
    examples: IntArray
    values: FloatArray


def means(items: IntArray, values: FloatArray) -> tuple[IntArray, FloatArray]:
    """Return each item that has a value, and its mean value."""
    kept = ~np.isnan(values)
    known, place, count = np.unique(items[kept], return_inverse=True, return_counts=True)
    return known, np.bincount(place, weights=values[kept], minlength=len(known)) / count


def per_item(observed: Observations) -> Items:
    """Return each item's mean answer. `observed` holds readable answers of one system, so an item has one example."""
    items, first = np.unique(observed.items, return_index=True)
    return Items(
        items=items, examples=observed.examples[first], values=means(observed.items, observed.values)[1]
    )
