"""`manage.py up`, for `manage.py help`; manage.py itself goes straight to `concord.quickstart.up`, which stays small."""

from argparse import ArgumentParser, Namespace
from typing import Any

from django.core.management.base import BaseCommand

from concord.quickstart import up


class Command(BaseCommand):
    help = "Start database, broker, web server, workers and scheduler; stop all of them with Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        up.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        raise SystemExit(up.run(Namespace(**options)))
