"""Writing systems that a file describes."""

from concord.catalog.importing.systems import Systems
from concord.catalog.models import System
from concord.catalog.services.importing.names import write_systems
from concord.catalog.services.importing.stage import Stage
from concord.catalog.services.importing.undo import Undo
from concord.catalog.services.importing.writers import Writer, register_writer


@register_writer(Systems)
class SystemsWriter(Writer[Systems]):
    def resolve(self, stage: Stage) -> None:
        window = "(PARTITION BY system, system_version ORDER BY line)"
        stage.reject(
            "s.line IN (SELECT line FROM (SELECT line, description IS DISTINCT FROM first_value(description) OVER "
            f"{window} AS other FROM {{table}}) q WHERE other)",
            column="description",
            reason="{system} is described otherwise on an earlier line",
        )
        stage.execute(
            f"DELETE FROM {{table}} t USING (SELECT line, row_number() OVER {window} n FROM {{table}}) q "
            f"WHERE q.line = t.line AND q.n > 1"
        )

    def write(self, stage: Stage) -> int:
        return write_systems(stage, described=True)

    @classmethod
    def undo(cls, undo: Undo) -> None:
        undo.delete_unused(System)
