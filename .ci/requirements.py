"""Print what pyproject.toml names, for `pip install --requirement`: `requirements.py run`, `test` or `no-deps`.

`run` is what the product and its demonstration need, `test` what the tests and checks need beside it, and `no-deps` what is
to be installed without its own (wrong) demands.
"""

import sys
import tomllib
from pathlib import Path

pyproject = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())
project = pyproject["project"]
extras = project["optional-dependencies"]
wanted = {
    "run": [*project["dependencies"], *extras["reference"], *extras["demo"]],
    "test": extras["test"],
    "no-deps": pyproject["tool"]["concord"]["no-deps"],
}
sys.stdout.write("\n".join(wanted[sys.argv[1]]) + "\n")
