"""`manage.py load_demo`: the demonstration, made on the spot by the same services and workers as everything else."""

from typing import Any

from django.core.management.base import BaseCommand

from concord.quickstart import demo


class Command(BaseCommand):
    help = "Load the demonstration unless it is there; needs a running worker (`manage.py up`)."

    def handle(self, *args: Any, **options: Any) -> None:
        demo.load(say=self._say)

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()
