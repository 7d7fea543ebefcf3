"""Print every dependency that pyproject.toml names, for `pip install --requirement`."""

import sys
import tomllib
from pathlib import Path

project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
wanted = [
    *project["dependencies"],
    *(name for extra in project["optional-dependencies"].values() for name in extra),
]
sys.stdout.write("\n".join(wanted) + "\n")
