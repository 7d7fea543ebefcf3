"""The same figures on parts of the data: languages, topics, hazards."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from concord.estimates.arrays import Ints
from concord.estimates.enums import Scope
from concord.estimates.figure import Figure, undefined
from concord.estimates.levels import level
from concord.estimates.observations import Observations
from concord.estimates.question import Question
from concord.scorecards.report.reading import Reading

MOST_VALUES = 30
MOST_CELLS = 2000
FEWEST_EXAMPLES = 5


def by_slice(found: Reading) -> list[dict[str, Any]]:
    """Return figures per slice, value and system; a slice too long to read, or with one value, is named and left out."""
    return [
        _slice(name, values, found)
        for name, values in sorted(found.evidence.slices.items())
        if len(values) > 1
    ]


def _slice(name: str, values: Mapping[str, Ints], found: Reading) -> dict[str, Any]:
    if len(values) > MOST_VALUES or len(values) * len(found.systems) > MOST_CELLS:
        return {
            "slice": name,
            "values": [],
            "omitted": f"{len(values)} values for {len(found.systems)} systems are too many to show",
        }
    return {
        "slice": name,
        "values": [_value(value, examples, found) for value, examples in sorted(values.items())],
        "omitted": None,
    }


def _value(value: str, examples: Ints, found: Reading) -> dict[str, Any]:
    people = None if found.people is None else found.people.on(examples)
    machine = None if found.machine is None else found.machine.on(examples)
    cells = [
        {
            "system": system,
            "human": _figure(people, system, found.question, found.question.scope),
            "automatic": _figure(machine, system, found.question, Scope.EXAMPLES),
        }
        for system in found.systems
    ]
    return {"value": value, "examples": len(examples), "cells": cells}


def _figure(
    observed: Observations | None, system: int, question: Question, scope: Scope
) -> dict[str, Any] | None:
    if observed is None:
        return None
    found: Figure = level(observed.of(system), question, scope=scope)
    n = len(np.unique(observed.of(system).examples))
    if found.defined and n < FEWEST_EXAMPLES:
        reason = f"{n} examples: too few to say ({FEWEST_EXAMPLES} needed)"
        found = undefined(reason, n=found.n, confidence=found.confidence, population=found.population)
    return found.as_dict()
