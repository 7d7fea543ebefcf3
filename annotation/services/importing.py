"""Writing imported ratings: their studies, units and raters, by set-based SQL."""

from typing import Any

from annotation.importing.ratings import Ratings
from annotation.models import Rater, Rating, Study, StudyCriterion, StudyRater, Unit
from annotation.services.answers import mirrors_of
from concord.catalog.models import Criterion
from concord.catalog.services.importing.stage import Stage, literal
from concord.catalog.services.importing.undo import Undo
from concord.catalog.services.importing.writers import Writer, register_writer
from concord.core.services.statistics import refresh_statistics

# Two lines speak of the same unit when they name the same outputs, whichever side each stood on.
SAME_ANSWER = (
    "{0}.study, {0}.criterion, {0}.rater, {0}.example, coalesce({0}.epoch, 1), "
    "least({0}.system, {0}.other_system), greatest({0}.system, {0}.other_system)"
)

# The unit of each staged line. The first line that names a pair decides its orientation, unless the study has the unit already.
PLACES = """
CREATE TEMPORARY TABLE rating_place ON COMMIT DROP AS
SELECT s.line, t.id AS study_id, c.criterion_id, o.example_id, o.output_id, p.output_id AS other_id,
       least(o.output_id, coalesce(p.output_id, -1)) AS low, greatest(o.output_id, coalesce(p.output_id, -1)) AS high
FROM {table} s
JOIN annotation_study t ON t.workspace_id = %s AND t.name = s.study
JOIN {criteria} c ON c.ref = s.criterion
JOIN {outputs} o ON (o.system, o.example, o.epoch) = (s.system, s.example, coalesce(s.epoch, 1))
LEFT JOIN {outputs} p ON (p.system, p.example, p.epoch) = (s.other_system, s.example, coalesce(s.epoch, 1))
"""

# What is there is read once, before the insert: a lookup per row would wade through the rows that this very command adds.
NEW_UNITS = """
WITH known AS MATERIALIZED (
    SELECT study_id, position, least(output_id, coalesce(other_output_id, -1)) AS low,
           greatest(output_id, coalesce(other_output_id, -1)) AS high
    FROM annotation_unit WHERE study_id IN (SELECT DISTINCT study_id FROM rating_place)
), last AS (SELECT study_id, max(position) AS position FROM known GROUP BY study_id)
INSERT INTO annotation_unit
    (study_id, example_id, output_id, other_output_id, position, swap_first, wanted, given, free, open, handed_out, batch_id)
SELECT n.study_id, n.example_id, n.output_id, n.other_id,
       coalesce(l.position, 0) + row_number() OVER (PARTITION BY n.study_id ORDER BY n.line),
       false, 0, 0, 0, false, 0, %s
FROM (SELECT DISTINCT ON (study_id, low, high) * FROM rating_place ORDER BY study_id, low, high, line) AS n
LEFT JOIN last AS l ON l.study_id = n.study_id
WHERE NOT EXISTS (SELECT FROM known AS k WHERE k.study_id = n.study_id AND k.low = n.low AND k.high = n.high)
"""

UNITS = """
CREATE TEMPORARY TABLE rating_unit ON COMMIT DROP AS
SELECT x.line, u.id AS unit_id, x.study_id, x.criterion_id, u.output_id <> x.output_id AS swapped
FROM rating_place x JOIN annotation_unit u ON u.study_id = x.study_id
    AND least(u.output_id, coalesce(u.other_output_id, -1)) = x.low
    AND greatest(u.output_id, coalesce(u.other_output_id, -1)) = x.high
"""

