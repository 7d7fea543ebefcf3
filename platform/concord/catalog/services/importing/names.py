"""Names in a file and what they stand for: systems and outputs, those in the tables and those still staged."""

from concord.catalog.services.importing.stage import OUTPUTS, SYSTEMS, Stage

REF = "trim(s.system || ' ' || coalesce(s.system_version, ''))"  # a staged system's full name


def write_systems(stage: Stage, *, described: bool) -> int:
    """Make the systems that are staged and unknown; `described` where the staging table says more than their names."""
    extra = ("coalesce(description, '')", "coalesce(kind, 'recorded')") if described else ("''", "'recorded'")
    made = stage.execute(
        "INSERT INTO catalog_system (workspace_id, name, version, kind, config, prices, description, batch_id, created_at) "
        f"SELECT DISTINCT ON (system, system_version) %s, system, coalesce(system_version, ''), "
        f"{extra[1]}, jsonb_build_object(), "
        f"jsonb_build_object(), {extra[0]}, %s, now() FROM {{table}} s WHERE NOT EXISTS (SELECT FROM {{systems}} y "
        "WHERE y.ref = trim(s.system || ' ' || coalesce(s.system_version, '')) AND y.system_id IS NOT NULL) "
        "ORDER BY system, system_version, line ON CONFLICT DO NOTHING",
        [stage.workspace_id, stage.batch.pk],
    )
    load_systems(stage)
    return made


def load_systems(stage: Stage) -> None:
    """Fill `import_systems`: each system under its full name, and under its bare name where that is unambiguous."""
    stage.cursor.execute(f"TRUNCATE {SYSTEMS}")
    for name, only in (("trim(name || ' ' || version)", ""), ("name", "HAVING count(*) = 1")):
        stage.cursor.execute(
            f"INSERT INTO {SYSTEMS} (ref, system_id) SELECT {name}, min(id) FROM catalog_system "
            f"WHERE workspace_id = %s GROUP BY 1 {only} ON CONFLICT DO NOTHING",
            [stage.workspace_id],
        )


def load_outputs(stage: Stage) -> None:
    """Fill `import_outputs` with the outputs of the dataset version, the newest set first."""
    stage.cursor.execute(f"TRUNCATE {OUTPUTS}")
    stage.cursor.execute(
        f"INSERT INTO {OUTPUTS} (system, example, epoch, output_id, example_id, system_id) "
        "SELECT DISTINCT ON (o.system_id, o.example_id, o.epoch, y.ref) y.ref, e.key, o.epoch, o.id, e.id, o.system_id "
        f"FROM catalog_example e JOIN catalog_output o ON o.example_id = e.id JOIN {SYSTEMS} y ON y.system_id = o.system_id "
        "WHERE e.version_id = %s ORDER BY o.system_id, o.example_id, o.epoch, y.ref, o.output_set_id DESC",
        [stage.version_id],
    )
