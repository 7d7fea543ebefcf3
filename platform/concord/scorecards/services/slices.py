"""The same figures on parts of the data: languages, topics, hazards."""

from typing import Any

import numpy as np

from concord.scorecards.evidence import DimensionEvidence, Figure, IntArray
from concord.scorecards.services.automatic import automatic
from concord.scorecards.services.figures import undefined
from concord.scorecards.services.human import human

MOST_VALUES = 30
MOST_CELLS = 2000
FEWEST_EXAMPLES = 5


def by_slice(evidence: DimensionEvidence, systems: tuple[int, ...]) -> list[dict[str, Any]]:
    """Return figures per slice, value and system; a slice too long to read, or with one value, is named and left out."""
    return [
        _slice(name, values, evidence, systems)
        for name, values in sorted(evidence.slices.items())
        if len(values) > 1
    ]


def _slice(name: str, values: Any, evidence: DimensionEvidence, systems: tuple[int, ...]) -> dict[str, Any]:
    if len(values) > MOST_VALUES or len(values) * len(systems) > MOST_CELLS:
        return {
            "slice": name,
            "values": [],
            "omitted": f"{len(values)} values for {len(systems)} systems are too many to show",
        }
    return {
        "slice": name,
        "values": [_value(value, examples, evidence, systems) for value, examples in sorted(values.items())],
        "omitted": None,
    }


def _value(
    value: str, examples: IntArray, evidence: DimensionEvidence, systems: tuple[int, ...]
) -> dict[str, Any]:
    people = machine = None
    if evidence.ratings is not None:
        people = human(
            evidence.ratings.where(np.isin(evidence.ratings.examples, examples)), evidence.plan, systems
        )
    if evidence.scores is not None:
        machine = automatic(
            evidence.scores.where(np.isin(evidence.scores.examples, examples)), evidence.plan, systems
        )
    cells = [
        {"system": system, "human": _enough(people, system), "automatic": _enough(machine, system)}
        for system in systems
    ]
    return {"value": value, "examples": len(examples), "cells": cells}


def _enough(figures: dict[int, Figure] | None, system: int) -> Figure | None:
    if figures is None:
        return None
    found = figures[system]
    if found["undefined"] is None and found["examples"] < FEWEST_EXAMPLES:
        return undefined(
            f"{found['examples']} examples: too few to say ({FEWEST_EXAMPLES} needed)",
            n=found["n"],
            confidence=found["confidence"],
        )
    return found