RATINGS = """
INSERT INTO annotation_rating
    (study_id, unit_id, criterion_id, rater_id, value, reason, comment, swapped, seconds, current, batch_id, created_at)
SELECT x.study_id, x.unit_id, x.criterion_id, r.id,
       CASE WHEN x.swapped THEN coalesce(m.mirror, s.value) ELSE s.value END,
       CASE WHEN s.value IS NULL THEN s.reason ELSE '' END, s.comment, x.swapped, s.seconds, s.current, %s, now()
FROM {table} s JOIN rating_unit x ON x.line = s.line
LEFT JOIN annotation_rater r ON r.workspace_id = %s AND r.name = s.rater
LEFT JOIN unnest(%s::bigint[], %s::float8[], %s::float8[]) AS m(criterion_id, value, mirror)
    ON m.criterion_id = x.criterion_id AND m.value = s.value
ORDER BY s.line
"""

# Of several answers of a rater the last line counts; the others are kept as what it corrected.
SUPERSEDED = f"""
UPDATE {{table}} t SET current = false FROM (
    SELECT line, row_number() OVER (PARTITION BY {SAME_ANSWER.format("s")} ORDER BY line DESC) AS n
    FROM {{table}} s WHERE s.rater IS NOT NULL
) AS q WHERE q.line = t.line AND q.n > 1
"""

CORRECTS = """
UPDATE annotation_rating g SET supersedes_id = q.before FROM (
    SELECT id, lag(id) OVER (PARTITION BY unit_id, criterion_id, rater_id ORDER BY id) AS before
    FROM annotation_rating WHERE batch_id = %s AND rater_id IS NOT NULL
) AS q WHERE q.id = g.id AND q.before IS NOT NULL
"""

# A unit has as many ratings as its most answered question; what was wanted grows with it, what is on screens stays.
COUNT = """
UPDATE annotation_unit u SET given = n.given, wanted = GREATEST(u.wanted, n.given + u.wanted - u.free - u.given),
    free = GREATEST(u.wanted, n.given + u.wanted - u.free - u.given) - n.given - (u.wanted - u.free - u.given),
    open = GREATEST(u.wanted, n.given + u.wanted - u.free - u.given) > n.given + (u.wanted - u.free - u.given)
FROM (
    SELECT t.unit_id, coalesce(max(k.n), 0) AS given FROM unnest(%s::bigint[]) AS t(unit_id)
    LEFT JOIN (SELECT unit_id, criterion_id, count(*) AS n FROM annotation_rating
               WHERE current AND unit_id = ANY(%s::bigint[]) GROUP BY unit_id, criterion_id) AS k USING (unit_id)
    GROUP BY t.unit_id
) AS n WHERE u.id = n.unit_id
"""

# A closed study that a file made wants the ratings that it has: what an undone import added is no longer wanted.
UNWANT = """
UPDATE annotation_unit u SET wanted = GREATEST(1, u.wanted - u.free), free = GREATEST(1 - (u.wanted - u.free), 0),
    open = u.wanted - u.free < 1
FROM annotation_study t
WHERE t.id = u.study_id AND t.batch_id IS NOT NULL AND t.state = 'closed' AND u.id = ANY(%s::bigint[])
"""


