"""A web process stays small: what only workers need is not loaded by it."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
HEAVY = [
    "torch",
    "transformers",
    "sklearn",
    "polars",
    "pyarrow",
    "pandas",
    "scipy.stats",
    "scipy.optimize",
    "typst",
    "altair",
    "vl_convert",
]
SCRIPT = """
import json, sys
sys.path[:0] = sys.argv[1:3]
import concord.wsgi
import psutil
print(json.dumps({"loaded": sorted(sys.modules), "bytes": psutil.Process().memory_info().rss}))
"""


def test_web_process_is_under_150_mb_and_knows_no_torch(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(ROOT / "platform"), str(ROOT)],
        env={**os.environ, "CONCORD_VAR": str(tmp_path)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert sorted(set(HEAVY) & set(found["loaded"])) == []
    assert found["bytes"] < 150e6
