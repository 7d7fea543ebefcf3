"""What a reader should not conclude, drawn from the figures themselves."""

from collections.abc import Mapping
from typing import Any

from concord.core.services.figures import number
from concord.scorecards.services.figures import is_defined
from concord.scorecards.services.here import FEW_EXAMPLES
from concord.scorecards.services.join import ALIKE, NOT_ALIKE

WEAK_ALPHA = 0.667  # Krippendorff (2004), Content Analysis, p. 241: below this, draw no conclusions from single answers
WEAK_KAPPA = 0.4
MOST_NOTES = 2


def limits(dimensions: list[dict[str, Any]], names: Mapping[int, str]) -> list[str]:
    """Return sentences, each once, with the dimensions that it holds for."""
    found: dict[str, list[str]] = {}
    for dimension in dimensions:
        for sentence in dict.fromkeys(_of(dimension, names)):
            found.setdefault(sentence, []).append(dimension["name"])
    everything = len(dimensions) > 1
    return [_where(of, len(dimensions), everything) + sentence for sentence, of in found.items()]


def _where(of: list[str], n: int, several: bool) -> str:
    return "" if not several else "Every dimension: " if len(of) == n else f"{' · '.join(of)}: "


def _of(dimension: dict[str, Any], names: Mapping[int, str]) -> list[str]:
    return [
        *_judge(dimension, names),
        *_people(dimension),
        *_left_out(dimension),
        *_few(dimension),
        *_notes(dimension, names),
    ]


def simulated(dimensions: list[dict[str, Any]]) -> list[str]:
    """Return a sentence for every dimension whose people are programs."""
    names = [d["name"] for d in dimensions if d["study"] and d["study"]["simulated"]]
    return [f"{name}: the people's answers are simulated; no person gave them." for name in names]


def _judge(dimension: dict[str, Any], names: Mapping[int, str]) -> list[str]:
    report = dimension["trust"]
    if report is not None:
        return [*_agreement(report), *_errors(report, names, dimension["is_share"])]
    if dimension["automatic_given"] and not dimension["human_given"]:
        return ["no person judged these outputs, so nobody knows how far the machine is off."]
    return []


def _agreement(report: dict[str, Any]) -> list[str]:
    labels = report["labels"]
    kappa = labels and (labels["kappa"].get("weighted") or labels["kappa"])
    if not is_defined(kappa) or kappa["value"] >= WEAK_KAPPA:
        return []
    same, n = number(100 * labels["agreement"]["value"], 1), labels["agreement"]["n"]
    return [
        f"the machine is no stand-in for people: beyond chance they agree little "
        f"(kappa {number(kappa['value'], 2)}; the same answer on {same} % of {number(n)} {report['items']})."
    ]


def _errors(report: dict[str, Any], names: Mapping[int, str], is_share: bool) -> list[str]:
    wrong = [row for row in report["per_system"] if _is_off(row["error"])]
    if not wrong:
        return []
    worst = max(wrong, key=lambda row: abs(row["error"]["value"]))
    gap = worst["error"]["value"]
    shown = f"{number(100 * gap, 1)} points" if is_share else number(gap, 2)
    return [
        f"the machine is off for {len(wrong)} of {len(report['per_system'])} systems, "
        f"most for {names[worst['system']]} ({shown}): do not rank systems by it alone."
    ]


def _is_off(error: dict[str, Any]) -> bool:
    """Whether the machine's error is more than chance, among those of all systems."""
    p = error.get("p_adjusted")
    return is_defined(error) and p is not None and p <= 1 - error["confidence"]


def _people(dimension: dict[str, Any]) -> list[str]:
    alpha = dimension["people"]
    if alpha is None:
        return []
    if not is_defined(alpha):
        return [f"how far people agree is not known: {alpha['undefined']}."]
    if alpha["value"] < WEAK_ALPHA:
        return [
            f"people agree little on single {'pairs' if dimension['is_pairwise'] else 'outputs'} "
            f"(Krippendorff's alpha {number(alpha['value'], 2)}); trust averages, not single verdicts."
        ]
    return []


def _left_out(dimension: dict[str, Any]) -> list[str]:
    totals: dict[str, int] = {}
    for cell in dimension["cells"]:
        for side in ("human", "automatic"):
            for reason, count in (cell[side] or {"omitted": {}})["omitted"].items():
                totals[reason] = totals.get(reason, 0) + count
    found = []
    unparsed = totals.pop("unparsed", 0) if dimension["estimand"] == "rate" else 0
    if unparsed:
        found.append(
            f"{unparsed} answers of the machine are no label: counted in n, as none of the named labels."
        )
    cannot = (dimension["people"] or {}).get("cannot_judge", 0)
    if cannot:
        totals["answers “cannot judge”"] = cannot
    if totals:
        found.append(
            "not in the figures: " + ", ".join(f"{number(n)} {what}" for what, n in totals.items()) + "."
        )
    return found


def _few(dimension: dict[str, Any]) -> list[str]:
    counts = [
        cell[side]["examples"]
        for cell in dimension["cells"]
        for side in ("human", "automatic")
        if cell[side] and is_defined(cell[side])
    ]
    if counts and max(counts) < FEW_EXAMPLES:
        return [
            f"at most {max(counts)} different examples stand behind a figure, so little can be said of others like them: "
            "systems that cannot be told apart here need not be equal, and other examples may give another order."
        ]
    return []


def _notes(dimension: dict[str, Any], names: Mapping[int, str]) -> list[str]:
    """Return what stands beside people's figures, and beside joint ones what would make them wrong."""
    notes = [note for cell in dimension["cells"] for note in (cell["human"] or {"notes": []})["notes"]]
    joint = {cell["system"]: cell["joint"] for cell in dimension["cells"] if is_defined(cell["joint"])}
    assumed = [ALIKE] if joint else []
    unlike = [
        f"{names[system]}: {note}"
        for system, figure in joint.items()
        for note in figure["notes"]
        if note.endswith(NOT_ALIKE)
    ]
    return [*list(dict.fromkeys(notes))[:MOST_NOTES], *assumed, *unlike[:MOST_NOTES]]
