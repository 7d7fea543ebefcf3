"""Writing examples: an example means one thing, and a frozen version takes no new one."""

from concord.catalog.importing.examples import Examples, describes_examples
from concord.catalog.models import Example
from concord.catalog.services.importing.stage import Stage
from concord.catalog.services.importing.undo import Undo
from concord.catalog.services.importing.writers import R, Writer, register_writer

SHAPE = "jsonb_build_array({0}prompt, {0}choices, {0}reference, {0}slices)"


class BringsExamples(Writer[R]):
    """What the writers of examples and of outputs share: both may bring examples in."""

    def resolve_examples(self, stage: Stage) -> None:
        if describes_examples(self.record):
            self._reject_contradictions(stage)
        stage.reject(
            "EXISTS (SELECT FROM catalog_datasetversion v WHERE v.id = %s AND v.frozen_at IS NOT NULL) "
            "AND NOT EXISTS (SELECT FROM catalog_example e WHERE e.version_id = %s AND e.key = s.example)",
            column="example",
            reason="the dataset version is frozen and has no example {example}",
            params=[stage.version_id, stage.version_id],
        )

    def _reject_contradictions(self, stage: Stage) -> None:
        """An example means one thing: neither the file nor an earlier import may say two things about it."""
        shape = SHAPE.format("")
        stage.reject(
            "s.line IN (SELECT line FROM (SELECT line, shape IS DISTINCT FROM first_value(shape) OVER "
            "(PARTITION BY example ORDER BY line) "
            f"AS other FROM (SELECT line, example, {shape} AS shape FROM {{table}}) a) b WHERE other)",
            column="example",
            reason="example {example} says something else on an earlier line (prompt, choices, reference or slices)",
        )
        stage.reject(
            "EXISTS (SELECT FROM catalog_example e WHERE e.version_id = %s AND e.key = s.example AND ("
            "(s.prompt IS NOT NULL AND e.content <> s.prompt) OR (s.choices IS NOT NULL AND e.choices IS "
            "DISTINCT FROM s.choices) "
            "OR (s.reference IS NOT NULL AND e.reference IS DISTINCT FROM s.reference) "
            "OR (s.slices IS NOT NULL AND NOT e.slices @> s.slices)))",
            column="example",
            reason=(
                "example {example} is already in this dataset version and says something else; import into "
                "another dataset or version"
            ),
            params=[stage.version_id],
        )

    def write_examples(self, stage: Stage) -> int:
        stage.cursor.execute(
            "SELECT coalesce(max(position) + 1, 0) FROM catalog_example WHERE version_id = %s",
            [stage.version_id],
        )
        base = stage.cursor.fetchone()[0]
        return stage.execute(
            "INSERT INTO catalog_example (version_id, key, position, content, choices, reference, slices, batch_id) "
            "SELECT %s, example, %s + row_number() OVER (ORDER BY line) - 1, coalesce(prompt, '[]'), choices, reference, "
            "coalesce(slices, '{}'), %s FROM (SELECT DISTINCT ON (example) * FROM {table} s WHERE NOT EXISTS "
            "(SELECT FROM catalog_example e WHERE e.version_id = %s AND e.key = s.example) ORDER BY example, line) fresh",
            [stage.version_id, base, stage.batch.pk, stage.version_id],
        )


@register_writer(Examples)
class ExamplesWriter(BringsExamples[Examples]):
    def resolve(self, stage: Stage) -> None:
        self.resolve_examples(stage)
        # A line that says the same again brings nothing, so that the check counts what the write will write.
        stage.execute(
            "DELETE FROM {table} t USING (SELECT line, row_number() OVER (PARTITION BY example ORDER BY line) n FROM {table}) q "
            "WHERE q.line = t.line AND q.n > 1"
        )

    def write(self, stage: Stage) -> int:
        return self.write_examples(stage)

    @classmethod
    def undo(cls, undo: Undo) -> None:
        undo.delete(Example)
