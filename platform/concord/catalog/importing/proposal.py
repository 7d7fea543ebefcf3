"""A first mapping for a file: columns are told by their names and by what stands in them. People correct it.

What cannot be told is left open and refused by the check: which end of a scale is good is never guessed.
"""

import re
from pathlib import PurePath
from typing import Any

from concord.catalog.criteria.definition import labels_of
from concord.catalog.importing.roles import MACHINE, MANY, guess_roles
from concord.catalog.importing.sample import Sample, is_number, sample_of
from concord.catalog.models import ImportBatch
from concord.catalog.selectors.importing import criteria_labels, dataset_with

Labels = dict[str, list[dict[str, Any]]]  # criterion's slug -> its labels
SIDES = {
    1: {"left", "a", "model_a", "system_a", "x", "model_x", "first", "response_a"},
    2: {"tie", "draw", "equal", "same", "both", "both_good"},
    3: {"right", "b", "model_b", "system_b", "y", "model_y", "second", "response_b"},
    4: {"both_bad", "tie_bothbad", "bothbad", "neither", "none"},
}


def propose(batch: ImportBatch) -> dict[str, Any]:
    """A mapping for the batch's file, as good as its names and values allow."""
    sample = sample_of(batch)
    roles = guess_roles(sample)
    name = PurePath(batch.file.name.removesuffix(".gz")).stem
    taken = criteria_labels(batch.workspace_id)
    return mapping_from(roles, sample, name=_dataset_of(batch, roles, sample) or name, taken=taken)


def labels_by_criterion(batch: ImportBatch) -> Labels:
    """The labels of each criterion that the mapping may name; none while its definitions are incomplete."""
    found = {
        str(d.get("slug", "")): labels_of(d) for d in batch.mapping.get("criteria", []) if isinstance(d, dict)
    }
    return found | criteria_labels(batch.workspace_id)


def _dataset_of(batch: ImportBatch, roles: dict[str, str], sample: Sample) -> str:
    """The dataset of the workspace that has most of the examples that the file names."""
    columns = [column for column, role in roles.items() if role == "example"]
    if not columns or "output" in roles.values():
        return ""
    return dataset_with(batch.workspace_id, keys=sample.distinct(columns[0]))


def mapping_from(
    roles: dict[str, str], sample: Sample, *, name: str, taken: Labels | None = None
) -> dict[str, Any]:
    """The mapping that the roles amount to; criteria in `taken` are answered as they are and not defined anew."""
    by_role: dict[str, list[str]] = {}
    for column, role in roles.items():
        by_role.setdefault(role, []).append(column)
    criteria: list[dict[str, Any]] = []
    records = [*_outputs(by_role), *_timings(by_role, sample), *_judgements(by_role, sample, criteria, name)]
    records = _with_known_labels(records, sample, taken or {})
    criteria = [definition for definition in criteria if definition["slug"] not in (taken or {})]
    mapping: dict[str, Any] = {"name": name, "dataset": name, "criteria": criteria, "records": records}
    if not records and "example" in by_role | {"example": by_role.get("prompt", [])}:
        mapping["records"] = [
            {"kind": "examples", "fields": {**_base(by_role, system=False), **_content(by_role)}}
        ]
    return mapping if criteria else {key: value for key, value in mapping.items() if key != "criteria"}


def _base(by_role: dict[str, list[str]], *, system: bool = True) -> dict[str, Any]:
    """Which output a line is about."""
    found: dict[str, Any] = {}
    if system and "system" in by_role:
        found["system"] = {"column": by_role["system"][0]}
    if "example" in by_role:
        found["example"] = {"column": by_role["example"][0]}
    elif "prompt" in by_role:
        found["example"] = {"column": by_role["prompt"][0], "hash": True}
    if "epoch" in by_role:
        found["epoch"] = {"column": by_role["epoch"][0]}
    return found


def _content(by_role: dict[str, list[str]]) -> dict[str, Any]:
    found: dict[str, Any] = {
        role: {"column": by_role[role][0]} for role in ("prompt", "reference") if role in by_role
    }
    if "slice" in by_role:
        found["slices"] = {column: {"column": column} for column in by_role["slice"]}
    return found


def _outputs(by_role: dict[str, list[str]]) -> list[dict[str, Any]]:
    found = []
    for system, output in (
        ("system", "output"),
        ("left_system", "left_output"),
        ("right_system", "right_output"),
    ):
        if output in by_role:
            who = (
                {"system": {"column": by_role[system][0]}}
                if system in by_role
                else {"system": {"value": "System"}}
            )
            fields = {
                **who,
                **_base(by_role, system=False),
                **_content(by_role),
                "text": {"column": by_role[output][0]},
            }
            found.append({"kind": "outputs", "fields": fields})
    return found


def _timings(by_role: dict[str, list[str]], sample: Sample) -> list[dict[str, Any]]:
    if "duration" not in by_role:
        return []
    column = by_role["duration"][0]
    binding: dict[str, Any] = {"column": column}
    if not column.lower().endswith("ms") and _median(sample.values(column)) < 100:
        binding["scale"] = 1000  # so short a time is in seconds
    rest = {
        role: {"column": by_role[role][0]}
        for role in ("input_tokens", "output_tokens", "cost")
        if role in by_role
    }
    return [{"kind": "timings", "fields": {**_base(by_role), "duration_ms": binding, **rest}}]


