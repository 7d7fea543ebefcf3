"""Real data that nobody here wrote. They lie beside the repository, or where CONCORD_SHARED_DATA says; absent, the tests skip."""

import os
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, transaction

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    folder = Path(os.environ.get("CONCORD_SHARED_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"the real data sets are not at {folder}; set CONCORD_SHARED_DATA to where they are")
    return folder


@pytest.fixture(scope="module")
def shared(django_db_setup, django_db_blocker):
    """One transaction around the tests of a module, which share what it imports and compute nothing twice; then it is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def import_real(shared_data, shared):
    """Imports a real file by one of the project's mappings, as a person would at the command line; returns what it said."""
    from concord.accounts.models import Workspace

    lab = Workspace.objects.create(name="Lab", slug="lab")

    def run(file: str, mapping: str, *options: str, workspace: str = lab.slug) -> str:
        path = shared_data / file
        if not path.exists():
            pytest.skip(f"{file} is missing in {shared_data}")
        said = StringIO()
        rules = str(ROOT / "mappings" / f"{mapping}.json")
        call_command("import", str(path), "--workspace", workspace, "--mapping", rules, *options, stdout=said)
        connection.check_constraints()  # now, once; left to the end, each test's rollback would ask for all rows again
        return said.getvalue()

    return run
