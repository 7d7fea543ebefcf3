"""Scorecards from the command line: make one from a definition, compute it, export it."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from concord.accounts.models import Workspace
from concord.core.actors import Installation
from concord.core.errors import DomainError
from concord.scorecards.models import Scorecard
from concord.scorecards.selectors.scorecards import latest
from concord.scorecards.services.exports import export_csv, export_json
from concord.scorecards.services.pictures import draw_pictures
from concord.scorecards.services.reading import read_definition
from concord.scorecards.services.scorecards import create_scorecard, update_scorecard
from concord.scorecards.services.snapshots import take_snapshot

COMMAND = Installation("manage.py scorecard")


class Command(BaseCommand):
    help = "Make, compute and export scorecards."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        create = verbs.add_parser("create", help="make a scorecard from a JSON definition")
        create.add_argument(
            "--definition", type=Path, required=True, help="a JSON file; see docs/scorecard_json.md"
        )
        create.add_argument(
            "--replace", action="store_true", help="change the scorecard of that name if there is one"
        )
        create.add_argument("--compute", action="store_true", help="compute it at once")
        export = verbs.add_parser("export", help="write the latest snapshot")
        export.add_argument("name")
        export.add_argument("--format", choices=["json", "csv"], default="json")
        export.add_argument("--output", type=Path, help="a file; without it, standard output")
        export.add_argument(
            "--compute", action="store_true", help="compute first, from the evidence as it is now"
        )
        for verb in (create, export):
            verb.add_argument("--workspace", required=True, help="the workspace's slug")

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = Workspace.objects.filter(slug=options["workspace"]).first()
        if workspace is None:
            raise CommandError(f"There is no workspace “{options['workspace']}”.")
        try:
            self._create(workspace, options) if options["verb"] == "create" else self._export(
                workspace, options
            )
        except DomainError as error:
            raise CommandError(error.message) from error

    def _create(self, workspace: Workspace, options: dict[str, Any]) -> None:
        try:
            raw = json.loads(options["definition"].read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise CommandError(f"{options['definition']} cannot be read as JSON: {error}") from error
        arguments = read_definition(raw, workspace=workspace)
        existing = Scorecard.objects.filter(workspace=workspace, name=arguments["name"].strip()).first()
        if existing is not None and options["replace"]:
            scorecard = update_scorecard(scorecard=existing, actor=COMMAND, **arguments)
        else:
            scorecard = create_scorecard(workspace=workspace, actor=COMMAND, **arguments)
        self.stdout.write(f"Scorecard “{scorecard}”: {len(arguments['systems'])} systems.")
        if options["compute"]:
            snapshot = take_snapshot(scorecard=scorecard)
            draw_pictures(snapshot=snapshot)
            self.stdout.write(snapshot.result["sentence"]["answer"])

    def _export(self, workspace: Workspace, options: dict[str, Any]) -> None:
        scorecard = Scorecard.objects.filter(workspace=workspace, name=options["name"]).first()
        if scorecard is None:
            raise CommandError(f"There is no scorecard “{options['name']}”.")
        snapshot = take_snapshot(scorecard=scorecard) if options["compute"] else latest(scorecard)
        if snapshot is None:
            raise CommandError("It was never computed: add --compute.")
        if options["format"] == "json":
            text = export_json(actor=COMMAND, snapshot=snapshot)
        else:
            text = "".join(export_csv(actor=COMMAND, snapshot=snapshot))
        if options["output"]:
            options["output"].write_text(text, encoding="utf-8", newline="")
        else:
            self.stdout.write(text, ending="")
