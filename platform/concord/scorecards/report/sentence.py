"""What the data support and what they do not, in plain sentences, each with for whom it holds."""

from collections.abc import Mapping
from typing import Any

from concord.estimates.formatting import column_digits, estimate_parts, number

SOURCES = {
    "joint": "by people and machine together",
    "human": "by people",
    "automatic": "by the machine alone",
}
# Said where it is not on record that outputs were drawn at random, which is what a figure from both together rests on.
RESTS_ON = {
    "declared": "; that these were drawn at random is declared, not recorded",
    "unknown": "; these are not known to have been drawn at random",
}
MOST_NAMED = 3
MOST_CLAUSES = 2
Names = Mapping[int, str]


def answer(dimensions: list[dict[str, Any]], names: Names, family: Mapping[str, Any]) -> dict[str, Any]:
    """Return the sentence (of the primary or else the first dimensions), the clause of each, and what "better" means."""
    leading = [d for d in dimensions if d["primary"]] or dimensions[:MOST_CLAUSES]
    clauses = {d["name"]: clause(d, names) for d in dimensions}
    text = "; ".join(clauses[d["name"]] for d in leading[:MOST_CLAUSES]) + "."
    rest = [d for d in dimensions if d not in leading[:MOST_CLAUSES]]
    return {
        "answer": _capital(text) if dimensions else "There is nothing to compare yet.",
        "also": [_capital(clauses[d["name"]]) + "." for d in rest],
        "clauses": list(clauses.values()),
        "certainty": _certainty(family),
        "here": [here for dimension in dimensions if (here := _here(dimension, names))],
    }


def _certainty(family: Mapping[str, Any]) -> str:
    about = "Examples are taken as a sample of others like them."
    if family["size"] < 2:
        return f"{about} “Better” is said where the {_percent(family['confidence'])} interval of the difference leaves out none."
    return (
        f"{about} “Better” is said where the interval of a difference leaves out none; the {family['size']:,} intervals of all "
        f"comparisons that this page may state hold together at {_percent(family['confidence'])}."
    )


def _percent(share: float) -> str:
    return f"{number(100 * share)}\u00a0%"


