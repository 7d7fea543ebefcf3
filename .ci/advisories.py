"""Known advisories of what is pinned: `python .ci/advisories.py` fails where there is one, and says so where it cannot ask.

Asks the OSV database (https://osv.dev) about every line of constraints.txt, in one request. `ADVISORIES_URL` names a mirror.
"""

import json
import os
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
URL = "https://api.osv.dev/v1/querybatch"
SECONDS = 20
# Advisories that do not touch what Concord does, each with the reason.
ACCEPTED: dict[str, str] = {}


def pins(text: str) -> dict[str, str]:
    """Name and version of each line `name==version`; comments and markers are left out."""
    found = {}
    for line in text.splitlines():
        name, pinned, version = line.partition("#")[0].partition(";")[0].strip().partition("==")
        if pinned:
            found[name.partition("[")[0].strip()] = version.strip()
    return found


def ask(found: dict[str, str], url: str) -> list[list[str]]:
    """The ids of the advisories of each, in their order. Raises `OSError` or `ValueError` where nobody answers sense."""
    queries = [
        {"package": {"name": name, "ecosystem": "PyPI"}, "version": version}
        for name, version in found.items()
    ]
    body = json.dumps({"queries": queries}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 - an address of ours
        results: list[dict[str, Any]] = json.load(answer)["results"]
    if len(results) != len(found):
        raise ValueError(f"{len(results)} answers to {len(found)} questions")
    return [[one["id"] for one in result.get("vulns", [])] for result in results]


def main() -> int:
    found = pins((ROOT / "constraints.txt").read_text())
    try:
        answers = ask(found, os.environ.get("ADVISORIES_URL", URL))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        sys.stdout.write(f"advisories of {len(found)} packages: not checked ({error})\n")
        return 0
    known = {
        f"{name}=={version}": [one for one in ids if one not in ACCEPTED]
        for (name, version), ids in zip(found.items(), answers, strict=True)
    }
    known = {pin: ids for pin, ids in known.items() if ids}
    for pin, ids in known.items():
        sys.stdout.write(f"{pin}: {', '.join(ids)}\n")
    sys.stdout.write(f"advisories of {len(found)} packages: {len(known)} have some\n")
    return int(bool(known))


if __name__ == "__main__":
    sys.exit(main())
