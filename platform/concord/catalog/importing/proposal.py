"""A first mapping for a file: columns are told by their names and by what stands in them. People correct it.

What cannot be told is left open and refused by the check: which end of a scale is good is never guessed.
"""

import re
from pathlib import PurePath
from typing import Any

from concord.catalog.criteria.definition import labels_of
from concord.catalog.importing.readers import SAMPLE
from concord.catalog.importing.records import kinds
from concord.catalog.importing.roles import MACHINE, MANY, guess_roles
from concord.catalog.importing.sample import Sample, is_number, sample_of
from concord.catalog.importing.values import folded
from concord.catalog.models import ImportBatch
from concord.catalog.selectors.importing import Holding, criteria_labels, datasets_holding

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
    name = PurePath(batch.file.name.removesuffix(".gz")).stem
    for kind in kinds().values():
        if entry := kind.recognise(sample.columns, sample.rows, name):
            roles = {binding["column"]: field for field, binding in entry["fields"].items()}
            found = _dataset_of(batch, roles, sample)
            return {"name": name, "dataset": name if found is None else found, "records": [entry]}
    roles = guess_roles(sample)
    found = _dataset_of(batch, roles, sample)
    mapping = mapping_from(roles, sample, name=found or name, taken=criteria_labels(batch.workspace_id))
    return {**mapping, "dataset": ""} if found == "" else mapping


def labels_by_criterion(batch: ImportBatch) -> Labels:
    """The labels of each criterion that the mapping may name; none while its definitions are incomplete."""
    found = {
        str(d.get("slug", "")): labels_of(d) for d in batch.mapping.get("criteria", []) if isinstance(d, dict)
    }
    return found | criteria_labels(batch.workspace_id)


def _dataset_of(batch: ImportBatch, roles: dict[str, str], sample: Sample) -> str | None:
    """The dataset that has the examples which the file names; None where none has, "" where several could be meant.

    Examples are called 1 to n in most files: that names coincide says little. A dataset is taken where no other has any of
    them, or where it has exactly those of the file and no other one has; and only if it knows a system that the file names.
    """
    columns = {role: column for column, role in roles.items()}
    if "example" not in columns or "output" in columns:
        return None
    keys = {folded(key) for key in sample.distinct(columns["example"])}
    systems = {
        folded(name)
        for role in ("system", "left_system", "right_system")
        if role in columns
        for name in sample.distinct(columns[role])
    }
    found = datasets_holding(batch.workspace_id, keys=keys, systems=systems)
    return dataset_among(found, asked=len(keys), lines=len(sample.rows))


def dataset_among(found: list[Holding], *, asked: int, lines: int) -> str | None:
    """The dataset that a file is about, by how many of the examples `asked` each one has; None and "" as above.

    `lines` is how many were looked at: that a dataset has exactly a file's examples can be told of a whole file only.
    """
    if len(found) == 1 and 2 * found[0].shared >= asked:
        return found[0].name
    whole = lines < SAMPLE
    exact = [one for one in found if whole and one.shared == one.size == asked]
    if len(exact) == 1:
        return exact[0].name
    return "" if found else None


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
            elif role == "rating" and "judge" in by_role:
                entry = {"kind": "scores", "scorer_kind": None}  # people or machines: the check asks
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
    if kind == "scores" and "judge" in by_role:
        return {role: {"column": by_role["judge"][0]}}
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
        return _winner(column, sample, by_role)
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


def _winner(column: str, sample: Sample, by_role: dict[str, list[str]]) -> dict[str, Any]:
    """Which side won: said in words (left, model_b, tie), or by the name of the system."""
    said = sample.distinct(column)
    sides = {side: by_role[f"{side}_system"][0] for side in ("left", "right")}
    named = {name for side in sides.values() for name in sample.distinct(side)}
    words = {value: _side(value) for value in said[:MANY] if value not in named and _side(value)}
    if not named & set(said):
        return {"map": words}
    return {"same_as": sides, "map": {"left": 1, "right": 3, **words}}


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
