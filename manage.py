#!/usr/bin/env python
"""Concord's command line: `python manage.py up` runs the whole product on one machine."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path[:0] = [str(ROOT / "platform"), str(ROOT)]


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "concord.settings")
    try:
        from django.conf import settings
        from django.core.exceptions import ImproperlyConfigured

        from concord.quickstart.problems import CannotStart
        from concord.quickstart.services import database_for_command
    except ImportError as error:
        sys.exit(f"{error}. Install Concord first: `make install`, then use .venv/bin/python.")
    try:
        settings.INSTALLED_APPS  # noqa: B018 - reads the settings, so that a wrong one is a sentence here
        if sys.argv[1:2] == ["up"]:
            from concord.quickstart import up

            sys.exit(up.main(sys.argv[2:]))
        from django.core.management import execute_from_command_line

        with database_for_command(sys.argv):
            execute_from_command_line(sys.argv)
    except (CannotStart, ImproperlyConfigured) as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
