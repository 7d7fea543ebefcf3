"""The mapping as a form of columns: "what is this column?". For whatever the form cannot say there is the JSON."""

from typing import Any

from concord.catalog.importing.check import FILE
from concord.catalog.importing.proposal import Labels, mapping_from
from concord.catalog.importing.sample import Sample

ROLES: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("What is judged", (
        ("system", "System"),
        ("example", "Example (its own name)"),
        ("prompt", "Prompt"),
        ("output", "Output"),
        ("reference", "Reference answer"),
        ("slice", "Slice (language, topic...)"),
        ("epoch", "Epoch (which of several answers)"),
    )),
    ("Pairs", (
        ("left_system", "Left system"),
        ("right_system", "Right system"),
        ("left_output", "Left output"),
        ("right_output", "Right output"),
    )),
    ("People", (("rating", "Rating"), ("rater", "Rater"))),
    ("Machines", (("score", "Score"), ("scorer", "Scorer or judge"))),
    ("Both", (("criterion", "Criterion (one question per line)"),)),
    ("Speed and cost", (
        ("duration", "Latency"),
        ("input_tokens", "Tokens in"),
        ("output_tokens", "Tokens out"),
        ("cost", "Cost"),
    )),
)  # fmt: skip
KNOWN = {role for _, group in ROLES for role, _ in group}
FIELD_ROLES = {
    "system": "system",
    "left_system": "left_system",
    "right_system": "right_system",
    "example": "example",
    "epoch": "epoch",
    "prompt": "prompt",
    "reference": "reference",
    "text": "output",
    "rater": "rater",
    "scorer": "scorer",
    "criterion": "criterion",
    "duration_ms": "duration",
    "input_tokens": "input_tokens",
    "output_tokens": "output_tokens",
    "cost": "cost",
}


def roles_of(mapping: dict[str, Any]) -> dict[str, str]:
    """Column -> role, read back from a mapping."""
    found: dict[str, str] = {}
    for entry in mapping.get("records", []):
        for name, binding in entry.get("fields", {}).items():
            if name == "slices":
                found.update(
                    {
                        str(inner.get("column")): "slice"
                        for inner in binding.values()
                        if isinstance(inner, dict)
                    }
                )
            elif isinstance(binding, dict) and "column" in binding:
                role = _role(entry, name, mapping)
                if role:
                    found[str(binding["column"])] = role
    return found


def _role(entry: dict[str, Any], name: str, mapping: dict[str, Any]) -> str:
    if name == "value":
        return "rating" if entry.get("kind") == "ratings" else "score"
    if name == "text":
        others = [other for other in mapping["records"] if other.get("kind") == "outputs"]
        return (
            "output"
            if len(others) == 1
            else ("left_output" if others and others[0] is entry else "right_output")
        )
    if (
        name == "system"
        and entry.get("kind") == "outputs"
        and any("left_system" in other.get("fields", {}) for other in mapping["records"])
    ):
        return ""
    return FIELD_ROLES.get(name, "")


def with_roles(
    mapping: dict[str, Any], roles: dict[str, str], sample: Sample, *, names: dict[str, str], taken: Labels
) -> dict[str, Any]:
    """The mapping rebuilt from roles. Questions already defined keep their words, direction and labels."""
    known = {column: role for column, role in roles.items() if role in KNOWN and column in sample.columns}
    name = names.get("dataset") or mapping.get("dataset") or "Dataset"
    made = mapping_from(known, sample, name=name, taken=taken)
    before = {definition.get("slug"): definition for definition in mapping.get("criteria", [])}
    if "criteria" in made:
        made["criteria"] = [before.get(definition["slug"], definition) for definition in made["criteria"]]
    for entry in made["records"]:
        _keep(entry, mapping.get("records", []))
        if entry["kind"] == "ratings" and names.get("study"):
            entry["study"] = names["study"]
    kept: dict[str, Any] = {
        key: mapping[key] for key in (*FILE, "version") if key in mapping and key != "name"
    }
    return {**kept, **made}


def _keep(entry: dict[str, Any], before: list[dict[str, Any]]) -> None:
    """What was said about a column's values before stays said."""
    for old in before:
        if old.get("kind") != entry["kind"]:
            continue
        for name, binding in entry["fields"].items():
            earlier = old.get("fields", {}).get(name)
            if (
                isinstance(earlier, dict)
                and isinstance(binding, dict)
                and earlier.get("column") == binding.get("column", "")
            ):
                entry["fields"][name] = earlier


def study_name(mapping: dict[str, Any]) -> str:
    return next(
        (
            str(entry.get("study", ""))
            for entry in mapping.get("records", [])
            if entry.get("kind") == "ratings"
        ),
        "",
    )


def value_tables(
    mapping: dict[str, Any], labels: dict[str, list[dict[str, Any]]] | None = None
) -> list[dict[str, Any]]:
    """For each rating or score column: which value in the file stands for which number, and the labels to choose from."""
    found = []
    for place, entry in enumerate(mapping.get("records", [])):
        binding = entry.get("fields", {}).get("value")
        if isinstance(binding, dict) and isinstance(binding.get("map"), dict):
            table = {"place": place, "kind": entry.get("kind"), "column": binding.get("column", "")}
            known = (labels or {}).get(_criterion_of(entry), [])
            found.append({**table, "map": binding["map"], "labels": known})
    return found


def _criterion_of(entry: dict[str, Any]) -> str:
    bound = entry.get("fields", {}).get("criterion", {})
    return str(entry.get("criterion") or (bound.get("value") if isinstance(bound, dict) else ""))


def with_answers(mapping: dict[str, Any], answers: dict[str, str]) -> dict[str, Any]:
    """The mapping with what the form said about questions (`criterion-0-direction`...) and values (`value-2-0`)."""
    criteria = []
    for place, definition in enumerate(mapping.get("criteria", [])):
        said = {
            key: answers.get(f"criterion-{place}-{key}", "").strip()
            for key in ("name", "question", "direction", "level", "dimension")
        }
        labels = [
            {
                **label,
                "label": answers.get(f"label-{place}-{n}", "").strip() or label["label"],
                **_unsafe(answers, place, n, label),
            }
            for n, label in enumerate(definition.get("labels") or [])
        ]
        criteria.append(
            {
                **definition,
                **{key: value for key, value in said.items() if value},
                **({"labels": labels} if labels else {}),
            }
        )
    records = [dict(entry) for entry in mapping.get("records", [])]
    for table in value_tables(mapping):
        meant = {
            key: _number(answers.get(f"value-{table['place']}-{n}", "")) for n, key in enumerate(table["map"])
        }
        entry = records[table["place"]]
        binding = {
            **entry["fields"]["value"],
            "map": {key: value for key, value in meant.items() if value is not None},
        }
        entry["fields"] = {**entry["fields"], "value": binding}
    return {**mapping, **({"criteria": criteria} if criteria else {}), "records": records}


def _unsafe(answers: dict[str, str], place: int, n: int, label: dict[str, Any]) -> dict[str, bool]:
    ticked = answers.get(f"unsafe-{place}-{n}") == "on"
    return {"unsafe": ticked} if ticked or "unsafe" in label else {}


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return int(value) if value.is_integer() else value
