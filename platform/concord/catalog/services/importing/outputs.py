"""Writing outputs, with the systems and examples that are new."""

from concord.catalog.importing.outputs import Outputs
from concord.catalog.models import Example, Output, OutputSet, System
from concord.catalog.services.importing.examples import BringsExamples
from concord.catalog.services.importing.names import write_systems
from concord.catalog.services.importing.stage import Stage
from concord.catalog.services.importing.undo import Undo
from concord.catalog.services.importing.writers import register_writer


@register_writer(Outputs)
class OutputsWriter(BringsExamples[Outputs]):
    def resolve(self, stage: Stage) -> None:
        self.resolve_examples(stage)
        if self.record.spec.get("duplicates") == "epochs":
            self._number_epochs(stage)
        else:
            self._merge_repeats(stage)
        self._compare_with_other_entries(stage)

    def _number_epochs(self, stage: Stage) -> None:
        stage.execute(
            "UPDATE {table} t SET epoch = q.n FROM (SELECT line, row_number() OVER (PARTITION BY system, system_version, example "
            "ORDER BY line) n FROM {table}) q WHERE q.line = t.line AND q.n > 1"
        )

    def _merge_repeats(self, stage: Stage) -> None:
        window = "(PARTITION BY system, system_version, example, epoch ORDER BY line)"
        stage.reject(
            f"s.line IN (SELECT line FROM (SELECT line, (text, content) IS DISTINCT FROM (first_value(text) "
            f"OVER w, first_value(content) OVER w) "
            f"AS other FROM {{table}} WINDOW w AS {window}) q WHERE other)",
            column="text",
            reason=(
                "{system} gave another answer to example {example} on an earlier line; map an epoch, or let "
                "repeated answers be epochs"
            ),
        )
        stage.execute(
            f"DELETE FROM {{table}} t USING (SELECT line, row_number() OVER {window} n FROM {{table}}) q "
            f"WHERE q.line = t.line AND q.n > 1"
        )

    def _compare_with_other_entries(self, stage: Stage) -> None:
        """A line may give several outputs (left and right of a pair): across those entries, too, an output is one text."""
        ref, digest = (
            "trim(s.system || ' ' || coalesce(s.system_version, ''))",
            "md5(s.text || coalesce(s.content::text, ''))",
        )
        same = f"o.system = {ref} AND o.example = s.example AND o.epoch = s.epoch"
        stage.reject(
            f"EXISTS (SELECT FROM {{outputs}} o WHERE {same} AND o.digest <> {digest})",
            column="text",
            reason="{system} gave another answer to example {example} in another column",
        )
        stage.execute(f"DELETE FROM {{table}} s USING {{outputs}} o WHERE {same} AND o.digest = {digest}")
        stage.execute(
            f"INSERT INTO {{outputs}} (system, example, epoch, digest) SELECT DISTINCT ON (1, 2, 3) {ref}, "
            f"example, epoch, {digest} "
            "FROM {table} s ON CONFLICT (system, example, epoch) DO UPDATE SET output_id = NULL, digest = excluded.digest"
        )

    def prepare(self, stage: Stage) -> None:
        OutputSet.objects.get_or_create(
            workspace_id=stage.workspace_id,
            batch=stage.batch,
            kind="import",
            defaults={"name": stage.batch.file.name[:200]},
        )

    def write(self, stage: Stage) -> int:
        write_systems(stage, described=False)
        self.write_examples(stage)
        output_set = OutputSet.objects.get(batch=stage.batch)
        return stage.execute(
            "INSERT INTO catalog_output (output_set_id, system_id, example_id, epoch, text, content, "
            "text_kind, batch_id, created_at) "
            "SELECT %s, y.system_id, e.id, s.epoch, s.text, s.content, s.text_kind, %s, now() FROM {table} s "
            "JOIN {systems} y ON y.ref = trim(s.system || ' ' || coalesce(s.system_version, '')) "
            "JOIN catalog_example e ON e.version_id = %s AND e.key = s.example ORDER BY s.line",
            [output_set.pk, stage.batch.pk, stage.version_id],
        )

    @classmethod
    def undo(cls, undo: Undo) -> None:
        undo.delete(Output)
        undo.delete_unused(OutputSet)
        undo.delete(Example)
        undo.delete_unused(System)
