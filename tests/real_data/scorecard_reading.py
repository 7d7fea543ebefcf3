"""Reads an exported scorecard as a stranger would: by names, from the JSON file."""

import csv
import json
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Exported:
    """The JSON export and the CSV export of one snapshot."""

    result: dict[str, Any]
    rows: list[dict[str, str]]

    @property
    def names(self) -> dict[int, str]:
        return {system["id"]: system["name"] for system in self.result["systems"]}

    def dimension(self, name: str) -> dict[str, Any]:
        return next(d for d in self.result["dimensions"] if d["name"] == name)

    def figures(self, dimension: str, side: str) -> dict[str, dict[str, Any]]:
        return {self.names[cell["system"]]: cell[side] for cell in self.dimension(dimension)["cells"]}

    def values(self, dimension: str, side: str, digits: int = 3) -> dict[str, float]:
        return {
            name: round(figure["value"], digits) for name, figure in self.figures(dimension, side).items()
        }


def make_and_export(definition: str, name: str, workspace: str) -> Exported:
    """Make the scorecard of `mappings/<definition>.json`, compute it, and read both exports back."""
    path = ROOT / "mappings" / f"{definition}.json"
    call_command(
        "scorecard", "create", "--workspace", workspace, "--definition", str(path), stdout=StringIO()
    )
    said = StringIO()
    call_command("scorecard", "export", name, "--workspace", workspace, "--compute", stdout=said)
    table = StringIO()
    call_command("scorecard", "export", name, "--workspace", workspace, "--format", "csv", stdout=table)
    return Exported(json.loads(said.getvalue()), list(csv.DictReader(StringIO(table.getvalue()))))
