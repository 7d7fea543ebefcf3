"""Which estimators are behind the figures of a dimension: what a reader who checks one is led to."""

from collections.abc import Iterable
from typing import Any


def of_figures(d: dict[str, Any], sides: Iterable[str]) -> list[str]:
    """Return those of a table of figures that shows these sides."""
    shown = set(sides)
    found = []
    if shown & {"human", "automatic"}:
        found.append("comparison.clustered_proportion" if d["is_share"] else "comparison.mean")
    if "joint" in shown:
        found.append("joint.joint_level")
    return found


def of_differences(d: dict[str, Any]) -> list[str]:
    """Return those of the differences between systems, and of what being many does to them."""
    adjusted = ["comparison.holm"] if d["differences"]["comparisons"] > 1 else []
    if d["standing"]["side"] == "joint":
        return ["joint.joint_difference", *adjusted]
    if d["differences"]["scale"] == "log strength":
        return ["ranking.bradley_terry", *adjusted]
    return [*of_paired(d["differences"]["rows"], share=d["is_share"]), *adjusted]


def of_paired(rows: Iterable[dict[str, Any]], *, share: bool) -> list[str]:
    """Return those of differences on the same examples: of plain yes and no McNemar's, else that of paired means."""
    methods = [row["method"] for row in rows if row["method"] != "none"]
    plain = [share and "McNemar" in method for method in methods]
    means = ["comparison.paired_difference"] if not all(plain) or not plain else []
    return [*means, *(["comparison.mcnemar"] if any(plain) else [])]


def of_trust(report: dict[str, Any]) -> list[str]:
    """Return those of how far people and machine say the same."""
    labels = ["comparison.clustered_proportion", "agreement.cohen_kappa"] if report["labels"] else []
    numbers = report["numbers"]
    return [*labels, *(["comparison.bootstrap"] if numbers and not numbers["undefined"] else [])]
