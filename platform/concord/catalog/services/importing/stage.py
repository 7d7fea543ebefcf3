"""A staging table: the lines of the file that parsed well, waiting to be resolved and written."""

import re
from typing import Any

from django.db.backends.utils import CursorWrapper

from concord.catalog.models import ImportBatch

PLACE = re.compile(r"\{(\w+)\}")
SHOWN = 80  # characters of a staged value in a reason

OUTPUTS = "import_outputs"  # (system text, example text, epoch, output_id, example_id, system_id); ids null while only staged
SYSTEMS = "import_systems"  # (ref text, system_id)
CRITERIA = "import_criteria"  # (ref text, criterion_id, kind, minimum, maximum)
LABELS = "import_labels"  # (ref text, value)
REJECTIONS = "import_rejections"  # (line, record, "column", reason, excerpt)


def literal(text: str) -> str:
    """Text that stands for itself within a reason, whatever it holds."""
    return text.replace("{", "(").replace("}", ")")


def stage_table(index: int) -> str:
    """The staging table of the plan's entry at this place."""
    return f"import_stage_{index}"


class Stage:
    """What a writer works with. `table` is the staging table, always aliased `s` in conditions."""

    def __init__(
        self,
        *,
        cursor: CursorWrapper,
        batch: ImportBatch,
        kind: str,
        index: int,
        columns: dict[str, str],
        earlier: tuple[str, ...] = (),
    ) -> None:
        self.cursor = cursor
        self.batch = batch
        self.kind = kind
        self.table = stage_table(index)
        self.version_id: int | None = None
        self._columns = columns
        self._earlier = earlier  # staging tables of the mapping's earlier entries of the same kind

    @property
    def workspace_id(self) -> int:
        return self.batch.workspace_id

    def execute(self, sql: str, params: list[Any] | None = None) -> int:
        """Run SQL in which `{table}`, `{outputs}`, `{systems}`, `{criteria}`, `{labels}` stand for the tables.

        Returns the row count.
        """
        names = {
            "table": self.table,
            "outputs": OUTPUTS,
            "systems": SYSTEMS,
            "criteria": CRITERIA,
            "labels": LABELS,
        }
        self.cursor.execute(PLACE.sub(lambda m: names[m[1]], sql), params or [])
        return int(self.cursor.rowcount)

    def reject(self, condition: str, *, column: str, reason: str, params: list[Any] | None = None) -> int:
        """Take the staged rows `s` for which `condition` holds out of the staging table, with a reason.

        `reason` may name staging columns: "no output of {system} for example {example}". `column` is a field name.
        """
        values = "".join(f", left(bad.{name}::text, {SHOWN})" for name in PLACE.findall(reason))
        template = PLACE.sub("%s", reason.replace("%", "%%"))
        return self.execute(
            f"WITH bad AS (DELETE FROM {{table}} AS s WHERE {condition} RETURNING s.*) "
            f'INSERT INTO {REJECTIONS} (line, record, "column", reason) SELECT line, %s, %s, format(%s{values}) FROM bad',
            [*(params or []), self.kind, self._columns.get(column, column), template],
        )

    def reject_repeats(self, key: str, *, column: str, reason: str, where: str = "TRUE") -> int:
        """Reject rows that say again what an earlier line says, or this line by an earlier entry of the mapping.

        `key` lists SQL expressions, none of them null, in which `{0}` stands for the row: "{0}.system, {0}.example".
        """
        found = self.reject(
            f"s.line IN (SELECT line FROM (SELECT line, row_number() OVER (PARTITION BY {key.format('s')} ORDER BY line) "
            f"AS n FROM {{table}} s WHERE {where}) q WHERE n > 1)",
            column=column,
            reason=reason,
        )
        for table in self._earlier:
            found += self.reject(
                f"{where} AND EXISTS (SELECT FROM {table} e WHERE ({key.format('e')}) = ({key.format('s')}))",
                column=column,
                reason=reason,
            )
        return found

    def reject_unknown_outputs(
        self, *, system: str = "system", example: str = "example", epoch: str = "epoch"
    ) -> int:
        """Reject rows whose (system, example, epoch) has no output, neither in the workspace nor in this file."""
        return self.reject(
            f"NOT EXISTS (SELECT FROM {{outputs}} o WHERE o.system = s.{system} AND o.example = s.{example} "
            f"AND o.epoch = coalesce(s.{epoch}, 1))",
            column=system,
            reason=f"there is no output of {{{system}}} for example {{{example}}}",
        )

    def reject_unknown_criteria(self, *, pairwise: bool, criterion: str = "criterion") -> int:
        """Reject rows whose criterion is unknown, or asks about one output where the row judges a pair (or the reverse)."""
        unknown = self.reject(
            f"NOT EXISTS (SELECT FROM {{criteria}} c WHERE c.ref = s.{criterion})",
            column=criterion,
            reason=f"there is no criterion {{{criterion}}}; make it first, or define it in the mapping",
        )
        wanted, found = (
            ("=", "one output, not about a pair") if pairwise else ("<>", "a pair, not about one output")
        )
        return unknown + self.reject(
            f"NOT EXISTS (SELECT FROM {{criteria}} c WHERE c.ref = s.{criterion} AND c.kind {wanted} 'preference')",
            column=criterion,
            reason=f"the criterion {{{criterion}}} asks about {found}",
        )

    def reject_bad_values(self, *, criterion: str = "criterion", value: str = "value") -> int:
        """Reject values that are none of the criterion's labels, or outside its range; null values pass."""
        labelled = self.reject(
            f"s.{value} IS NOT NULL AND EXISTS (SELECT FROM {{labels}} l WHERE l.ref = s.{criterion}) "
            f"AND NOT EXISTS (SELECT FROM {{labels}} l WHERE l.ref = s.{criterion} AND l.value = s.{value})",
            column=value,
            reason=f"{{{value}}} is none of the labels of {{{criterion}}}",
        )
        return labelled + self.reject(
            f"EXISTS (SELECT FROM {{criteria}} c WHERE c.ref = s.{criterion} AND (s.{value} < c.minimum OR "
            f"s.{value} > c.maximum))",
            column=value,
            reason=f"{{{value}}} is outside the range of {{{criterion}}}",
        )
