"""One shape for every estimate: an answer as a number, about an item of a system, on an example, by somebody."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from concord.estimates.arrays import Bools, Columns, Floats, Ints, equal_weights, item_means, pair_codes
from concord.estimates.question import Question
from concord.estimates.ratings import Ratings
from concord.estimates.scores import Scores

MACHINE = np.int64(-2)


@dataclass(frozen=True, kw_only=True)
class Observations(Columns):
    """`items` are outputs, or pairs (then each answer stands twice: as seen by the left system and by the right one).

    `values` is the label's number, 0/1 where a rate is asked for, 1/.5/0 for won, tied and lost; nan where unreadable. `raters`
    is -1 for an anonymous person and -2 (`MACHINE`) for a machine.
    """

    systems: Ints
    opponents: Ints
    items: Ints
    examples: Ints
    raters: Ints
    values: Floats
    unparsed: Bools

    ORDER: ClassVar[tuple[str, ...]] = ("systems", "examples", "items", "opponents", "raters", "values")

    @property
    def by_machine(self) -> bool:
        return bool((self.raters == MACHINE).any())

    def of(self, system: int) -> "Observations":
        return self.where(self.systems == system)

    def on(self, examples: Ints) -> "Observations":
        return self.where(np.isin(self.examples, examples))

    def readable(self) -> "Observations":
        return self.where(~np.isnan(self.values))


def observe(evidence: Ratings | Scores, question: Question) -> Observations:
    """Return the answers in the terms of the question, in the one order. Do it once per side and hand it down."""
    raters = evidence.raters if isinstance(evidence, Ratings) else np.full(len(evidence), MACHINE)
    values = question.numbers(evidence.values)
    unparsed = np.isnan(evidence.values)
    if not question.is_pairwise:
        return Observations(
            systems=evidence.systems,
            opponents=np.full(len(values), -1),
            items=evidence.outputs,
            examples=evidence.examples,
            raters=raters,
            values=values,
            unparsed=unparsed,
        ).in_order()
    pairs = pair_codes(evidence.outputs, evidence.other_outputs)
    return Observations(
        systems=np.concatenate([evidence.systems, evidence.other_systems]),
        opponents=np.concatenate([evidence.other_systems, evidence.systems]),
        items=np.concatenate([pairs, pairs]),
        examples=np.tile(evidence.examples, 2),
        raters=np.tile(raters, 2),
        values=np.concatenate([values, 1 - values]),
        unparsed=np.tile(unparsed, 2),
    ).in_order()


@dataclass(frozen=True, kw_only=True)
class Items:
    """Answers averaged per item of one system: what a machine is compared with. `items` are sorted."""

    items: Ints
    examples: Ints
    values: Floats


def per_item(observed: Observations) -> Items:
    """Return each item's mean answer. `observed` holds readable answers of one system, so an item has one example."""
    items, first = np.unique(observed.items, return_index=True)
    return Items(
        items=items, examples=observed.examples[first], values=item_means(observed.items, observed.values)[1]
    )


def per_example(observed: Observations) -> Items:
    """Return the mean answer per example, outputs of one example counting the same."""
    outputs = per_item(observed)
    examples, values = item_means(outputs.examples, outputs.values)
    return Items(items=examples, examples=examples, values=values)


def balanced_weights(observed: Observations) -> Floats:
    """Return weights with which examples count the same, in each its outputs, however many people judged them."""
    _, first, place = np.unique(observed.items, return_index=True, return_inverse=True)
    weights: Floats = equal_weights(observed.items) * equal_weights(observed.examples[first])[place]
    return weights
