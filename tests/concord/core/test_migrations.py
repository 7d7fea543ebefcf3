"""Every migration of Concord's own apps can be taken back."""

import pytest
from django.apps import apps
from django.conf import settings
from django.db.migrations.loader import MigrationLoader

OWN = [
    config.label for config in apps.get_app_configs() if str(config.path).startswith(str(settings.BASE_DIR))
]
OWN = [label for label in OWN if ".venv" not in apps.get_app_config(label).path]


@pytest.mark.parametrize("label", OWN)
def test_every_operation_can_be_reversed(label: str) -> None:
    migrations = MigrationLoader(None).disk_migrations
    found = [
        f"{name}: {operation.describe()}"
        for (app, name), migration in migrations.items()
        if app == label
        for operation in migration.operations
        if not operation.reversible
    ]
    assert found == []