def _here(dimension: dict[str, Any], names: Names) -> str:
    """Return what holds on the examples judged, where that is more than can be said of others."""
    found = dimension["on_these_examples"]
    if found is None or len(found["better_than"]) <= len(dimension["standing"]["better_than"]):
        return ""
    n, leader, better = found["examples"], names[found["leader"]], found["better_than"]
    everybody = len(better) == len(dimension["cells"]) - 1
    whom = _rest(better, names) if everybody else _listed(better, names)
    return (
        f"Only {n} examples were compared on {dimension['name']}, too few to say much about others. On these {n} alone, other "
        f"people like these raters would find {leader} better than {whom}."
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def clause(dimension: dict[str, Any], names: Names) -> str:
    """Return one dimension's part of the sentence."""
    standing = dimension["standing"]
    where = f"on {dimension['name']}"
    if not standing["first"]:
        return f"{where}, no system leads: {standing['why_not']}"
    where = f"{where}, {_source(dimension)}, {dimension['population']['words']}"
    first, n = standing["first"], len(dimension["cells"])
    if len(first) == n:
        everybody = "both" if n == 2 else f"all {n}"
        return f"{where}, {everybody} systems are level at {_quoted(dimension, first[0], interval=False)}"
    if len(first) > 1:
        who = _listed(first, names) if len(first) <= MOST_NAMED else f"{len(first)} of {n} systems"
        text = f"{where}, {who} share the first place at {_quoted(dimension, first[0], interval=False)}"
    else:
        text = f"{where}, {names[first[0]]} comes first{_with(dimension, first[0])}"
    if standing["baseline"] is not None:
        return f"{text}{_against_baseline(standing, names)}"
    return f"{text}{_told(standing, names)}{_untested(standing, names)}{_behind(standing, names)}"


def _source(dimension: dict[str, Any]) -> str:
    """Return whose answers these are; of both together also what the machine adds, and what is not on record."""
    source = SOURCES[dimension["standing"]["side"]]
    gain = dimension["joint_gain"]
    if dimension["standing"]["side"] != "joint" or gain is None:
        return source
    rests = RESTS_ON.get(dimension["choice"]["how"], "")
    return f"{source} (people alone would need {gain:.2g} times as many rated outputs{rests})"


def _with(dimension: dict[str, Any], system: int) -> str:
    return f" with {_quoted(dimension, system)}"


def _told(standing: Mapping[str, Any], names: Names) -> str:
    """Return from whom the leader can be told and from whom not."""
    better, equal = standing["better_than"], standing["not_told_from"]
    if not equal:
        everybody = not standing["behind"] and not standing["untested"]
        return (
            f" and is better than {_rest(better, names) if everybody else _listed(better, names)}"
            if better
            else ""
        )
    if not better:
        return f", but the data cannot tell it from {_listed(equal, names, all_of_them=True)}"
    told = f"is better than {_listed(better, names)}"
    return f" and {told}, but the data cannot tell it from {_listed(equal, names)}"


def _untested(standing: Mapping[str, Any], names: Names) -> str:
    untested = standing["untested"]
    if not untested:
        return ""
    return f"; there is no test against {_listed(untested, names, all_of_them=True)}"


def _behind(standing: Mapping[str, Any], names: Names) -> str:
    """Say so where the figures' order is not that of the comparison on shared examples."""
    behind = standing["behind"]
    if not behind:
        return ""
    verb = "is" if len(behind) == 1 else "are"
    return f"; yet on the examples that both answered, {_listed(behind, names)} {verb} better than it"


def _against_baseline(standing: Mapping[str, Any], names: Names) -> str:
    """Say how the others compare with the baseline, and nothing of them among themselves."""
    parts = []
    for kind, what in (("above", "better"), ("below", "worse")):
        systems = standing[kind]
        if systems:
            parts.append(f"{_listed(systems, names)} {'is' if len(systems) == 1 else 'are'} {what}")
    if standing["not_told_from"]:
        parts.append(
            f"the data cannot tell {_listed(standing['not_told_from'], names, all_of_them=True)} from it"
        )
    if standing["untested"]:
        parts.append(f"there is no test of {_listed(standing['untested'], names, all_of_them=True)}")
    return f"; against the baseline {names[standing['baseline']]}, {', '.join(parts)}" if parts else ""


def _quoted(dimension: dict[str, Any], system: int, *, interval: bool = True) -> str:
    """Return the figure by which the dimension is ranked, in the digits of its column."""
    figures = dimension["ranked_by"]["figures"]
    percent = dimension["ranked_by"]["scale"] == "percent"
    digits = column_digits(figures.values(), factor=100.0 if percent else 1.0)
    parts = estimate_parts(figures[str(system)], percent=percent, digits=digits)
    suffix = dimension["ranked_by"]["words"]
    shown = f"{parts.value} [{parts.low}, {parts.high}]" if parts.low and interval else parts.value
    return f"{shown} {suffix}" if suffix else shown


def _rest(systems: list[int], names: Names) -> str:
    if len(systems) == 1:
        return names[systems[0]]
    return "both others" if len(systems) == 2 else f"all {len(systems)} others"


def _listed(systems: list[int], names: Names, *, all_of_them: bool = False) -> str:
    """Return up to three names, or how many there are."""
    if len(systems) > MOST_NAMED:
        return f"any of {len(systems)} others" if all_of_them else f"{len(systems)} of the others"
    shown = [names[system] for system in systems]
    return (
        shown[0]
        if len(shown) == 1
        else f"{', '.join(shown[:-1])} {'or' if all_of_them else 'and'} {shown[-1]}"
    )