@register_writer(Ratings)
class RatingsWriter(Writer[Ratings]):
    def resolve(self, stage: Stage) -> None:
        stage.reject_unknown_criteria(pairwise=self.record.pairwise)
        stage.reject_unknown_outputs(system="system")
        if self.record.pairwise:
            stage.reject_unknown_outputs(system="other_system")
        stage.reject_bad_values()
        stage.reject(
            "EXISTS (SELECT FROM annotation_study t WHERE t.workspace_id = %s AND t.name = s.study "
            "AND (t.kind <> %s OR t.state = 'draft'))",
            column="study",
            reason="the study {study} is a draft or of the other kind, and cannot take these ratings",
            params=[stage.workspace_id, self.record.study_kind],
        )
        self._reject_other_versions(stage)
        if self.record.corrects:
            stage.execute(SUPERSEDED)
        stage.reject_repeats(
            SAME_ANSWER,
            where="s.rater IS NOT NULL AND s.current",
            column="rater",
            reason="{rater} answered {criterion} about {example} more than once",
        )
        if self._study_exists(stage):
            self._reject_answered_before(stage)

    def _reject_other_versions(self, stage: Stage) -> None:
        """A study is about one dataset version, and "Round 1" is everybody's name for a study."""
        stage.execute(
            "SELECT t.name, d.name, v.number FROM annotation_study t JOIN catalog_datasetversion v ON v.id = t.version_id "
            "JOIN catalog_dataset d ON d.id = v.dataset_id WHERE t.workspace_id = %s AND v.id IS DISTINCT FROM %s "
            "AND EXISTS (SELECT FROM {table} s WHERE s.study = t.name)",
            [stage.workspace_id, stage.version_id],
        )
        for study, dataset, number in stage.cursor.fetchall():
            stage.reject(
                "s.study = %s",
                column="study",
                reason=f"the study {{study}} is about {literal(dataset)} v{number}; say so, or name another study",
                params=[study],
            )

    def _study_exists(self, stage: Stage) -> bool:
        """Whether any staged line goes into a study that is already there: only then can it have been answered before."""
        return (
            stage.execute(
                "SELECT 1 FROM annotation_study t WHERE t.workspace_id = %s "
                "AND EXISTS (SELECT FROM {table} s WHERE s.study = t.name)",
                [stage.workspace_id],
            )
            > 0
        )

    def _reject_answered_before(self, stage: Stage) -> None:
        stage.reject(
            "s.rater IS NOT NULL AND EXISTS (SELECT FROM annotation_study t "
            "JOIN annotation_rater r ON r.workspace_id = t.workspace_id AND r.name = s.rater "
            "JOIN {criteria} c ON c.ref = s.criterion "
            "JOIN {outputs} o ON (o.system, o.example, o.epoch) = (s.system, s.example, coalesce(s.epoch, 1)) "
            "LEFT JOIN {outputs} p ON (p.system, p.example, p.epoch) = (s.other_system, s.example, coalesce(s.epoch, 1)) "
            "JOIN annotation_rating g ON g.rater_id = r.id AND g.study_id = t.id "
            "AND g.criterion_id = c.criterion_id AND g.current "
            "JOIN annotation_unit u ON u.id = g.unit_id "
            "WHERE t.workspace_id = %s AND t.name = s.study AND o.output_id IN (u.output_id, u.other_output_id) "
            "AND (p.output_id IS NULL OR p.output_id IN (u.output_id, u.other_output_id)))",
            column="rater",
            reason="{rater} has already answered {criterion} about {example} in this study",
            params=[stage.workspace_id],
        )

    def prepare(self, stage: Stage) -> None:
        stage.execute(
            "INSERT INTO annotation_study (workspace_id, name, kind, version_id, instructions, wanted, lease_seconds, "
            "show_prompt, show_reference, seed, state, is_simulated, declared_random, entry, "
            "units_count, revision, batch_id, created_by_id, created_at) "
            "SELECT DISTINCT %s::bigint, s.study, %s, %s::bigint, '', 1, 1800, "
            "true, false, 0, 'closed', false, false, 'invited', 0, 0, %s::bigint, "
            "%s::bigint, now() FROM {table} s ON CONFLICT (workspace_id, name) DO NOTHING",
            [
                stage.workspace_id,
                self.record.study_kind,
                stage.version_id,
                stage.batch.pk,
                stage.batch.created_by_id,
            ],
        )
        stage.execute(
            "INSERT INTO annotation_rater (workspace_id, name, is_simulated, attributes, batch_id, created_at) "
            "SELECT DISTINCT %s::bigint, s.rater, false, jsonb_build_object(), %s::bigint, now() FROM {table} s "
            "WHERE s.rater IS NOT NULL ON CONFLICT (workspace_id, name) DO NOTHING",
            [stage.workspace_id, stage.batch.pk],
        )
        stage.execute(
            "INSERT INTO annotation_studycriterion (study_id, criterion_id, position, required) "
            "SELECT t.id, c.criterion_id, row_number() OVER (PARTITION BY t.id ORDER BY min(s.line)) - 1, true FROM {table} s "
            "JOIN annotation_study t ON t.workspace_id = %s AND t.name = s.study JOIN {criteria} c ON c.ref = s.criterion "
            "GROUP BY t.id, c.criterion_id ON CONFLICT DO NOTHING",
            [stage.workspace_id],
        )
        for column in ("system", "other_system"):
            stage.execute(
                "INSERT INTO annotation_study_systems (study_id, system_id) SELECT DISTINCT t.id, y.system_id FROM {table} s "
                "JOIN annotation_study t ON t.workspace_id = %s AND t.name = s.study "
                f"JOIN {{systems}} y ON y.ref = s.{column} ON CONFLICT DO NOTHING",
                [stage.workspace_id],
            )

    def write(self, stage: Stage) -> int:
        stage.cursor.execute("DROP TABLE IF EXISTS rating_place; DROP TABLE IF EXISTS rating_unit")
        stage.execute(PLACES, [stage.workspace_id])
        stage.cursor.execute("ANALYZE rating_place")
        stage.execute(NEW_UNITS, [stage.batch.pk])
        stage.execute(UNITS)
        stage.cursor.execute("CREATE INDEX ON rating_unit (line); ANALYZE rating_unit")
        written = stage.execute(RATINGS, [stage.batch.pk, stage.workspace_id, *self._mirrors(stage)])
        if self.record.corrects:
            stage.execute(CORRECTS, [stage.batch.pk])
        stage.cursor.execute(
            "SELECT array_agg(DISTINCT unit_id), array_agg(DISTINCT study_id) FROM rating_unit"
        )
        units, studies = stage.cursor.fetchone()
        _recount(stage.cursor, units or [], studies or [])
        refresh_statistics(Unit, Rating, rows=written)
        return written

    def _mirrors(self, stage: Stage) -> tuple[list[int], list[float], list[float]]:
        """What each label of the staged criteria says when the sides are exchanged, as columns."""
        stage.cursor.execute("SELECT DISTINCT criterion_id FROM rating_unit")
        asked = Criterion.objects.filter(pk__in=[row[0] for row in stage.cursor.fetchall()])
        rows = [
            (one.pk, value, mirror)
            for one in asked
            for value, mirror in mirrors_of(one.kind, one.labels).items()
        ]
        return [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]

    @classmethod
    def undo(cls, undo: Undo) -> None:
        undo.cursor.execute(
            "SELECT array_agg(DISTINCT unit_id), array_agg(DISTINCT study_id) FROM annotation_rating WHERE batch_id = %s",
            [undo.batch.pk],
        )
        units, studies = undo.cursor.fetchone()
        undo.delete(Rating)
        undo.delete_unused(Unit)
        _recount(undo.cursor, units or [], studies or [], unwant=True)
        undo.delete_unused(Study, owned=[StudyCriterion, Study.systems.through, StudyRater])
        undo.delete_unused(Rater, owned=[StudyRater])


def _recount(cursor: Any, units: list[int], studies: list[int], *, unwant: bool = False) -> None:
    """Bring the counters of these units and studies in line with their ratings."""
    cursor.execute(COUNT, [units, units])
    if unwant:
        cursor.execute(UNWANT, [units])
    cursor.execute(
        "UPDATE annotation_study t SET units_count = n.units, revision = t.revision + 1, "
        "wanted = CASE WHEN t.batch_id IS NULL THEN t.wanted ELSE GREATEST(1, n.wanted) END "
        "FROM (SELECT s.id, count(u.id) AS units, max(u.wanted) AS wanted FROM annotation_study s "
        "LEFT JOIN annotation_unit u ON u.study_id = s.id WHERE s.id = ANY(%s) GROUP BY s.id) AS n WHERE n.id = t.id",
        [studies],
    )
