"""`manage.py import FILE --workspace home --mapping mapping.json`: the same import as on the page, in one go."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from concord.accounts.models import Workspace
from concord.catalog.importing.proposal import propose
from concord.catalog.models import ImportBatch, ImportRejection
from concord.catalog.services.importing import batches
from concord.catalog.services.importing.uploads import store_upload
from concord.core.actors import Installation
from concord.core.errors import DomainError

SHOWN = 20
COMMAND = Installation("manage.py import")


class Command(BaseCommand):
    help = "Imports a table of outputs, ratings, scores or timings by a mapping."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--workspace", required=True, help="the workspace's slug")
        parser.add_argument("--mapping", type=Path, help="JSON; without it a mapping is proposed and printed")
        parser.add_argument(
            "--keep-good-rows", action="store_true", help="write although some lines are rejected"
        )
        parser.add_argument("--dry-run", action="store_true", help="check every line, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = Workspace.objects.filter(slug=options["workspace"]).first()
        if workspace is None:
            raise CommandError(f"There is no workspace {options['workspace']!r}.")
        try:
            self._import(workspace, options)
        except DomainError as error:
            for problem in error.details.get("problems", [])[1:]:
                self.stderr.write(f"  also: {problem}")
            raise CommandError(error.message) from error

    def _import(self, workspace: Workspace, options: dict[str, Any]) -> None:
        path, mapping = options["file"], self._mapping(options["mapping"])
        try:
            with path.open("rb") as source:
                file = store_upload(actor=COMMAND, workspace=workspace, source=source, name=path.name)
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
        batch = batches.create_import(actor=COMMAND, workspace=workspace, file=file)
        if mapping is None:
            self.stdout.write(json.dumps(propose(batch), indent=2, ensure_ascii=False))
            batches.discard_import(actor=COMMAND, batch=batch)
            raise CommandError(
                "No mapping was given; the one proposed is above. Save it, complete it, and pass it with --mapping."
            )
        self._check(batch, mapping)
        self._report(batch)
        if options["dry_run"]:
            self.stdout.write("Nothing was written (dry run).")
        else:
            self._write(batch, keep=options["keep_good_rows"])

    def _mapping(self, path: Path | None) -> dict[str, Any] | None:
        if path is None:
            return None
        try:
            return json.loads(path.read_text())  # type: ignore[no-any-return]
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
        except ValueError as error:
            raise CommandError(f"{path} is not JSON: {error}.") from error

    def _check(self, batch: ImportBatch, mapping: dict[str, Any]) -> None:
        batches.set_mapping(actor=COMMAND, batch=batch, mapping=mapping)
        batches.check_here(actor=COMMAND, batch=batch, progress=self._progress)

    def _write(self, batch: ImportBatch, *, keep: bool) -> None:
        if batch.rejected and not keep:
            raise CommandError(
                f"Nothing was written: {batch.rejected:,} lines were rejected. Mend them, or pass --keep-good-rows."
            )
        batches.write_here(actor=COMMAND, batch=batch, keep_good_rows=keep, progress=self._progress)
        for kind, count in batch.written.items():
            self.stdout.write(f"{kind}: {count:,} written")
        self.stdout.write(self.style.SUCCESS(f"Import {batch.pk} is done."))

    def _report(self, batch: ImportBatch) -> None:
        self.stdout.write(f"{batch.rows:,} lines read, {batch.rejected:,} rejected")
        for kind, count in batch.written.items():
            self.stdout.write(f"{kind}: {count:,} good")
        shown: list[ImportRejection] = list(
            ImportRejection.objects.filter(batch=batch).order_by("line", "id")[: SHOWN + 1]
        )
        for rejection in shown[:SHOWN]:
            place = f" ({rejection.column})" if rejection.column else ""
            self.stdout.write(f"  line {rejection.line}{place}: {rejection.reason}")
        if len(shown) > SHOWN:
            self.stdout.write("  ... all of them are on the import's page")

    def _progress(self, done: int, total: int, message: str) -> None:
        if self.stdout.isatty():
            self.stdout.write(f"\r{100 * done // max(total, 1)} %  {message}        ", ending="")
