"""Real data that nobody here wrote. They lie beside the repository, or where CONCORD_SHARED_DATA says; absent, the tests skip."""

import os
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    folder = Path(os.environ.get("CONCORD_SHARED_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"the real data sets are not at {folder}; set CONCORD_SHARED_DATA to where they are")
    return folder


@pytest.fixture
def import_real(shared_data, workspace):
    """Imports a real file by one of the project's mappings, as a person would at the command line; returns what it said."""

    def run(file: str, mapping: str, *options: str) -> str:
        path = shared_data / file
        if not path.exists():
            pytest.skip(f"{file} is missing in {shared_data}")
        said = StringIO()
        call_command(
            "import",
            str(path),
            "--workspace",
            workspace.slug,
            "--mapping",
            str(ROOT / "mappings" / f"{mapping}.json"),
            *options,
            stdout=said,
        )
        return said.getvalue()

    return run
