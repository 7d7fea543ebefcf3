"""`manage.py prepare`: make an installation ready to serve. Safe to repeat; `up` does it at each start."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import OperationalError, connection

from concord import env
from concord.quickstart import first_start, release, services
from concord.quickstart.problems import CannotStart


class Command(BaseCommand):
    help = "Apply migrations, collect static files, and make the first administrator; prints that account as JSON."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", default=env.text("ADMIN_EMAIL", "admin@concord.local"))

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            connection.ensure_connection()
        except OperationalError as error:
            raise CannotStart(f"The database of DATABASE_URL does not answer: {str(error).strip()}") from None
        with services.only_one(
            settings.VAR / "prepare.lock", "Another process ({pid}) is preparing; try again."
        ):
            account = self._prepare(options["email"])
        self.stdout.write(json.dumps(asdict(account) if account else None))

    def _prepare(self, email: str) -> first_start.Credentials | None:
        first_start.migrate()
        first_start.cache_table()
        first_start.collect_static()
        account = first_start.administrator(email)
        release.mark_prepared()
        return account
