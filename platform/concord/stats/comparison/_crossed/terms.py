"""Which random terms a design can tell apart, and what is said of those that it cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from concord.stats._arrays import FloatArray, IntArray, compact
from concord.stats.comparison._mixed.layout import CELL, GROUP, NOISE, OUTER, Fixed, Layout, layout
from concord.stats.comparison._mixed.likelihood import Solved, information_of, projected
from concord.stats.comparison._mixed.reml import start

TERMS = ("noise", "example", "rater", "system_example", "system_rater")
WORDS = {
    "noise": "noise",
    "example": "examples",
    "rater": "raters",
    "system_example": "system x example",
    "system_rater": "system x rater",
}
_PROBES = 4
_ALONE = 1e-9  # of a term's information: what must be left of it beside the terms before it


@dataclass(frozen=True)
class Answers:
    """Rows in one order, coded from 0: ``system``, ``example``, ``rater``, ``value``."""

    value: FloatArray
    system: IntArray
    example: IntArray
    rater: IntArray
    n_systems: int

    def cells(self, other: IntArray) -> IntArray:
        """Return the code of every row's pair of system and example (or rater)."""
        return compact(other * np.int64(self.n_systems) + self.system)[0]


@dataclass(frozen=True)
class Model:
    """The design laid out: where each term's variance stands, which are left out and why, and the merged row of every row."""

    data: Layout
    row: IntArray
    place: dict[str, int]
    left_out: dict[str, str]
    first: Solved


def model(answers: Answers, fixed: Fixed, *, random_raters: bool) -> Model:
    """Return the model with all terms that the design can tell apart."""
    levels = _levels(answers, random_raters)
    left_out = {} if random_raters else dict.fromkeys(("rater", "system_rater"), "fixed")
    left_out |= _same(levels, len(answers.value))
    kept = {name: codes for name, codes in levels.items() if name not in left_out}
    found = _laid_out(answers, fixed, kept, left_out)
    aliased = _aliased(found)
    if not aliased:
        return found
    kept = {name: codes for name, codes in kept.items() if name not in aliased}
    return _laid_out(answers, fixed, kept, {**left_out, **aliased})


def _levels(answers: Answers, random_raters: bool) -> dict[str, IntArray]:
    levels = {"example": answers.example}
    if random_raters:
        levels["rater"] = answers.rater
    levels["system_example"] = answers.cells(answers.example)
    if random_raters:
        levels["system_rater"] = answers.cells(answers.rater)
    return levels


def _same(levels: dict[str, IntArray], n: int) -> dict[str, str]:
    """Return the terms that are one level, or level by level the same as the noise or as an earlier term."""
    found: dict[str, str] = {}
    for name, codes in levels.items():
        size, parent = int(codes.max()) + 1, name.removeprefix("system_")
        if size == n:
            found[name] = "same as noise"
        elif size == 1:
            found[name] = "one level"
        elif parent != name and size == int(levels[parent].max()) + 1:
            found[name] = f"same as {parent}"
    return found


def _laid_out(answers: Answers, fixed: Fixed, kept: dict[str, IntArray], left_out: dict[str, str]) -> Model:
    """Eliminate the side with more levels: examples, or raters where they are more."""
    inner, outer = "example", "rater"
    if len(kept.get("rater", ())) and int(answers.rater.max()) > int(answers.example.max()):
        inner, outer = outer, inner
    by = {"example": answers.example, "rater": answers.rater}
    group = by[inner]
    cell = kept.get(f"system_{inner}", group)
    names = [name for name in (outer, f"system_{outer}") if name in kept]
    data, row = layout(answers.value, fixed, group, cell, tuple(kept[name] for name in names))
    place = {"noise": NOISE, inner: GROUP, f"system_{inner}": CELL}
    place |= {name: OUTER + at for at, name in enumerate(names)}
    place = {name: place[name] for name in TERMS if name == "noise" or name in kept}
    return Model(data, row, place, left_out, start(data, tuple(place.values())))


def _aliased(found: Model) -> dict[str, str]:
    """Return the terms that fixed effects take up, or that are a mixture of terms before them.

    ``V_k P y`` of all terms k are computed for random y: they depend on each other only where the terms do.
    """
    data, places, rng = found.data, tuple(found.place.values()), np.random.default_rng(0)
    table = np.zeros((len(places), len(places)))
    for _ in range(_PROBES):
        y = rng.normal(size=len(data.y)) / np.sqrt(data.weight)
        u = projected(found.first, y[:, None])[:, 0]
        table += information_of(found.first, u, float(data.n - len(y)), places)[1]
    held: list[int] = []
    out: dict[str, str] = {}
    for at, name in enumerate(found.place):
        own, whole = float(table[at, at]), float(table[0, 0])
        if own <= _ALONE * whole:
            out[name] = "taken up by the systems"
            continue
        if held:
            part = table[np.ix_(held, held)]
            left = own - float(table[at, held] @ np.linalg.lstsq(part, table[held, at], rcond=None)[0])
            if left <= _ALONE * own:
                out[name] = "a mixture of the others"
                continue
        held.append(at)
    out.pop("noise", None)
    return out


def speaks_of(side: str, levels: int, left_out: Mapping[str, str]) -> bool:
    """Whether figures hold for others than these raters (or examples): there are several, and not each system's own one."""
    taken = [left_out.get(name, "") for name in (side, f"system_{side}")]
    return levels > 1 and "taken up by the systems" not in taken and "fixed" not in taken


def notes(answers: Answers, left_out: Mapping[str, str]) -> tuple[str, ...]:
    """Say what the design cannot tell apart, and for whom the figures therefore hold."""
    said, own = [], []
    for side, codes in (("rater", answers.rater), ("example", answers.example)):
        levels = int(codes.max()) + 1
        if levels == 1:
            said.append(f"one {side}: the figures hold for this {side}.")
        elif left_out.get(side) == "fixed":
            said.append(
                f"raters are fixed: the figures hold for these {levels} raters, each counting the same."
            )
        elif not speaks_of(side, levels, left_out):
            own.append(side)
            said.append(f"each system has one {side} of its own: the figures hold for these {side}s.")
    hidden = [WORDS[name] for name, why in left_out.items() if why == "same as noise"]
    if hidden:
        said.append(f"{' and '.join(hidden)} cannot be told from noise, which holds both: one answer each.")
    if answers.n_systems > 1:
        for name, why in left_out.items():
            if why in ("same as example", "same as rater") and why[8:] not in own:
                said.append(
                    f"no {why[8:]} has answers for two systems: {WORDS[name]} is part of {WORDS[why[8:]]}."
                )
    mixed = [WORDS[name] for name, why in left_out.items() if why.startswith("a mixture")]
    if mixed:
        said.append(f"{' and '.join(mixed)} cannot be told apart from the other terms in this design.")
    return tuple(said)


def shared(system: IntArray, other: IntArray, s: int) -> IntArray:
    """Return how many examples (or raters) each two systems share."""
    pairs = np.unique(other * np.int64(s) + system)
    seen = sparse.coo_array(
        (np.ones(len(pairs)), (pairs // s, pairs % s)), shape=(int(other.max()) + 1, s)
    ).tocsr()
    return np.asarray((seen.T @ seen).todense()).round().astype(np.int64)


def unlinked(examples: IntArray, raters: IntArray) -> list[str]:
    """Say which groups of systems no shared example or rater links."""
    n, _ = csgraph.connected_components((examples > 0) | (raters > 0), directed=False)
    if n < 2:
        return []
    return [
        f"{n} groups of systems share neither examples nor raters: differences between them rest on different ones."
    ]
