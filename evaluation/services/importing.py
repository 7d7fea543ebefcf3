"""Writing imported scores and timings, by set-based SQL."""

from concord.catalog.services.importing.stage import Stage
from concord.catalog.services.importing.undo import Undo
from concord.catalog.services.importing.writers import Writer, register_writer
from concord.core.services.statistics import refresh_statistics
from evaluation.importing.scores import Scores
from evaluation.importing.timings import Timings
from evaluation.models import Score, Scorer, Timing
from evaluation.states import ScorerKind

SAME = "(o.system, o.example, o.epoch) = (s.system, s.example, coalesce(s.epoch, 1))"
OUTPUT = "JOIN {outputs} o ON (o.system, o.example, o.epoch) = (s.system, s.example, coalesce(s.epoch, 1)) "
OTHER = "LEFT JOIN {outputs} p ON (p.system, p.example, p.epoch) = (s.other_system, s.example, coalesce(s.epoch, 1)) "


@register_writer(Timings)
class TimingsWriter(Writer[Timings]):
    def resolve(self, stage: Stage) -> None:
        stage.reject_unknown_outputs()
        stage.reject_repeats(
            "{0}.system, {0}.example, coalesce({0}.epoch, 1)",
            column="duration_ms",
            reason="a second timing of {system} for example {example}",
        )
        stage.reject(
            f"EXISTS (SELECT FROM {{outputs}} o JOIN evaluation_timing t ON t.output_id = o.output_id WHERE {SAME})",
            column="duration_ms",
            reason="the output of {system} for example {example} is timed already",
        )

    def write(self, stage: Stage) -> int:
        return stage.execute(
            "INSERT INTO evaluation_timing (output_id, duration_ms, input_tokens, output_tokens, batch_size, cost, batch_id) "
            "SELECT o.output_id, s.duration_ms, s.input_tokens, s.output_tokens, s.batch_size, s.cost, %s FROM {table} s "
            + OUTPUT,
            [stage.batch.pk],
        )

    @classmethod
    def undo(cls, undo: Undo) -> None:
        undo.delete(Timing)


@register_writer(Scores)
class ScoresWriter(Writer[Scores]):
    def resolve(self, stage: Stage) -> None:
        stage.reject_unknown_criteria(pairwise=self.record.pairwise)
        stage.reject_unknown_outputs()
        if self.record.pairwise:
            stage.reject_unknown_outputs(system="other_system")
        stage.reject_bad_values()
        stage.reject_repeats(
            "{0}.scorer, {0}.criterion, {0}.system, coalesce({0}.other_system, ''), {0}.example, coalesce({0}.epoch, 1)",
            column="value",
            reason="{scorer} answers {criterion} about {system} on {example} more than once",
        )
        stage.reject(
            "EXISTS (SELECT FROM evaluation_scorer k JOIN {criteria} c ON c.ref = s.criterion "
            f"JOIN {{outputs}} o ON {SAME} "
            "LEFT JOIN {outputs} p ON (p.system, p.example, p.epoch) = (s.other_system, s.example, coalesce(s.epoch, 1)) "
            "JOIN evaluation_score g ON g.scorer_id = k.id AND g.criterion_id = c.criterion_id AND g.output_id = o.output_id "
            "AND g.other_output_id IS NOT DISTINCT FROM p.output_id WHERE k.workspace_id = %s AND k.name = s.scorer)",
            column="value",
            reason="{scorer} has answered {criterion} about {system} on {example} already",
            params=[stage.workspace_id],
        )

    def prepare(self, stage: Stage) -> None:
        stage.execute(
            "INSERT INTO evaluation_scorer (workspace_id, name, kind, method, parameters, batch_id, created_at) "
            "SELECT DISTINCT %s::bigint, s.scorer, %s, 'imported', jsonb_build_object(), %s::bigint, now() FROM {table} s "
            "ON CONFLICT (workspace_id, name) DO NOTHING",
            [stage.workspace_id, self.record.spec.get("scorer_kind", ScorerKind.METRIC), stage.batch.pk],
        )

    def write(self, stage: Stage) -> int:
        written = stage.execute(
            "INSERT INTO evaluation_score "
            "(scorer_id, criterion_id, output_id, other_output_id, value, raw, batch_id, created_at) "
            "SELECT k.id, c.criterion_id, o.output_id, p.output_id, s.value, s.raw, %s, now() FROM {table} s "
            "JOIN evaluation_scorer k ON k.workspace_id = %s AND k.name = s.scorer "
            "JOIN {criteria} c ON c.ref = s.criterion " + OUTPUT + OTHER + "ORDER BY s.line",
            [stage.batch.pk, stage.workspace_id],
        )
        refresh_statistics(Score, rows=written)
        return written

    @classmethod
    def undo(cls, undo: Undo) -> None:
        undo.delete(Score)
        undo.delete_unused(Scorer)
