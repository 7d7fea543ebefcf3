"""Lines of tests for each line of the product: `python .ci/lines.py` prints both and fails under .75.

The product is the Python of platform, annotation and evaluation. Migrations are written by Django, and what measures others
(bench) is no part of it.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PRODUCT = ("platform", "annotation", "evaluation")
WANTED = 0.75


def files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*.py") if "migrations" not in path.parts)


def lines(*folders: str) -> int:
    """Lines as `wc -l` counts them."""
    return sum(path.read_bytes().count(b"\n") for folder in folders for path in files(ROOT / folder))


def main() -> int:
    tests, product = lines("tests"), lines(*PRODUCT)
    share = tests / product
    sys.stdout.write(f"{tests:,} lines of tests for {product:,} of the product: {share:.3f}\n")
    return int(share < WANTED)


if __name__ == "__main__":
    sys.exit(main())
