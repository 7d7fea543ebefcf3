"""What the data support and what they do not, in one plain sentence."""

from collections.abc import Mapping
from typing import Any

from concord.core.services.figures import estimate_parts

SOURCES = {
    "joint": "by people and machine together",
    "human": "by people",
    "automatic": "by the machine alone",
}
MOST_NAMED = 3
MOST_CLAUSES = 2


def answer(dimensions: list[dict[str, Any]], names: Mapping[int, str], confidence: float) -> dict[str, Any]:
    """Return the sentence (of the first dimensions), the clause of each dimension, and how certain they are."""
    clauses = [clause(dimension, names) for dimension in dimensions]
    text = "; ".join(clauses[:MOST_CLAUSES]) + "."
    certainty = (
        "This is about other examples of the same kind, not only those judged here. “Better” means more than chance "
        f"explains, at {confidence:.0%} for all comparisons of a dimension together."
    )
    return {
        "answer": _capital(text) if clauses else "There is nothing to compare yet.",
        "also": [_capital(rest) + "." for rest in clauses[MOST_CLAUSES:]],
        "clauses": clauses,
        "certainty": certainty,
        "here": [here for dimension in dimensions if (here := _here(dimension, names))],
    }


def _here(dimension: dict[str, Any], names: Mapping[int, str]) -> str:
    """Return what holds on the examples judged, where that is more than can be said of others."""
    found = dimension["on_these_examples"]
    if found is None or len(found["better_than"]) <= len(dimension["standing"]["better_than"]):
        return ""
    n, leader, better = found["examples"], names[found["leader"]], found["better_than"]
    whom = _listed(better, names) if found["not_told_from"] or found["behind"] else _rest(better, names)
    return (
        f"Only {n} examples were compared on {dimension['name']}, too few to say much about others. On these {n} alone, other "
        f"people like these raters would find {leader} better than {whom}."
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def clause(dimension: dict[str, Any], names: Mapping[int, str]) -> str:
    """Return one dimension's part of the sentence."""
    standing, where = dimension["standing"], f"on {dimension['name']}"
    leader = standing["leader"]
    if leader is None:
        return f"{where}, no system leads: {standing['why_not']}"
    level = _level(dimension)
    if level:
        both = "both" if len(dimension["cells"]) == 2 else f"all {len(dimension['cells'])}"
        return f"{where}, {SOURCES[standing['side']]}, {both} systems are level at {level}"
    first = (
        f"{where}, {SOURCES[standing['side']]}, {names[leader]} comes first with {_figure(dimension, leader)}"
    )
    return f"{first}{_told(standing, names)}{_behind(standing, names)}"


def _told(standing: Mapping[str, Any], names: Mapping[int, str]) -> str:
    """Return from whom the leader can be told and from whom not."""
    better, equal = standing["better_than"], standing["not_told_from"]
    if not equal:
        everybody = not standing["behind"]
        return (
            f" and is better than {_rest(better, names) if everybody else _listed(better, names)}"
            if better
            else ""
        )
    if not better:
        return f", but the data cannot tell it from {_listed(equal, names, all_of_them=True)}"
    told = f"is better than {_listed(better, names)}"
    return f" and {told}, but the data cannot tell it from {_listed(equal, names)}"


def _behind(standing: Mapping[str, Any], names: Mapping[int, str]) -> str:
    """Say so where the figures' order is not that of the comparison on shared examples."""
    behind = standing["behind"]
    if not behind:
        return ""
    verb = "is" if len(behind) == 1 else "are"
    return f"; yet on the examples that both answered, {_listed(behind, names)} {verb} better than it"


def _level(dimension: dict[str, Any]) -> str:
    """Return the value that all systems have alike: then none comes first."""
    cells = [cell[dimension["standing"]["side"]] for cell in dimension["cells"]]
    values = {cell["value"] if cell else None for cell in cells}
    if len(values) > 1 or None in values:
        return ""
    return estimate_parts(cells[0], percent=dimension["is_share"]).value


def _figure(dimension: dict[str, Any], system: int) -> str:
    cell = next(cell for cell in dimension["cells"] if cell["system"] == system)
    parts = estimate_parts(cell[dimension["standing"]["side"]], percent=dimension["is_share"])
    return f"{parts.value} [{parts.low}, {parts.high}]" if parts.low else parts.value


def _rest(systems: list[int], names: Mapping[int, str]) -> str:
    if len(systems) == 1:
        return names[systems[0]]
    return "both others" if len(systems) == 2 else f"all {len(systems)} others"


def _listed(systems: list[int], names: Mapping[int, str], *, all_of_them: bool = False) -> str:
    """Return up to three names, or how many there are."""
    if len(systems) > MOST_NAMED:
        return f"any of the {len(systems)} others" if all_of_them else f"{len(systems)} of the others"
    shown = [names[system] for system in systems]
    return (
        shown[0]
        if len(shown) == 1
        else f"{', '.join(shown[:-1])} {'or' if all_of_them else 'and'} {shown[-1]}"
    )