def _judgements(
    by_role: dict[str, list[str]], sample: Sample, criteria: list[dict[str, Any]], name: str
) -> list[dict[str, Any]]:
    """Ratings and scores. A judge's column makes ratings scores: a machine's answer is never taken for a person's."""
    found = []
    pair = "left_system" in by_role and "right_system" in by_role
    who = (
        {f"{side}_system": {"column": by_role[f"{side}_system"][0]} for side in ("left", "right")}
        if pair
        else {}
    )
    base = {**who, **_base(by_role, system=not pair)}
    for role in ("rating", "score"):
        for column in by_role.get(role, []):
            value = {
                "column": column,
                **_meaning(column, sample, pair=pair, criteria=criteria, by_role=by_role),
            }
            entry: dict[str, Any] = (
                {"kind": "ratings", "study": name}
                if role == "rating"
                else {"kind": "scores", "scorer_kind": "metric"}
            )
            if role == "rating" and "scorer" in by_role:
                entry = {"kind": "scores", "scorer_kind": "judge"}
            entry["fields"] = {**base, **_by_whom(entry["kind"], column, by_role), "value": value}
            entry["fields"]["criterion"] = _criterion(column, by_role, pair=pair)
            found.append(entry)
    return found


def _with_known_labels(records: list[dict[str, Any]], sample: Sample, taken: Labels) -> list[dict[str, Any]]:
    """Values of criteria that exist mean what their labels say: a 2 is a 2, and "poor" what "poor" stands for."""
    for entry in records:
        binding = entry["fields"].get("value", {})
        labels = taken.get(entry["fields"].get("criterion", {}).get("value", ""))
        if not labels or "left_system" in entry["fields"]:
            continue
        meant = {str(label["label"]).strip().casefold(): label["value"] for label in labels}
        meant |= {f"{label['value']:g}": label["value"] for label in labels}
        found = {value: meant.get(value.strip().casefold()) for value in sample.distinct(binding["column"])}
        binding.pop("map", None)
        if not all(is_number(value) for value, number in found.items() if number is not None):
            binding["map"] = {value: number for value, number in found.items() if number is not None}
    return records


def _by_whom(kind: str, column: str, by_role: dict[str, list[str]]) -> dict[str, Any]:
    role = "rater" if kind == "ratings" else "scorer"
    if role in by_role:
        return {role: {"column": by_role[role][0]}}
    several = len(by_role.get("rating", [])) > 1
    return {role: {"value": column}} if kind == "scores" or several else {}


def _criterion(column: str, by_role: dict[str, list[str]], *, pair: bool) -> dict[str, Any]:
    if "criterion" in by_role:
        return {"column": by_role["criterion"][0]}
    return {"value": "preference" if pair else _shared_name(column, by_role)}


def _shared_name(column: str, by_role: dict[str, list[str]]) -> str:
    """Several columns of labels answer one question; a single one is called as it is."""
    several = len(by_role.get("rating", [])) + len(by_role.get("score", [])) > 1
    return "label" if several else re.sub(r"[^a-z0-9]+", "-", column.lower()).strip("-") or "rating"


def _meaning(
    column: str, sample: Sample, *, pair: bool, criteria: list[dict[str, Any]], by_role: dict[str, list[str]]
) -> dict[str, Any]:
    """What the values mean; the criteria that this needs are added to `criteria`, with their direction left open."""
    if pair:
        if not criteria:
            question = "Which answer is better?"
            criteria.append(
                {"template": "preference", "slug": "preference", "name": "Preference", "question": question}
            )
        return {"map": {value: _side(value) for value in sample.distinct(column)[:MANY] if _side(value)}}
    labels = sample.distinct(column)
    slugs = (
        sample.distinct(by_role["criterion"][0])
        if "criterion" in by_role
        else [_shared_name(column, by_role)]
    )
    numbers = [label for label in labels if is_number(label)]
    numeric = sample.is_numeric(column) or _is_scale(sample.values(column), numbers)
    for slug in slugs:
        if not any(known["slug"] == slug for known in criteria):
            criteria.append(_definition(slug, numbers if numeric else labels, numeric=numeric))
    machine = bool(MACHINE.search(column.lower()))
    if numeric:
        return {"unmapped": "unparsed"} if machine and len(numbers) < len(labels) else {}
    known = {
        label["label"]: label["value"]
        for definition in criteria
        if definition["slug"] in slugs
        for label in definition["labels"]
    }
    return {"map": known, "unmapped": "unparsed"} if machine else {"map": known}


def _is_scale(values: list[Any], numbers: list[str]) -> bool:
    """Numbers with some stray words among them are a scale, and the words are lines to look at."""
    return len(numbers) > 2 and 2 * sum(is_number(value) for value in values) > len(values)


def _definition(slug: str, labels: list[str], *, numeric: bool) -> dict[str, Any]:
    name = slug.replace("-", " ").replace("_", " ").capitalize()
    start: dict[str, Any] = {"slug": slug, "name": name, "question": f"{name}?", "direction": None}
    numbers = sorted({float(label) for label in labels}) if numeric else []
    if numeric and len(numbers) <= MANY and all(number.is_integer() for number in numbers):
        low, high = int(numbers[0]), int(numbers[-1])
        scale = range(1, max(high, 5) + 1) if low >= 1 else range(low, high + 1)
        return {
            **start,
            "kind": "likert",
            "level": "ordinal",
            "labels": [{"value": n, "label": str(n)} for n in scale],
        }
    if numeric:
        return {**start, "kind": "numeric", "level": "interval", "labels": []}
    listed = [{"value": n, "label": label[:120]} for n, label in enumerate(sorted(labels)[:MANY], 1)]
    return {**start, "kind": "choice", "level": "nominal", "labels": listed}


def _side(value: str) -> int | None:
    plain = re.sub(r"\W+", "_", value.strip().lower()).strip("_")
    return next((number for number, names in SIDES.items() if plain in names), None)


def _median(values: list[Any]) -> float:
    numbers = sorted(float(value) for value in values if is_number(value))
    return numbers[len(numbers) // 2] if numbers else 0.0
