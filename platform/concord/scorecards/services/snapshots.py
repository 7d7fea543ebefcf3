"""Snapshots: a scorecard computed from its evidence, kept with the digest of what went in."""

import platform
import time
from typing import Any

import numpy
import scipy
from django.db import connection, transaction
from django.utils import timezone

from concord.catalog.models import Example
from concord.core.jobs import Handle
from concord.core.services.render import plain_text
from concord.scorecards.evidence import Evidence
from concord.scorecards.models import Scorecard, Snapshot
from concord.scorecards.report.digest import digest
from concord.scorecards.report.limits import simulated
from concord.scorecards.report.scorecard import compute
from concord.scorecards.selectors.definition import definition
from concord.scorecards.selectors.loading import load
from concord.scorecards.selectors.stamps import METHODS_VERSION, stamp

SCHEMA = "concord.scorecard/2"
EXCERPT = 160


def take_snapshot(*, scorecard: Scorecard, handle: Handle | None = None) -> Snapshot:
    """Compute now. The same evidence and definition give the snapshot that exists, with a fresh stamp."""
    started = time.perf_counter()
    evidence, defined, mark = _evidence(scorecard)
    fingerprint = digest([METHODS_VERSION, defined], evidence)
    same = Snapshot.objects.filter(scorecard=scorecard, digest=fingerprint).order_by("-created_at").first()
    if same is not None:
        return _seen_again(same, mark)
    result = _result(evidence, defined, fingerprint, mark, handle)
    return Snapshot.objects.create(
        scorecard=scorecard,
        digest=fingerprint,
        result=result,
        seconds=time.perf_counter() - started,
        job_id=handle.id if handle else None,
    )


def _evidence(scorecard: Scorecard) -> tuple[Evidence, dict[str, Any], dict[str, Any]]:
    """Load evidence, definition and stamp as they were at one moment."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        scorecard.refresh_from_db()
        return load(scorecard), definition(scorecard), stamp(scorecard)


def _seen_again(snapshot: Snapshot, mark: dict[str, Any]) -> Snapshot:
    """The evidence was touched and is the same again: only the stamp moves, and the snapshot is the latest once more."""
    snapshot.result["stamp"] = mark
    snapshot.created_at = timezone.now()
    snapshot.save(update_fields=["result", "created_at"])
    return snapshot


def _result(
    evidence: Evidence, defined: dict[str, Any], fingerprint: str, mark: dict[str, Any], handle: Handle | None
) -> dict[str, Any]:
    computed = compute(evidence, progress=handle.progress if handle else lambda done, total, message: None)
    for described, dimension in zip(defined["dimensions"], computed["dimensions"], strict=True):
        dimension.update(described)
    _name_examples(computed["dimensions"])
    return {
        "schema": SCHEMA,
        "scorecard": defined["scorecard"],
        "systems": defined["systems"],
        **computed,
        "limits": [*simulated(defined["dimensions"]), *computed["limits"]],
        "simulated": any(d["study"] and d["study"]["simulated"] for d in defined["dimensions"]),
        "provenance": _provenance(evidence, fingerprint),
        "stamp": mark,
    }


def _provenance(evidence: Evidence, fingerprint: str) -> dict[str, Any]:
    return {
        "digest": fingerprint,
        "methods_version": METHODS_VERSION,
        "computed_at": timezone.now().isoformat(timespec="seconds"),
        "ratings": sum(len(d.ratings) for d in evidence.dimensions if d.ratings is not None),
        "scores": sum(len(d.scores) for d in evidence.dimensions if d.scores is not None),
        "timings": 0 if evidence.timings is None else len(evidence.timings.systems),
        "software": {
            "python": platform.python_version(),
            "numpy": numpy.__version__,
            "scipy": scipy.__version__,
        },
    }


def _name_examples(dimensions: list[dict[str, Any]]) -> None:
    """Put the key and the first words of each example to look at beside its id."""
    listed = [item for d in dimensions for items in d["examples"].values() for item in items]
    rows = Example.objects.filter(pk__in={item["example"] for item in listed}).only("key", "content")
    found = {example.pk: example for example in rows}
    for item in listed:
        example = found.get(item["example"])
        item["example_key"] = example.key if example else ""
        item["excerpt"] = plain_text(example.content)[:EXCERPT] if example else ""
