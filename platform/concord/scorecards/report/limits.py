"""What a reader should not conclude, drawn from the figures themselves."""

from collections.abc import Mapping
from typing import Any

from concord.estimates.formatting import number

FEW_EXAMPLES = 30
WEAK_ALPHA = 0.667  # Krippendorff (2004), Content Analysis, p. 241: below this, draw no conclusions from single answers
WEAK_KAPPA = 0.4
MOST_NOTES = 2
# What would make a joint figure wrong stands here even where many notes do.
ABOUT_JOINT = frozenset({"rated_unlike_rest"})
# What a joint figure rests on, by how the outputs were chosen that people judged.
RESTS_ON = {
    "drawn": "the outputs that people judged were drawn at random: the figure from both together rests on that.",
    "declared": "it is declared, not recorded, that the outputs people judged were drawn at random: the figure from both rests "
    "on that.",
    "unknown": "the figure from both together holds if the outputs that people judged are like those they did not.",
}


def limits(dimensions: list[dict[str, Any]], names: Mapping[int, str]) -> list[str]:
    """Return sentences, each once, with the dimensions that it holds for."""
    found: dict[str, list[str]] = {}
    for dimension in dimensions:
        for sentence in dict.fromkeys(_of(dimension, names)):
            found.setdefault(sentence, []).append(dimension["name"])
    several = len(dimensions) > 1
    return [_where(of, len(dimensions), several) + sentence for sentence, of in found.items()]


def simulated(dimensions: list[dict[str, Any]]) -> list[str]:
    """Return a sentence for every dimension whose people are programs."""
    names = [d["name"] for d in dimensions if d["study"] and d["study"]["simulated"]]
    return [f"{name}: the people's answers are simulated; no person gave them." for name in names]


def _where(of: list[str], n: int, several: bool) -> str:
    return "" if not several else "Every dimension: " if len(of) == n else f"{' · '.join(of)}: "


def _of(dimension: dict[str, Any], names: Mapping[int, str]) -> list[str]:
    return [
        *[note["text"] for note in dimension["scope_notes"]],
        *_judge(dimension, names),
        *_people(dimension),
        *_left_out(dimension),
        *_few(dimension),
        *_never_met(dimension, names),
        *_joint(dimension, names),
        *_notes(dimension),
    ]


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
    if not kappa or kappa["undefined"] is not None or kappa["value"] >= WEAK_KAPPA:
        return []
    same, n = number(100 * labels["agreement"]["value"], 1), labels["agreement"]["n"]
    return [
        f"the machine is no stand-in for people: beyond chance they agree little "
        f"(kappa {number(kappa['value'], 2)}; the same answer on {same} % of {number(n)} {report['items']})."
    ]


def _errors(report: dict[str, Any], names: Mapping[int, str], is_share: bool) -> list[str]:
    """Say for how many systems the machine is off: exactly where the table's intervals leave out 0."""
    wrong = [row for row in report["per_system"] if row["error"]["differs"]]
    if not wrong:
        return []
    worst = max(wrong, key=lambda row: abs(row["error"]["value"]))
    gap = worst["error"]["value"]
    shown = f"{number(100 * gap, 1)} points" if is_share else number(gap, 2)
    return [
        f"the machine is off for {len(wrong)} of {len(report['per_system'])} systems, "
        f"most for {names[worst['system']]} ({shown}): do not rank systems by it alone."
    ]


def _people(dimension: dict[str, Any]) -> list[str]:
    alpha = dimension["people"]
    if alpha is None:
        return []
    if alpha["undefined"] is not None:
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
            f"{number(unparsed)} answers of the machine are no label: counted in n, as none of the named labels."
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
        if cell[side] and cell[side]["undefined"] is None
    ]
    if counts and max(counts) < FEW_EXAMPLES:
        return [
            f"at most {max(counts)} different examples stand behind a figure, so little can be said of others like them: "
            "systems that cannot be told apart here need not be equal, and other examples may give another order."
        ]
    return []


def _never_met(dimension: dict[str, Any], names: Mapping[int, str]) -> list[str]:
    """Name the groups that were never compared with each other, once."""
    found = []
    for board in dimension["leaderboard"].values():
        groups = board["never_compared"]
        if len(groups) > 1:
            told = " | ".join(", ".join(names[system] for system in group) for group in groups)
            found.append(f"never compared with each other, so not ranked across: {told}.")
    return list(dict.fromkeys(found))


def _joint(dimension: dict[str, Any], names: Mapping[int, str]) -> list[str]:
    """Return what a joint figure assumes where one is shown, and where the check of it failed."""
    shown = {cell["system"]: cell["joint"] for cell in dimension["cells"] if cell["joint"]}
    defined = {system: figure for system, figure in shown.items() if figure["undefined"] is None}
    unlike = [
        f"{names[system]}: {note['text']}"
        for system, figure in defined.items()
        for note in figure["notes"]
        if note["code"] in ABOUT_JOINT
    ]
    choice = dimension["choice"]
    leading = [RESTS_ON[choice["how"]]] if dimension["standing"]["side"] == "joint" else []
    return [*leading, *_not_drawn(choice, known=bool(defined)), *unlike[:MOST_NOTES]]


def _not_drawn(choice: Mapping[str, str], *, known: bool) -> list[str]:
    """Say that people's figures need not hold for what they did not judge, where the machine judged more."""
    if not known or choice["how"] != "unknown":
        return []
    why = f" ({choice['why']})" if choice["why"] else ""
    return [
        f"nobody can show that the outputs people judged were drawn at random{why}: what people say holds for outputs like these."
    ]


def _notes(dimension: dict[str, Any]) -> list[str]:
    """Return what stands beside people's figures."""
    notes = [
        note["text"] for cell in dimension["cells"] for note in (cell["human"] or {"notes": []})["notes"]
    ]
    return list(dict.fromkeys(notes))[:MOST_NOTES]
