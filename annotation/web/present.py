"""A study's figures as its page prints them: for one scope, and with the decimals of a column agreeing."""

from collections.abc import Iterable
from typing import Any

from concord.estimates.enums import Scope
from concord.estimates.formatting import aligned


def in_scope(content: dict[str, Any], scope: str) -> dict[str, Any]:
    """The figures as they hold for whom the reader asks about: the raters who answered, or where they can bear it others too."""
    criteria = []
    for one in content["criteria"]:
        other = one.get("other_raters")
        shown = {**one, **other} if other and scope == Scope.OTHER_RATERS else one
        criteria.append({**shown, "has_other_scope": bool(other)})
    return {**content, "criteria": criteria}


def in_columns(content: dict[str, Any]) -> dict[str, Any]:
    """The same figures, each told how many decimals its column has. `content` is changed in place and returned."""
    for criterion in content["criteria"]:
        systems = criterion.get("systems") or []
        aligned([one["mean"] for one in systems if one.get("mean")])
        for column in _columns(one.get("shares") or [] for one in systems):
            aligned([cell["share"] for cell in column], "percent")
        rows = (criterion.get("preferences") or {}).get("rows") or []
        aligned([row["win_rate"] for row in rows], "percent")
        aligned([row["log_strength"] for row in rows])
    aligned([rater["agreement"] for rater in content.get("raters") or []], "percent")
    return content


def _columns(rows: Iterable[list[dict[str, Any]]]) -> Iterable[tuple[dict[str, Any], ...]]:
    """The columns of a table given by its rows: every system has a share for every answer."""
    return zip(*rows, strict=True)
