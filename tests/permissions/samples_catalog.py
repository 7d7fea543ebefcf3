"""The routes of the catalog: systems, datasets, examples, outputs, criteria, imports."""

from typing import Any

from concord.accounts.states import Action
from concord.catalog.models import DatasetVersion, Example, ImportBatch, Output, OutputSet
from concord.catalog.services.criteria import create_criterion
from concord.catalog.services.datasets import create_dataset
from concord.catalog.services.importing.batches import create_import
from concord.catalog.services.importing.uploads import store_upload
from concord.catalog.services.systems import create_system
from concord.catalog.states import ImportState
from tests.permissions.services import Served
from tests.permissions.support import Needs

READ, DESIGN = Action.READ, Action.DESIGN
MAPPING = {
    "dataset": "Sample",
    "records": [
        {
            "kind": "outputs",
            "fields": {
                "system": {"column": "model"},
                "example": {"column": "id"},
                "text": {"column": "answer"},
            },
        }
    ],
}

EXPECTED = {
    "systems": Needs(READ),
    "system-new": Needs(DESIGN, DESIGN),
    "system": Needs(READ),
    "system-edit": Needs(DESIGN, DESIGN),
    "system-archive": Needs(None, DESIGN),
    "datasets": Needs(READ),
    "dataset-new": Needs(DESIGN, DESIGN),
    "dataset": Needs(READ),
    "dataset-freeze": Needs(None, DESIGN),
    "dataset-version": Needs(None, DESIGN),
    "examples-csv": Needs(READ),
    "outputs-csv": Needs(READ),
    "example": Needs(READ),
    "criteria": Needs(READ),
    "criterion-new": Needs(DESIGN, DESIGN),
    "criterion": Needs(READ),
    "imports": Needs(DESIGN),
    "import-new": Needs(DESIGN, DESIGN),
    "import": Needs(DESIGN),
    "import-mapping": Needs(None, DESIGN),
    "import-save": Needs(None, DESIGN),
    "import-check": Needs(None, DESIGN),
    "import-write": Needs(None, DESIGN),
    "import-undo": Needs(None, DESIGN),
    "import-progress": Needs(DESIGN),
    "import-rejections": Needs(DESIGN),
    "api:system-list": Needs(READ, DESIGN),
    "api:system-detail": Needs(READ, DESIGN),
    "api:system-archive": Needs(None, DESIGN),
    "api:dataset-list": Needs(READ, DESIGN),
    "api:dataset-detail": Needs(READ),
    "api:dataset-freeze": Needs(None, DESIGN),
    "api:dataset-new-version": Needs(None, DESIGN),
    "api:example-list": Needs(READ),
    "api:example-detail": Needs(READ),
    "api:output-list": Needs(READ),
    "api:output-detail": Needs(READ),
    "api:criterion-list": Needs(READ, DESIGN),
    "api:criterion-detail": Needs(READ),
    "api:import-list": Needs(DESIGN, DESIGN),
    "api:import-detail": Needs(DESIGN),
    "api:import-mapping": Needs(None, DESIGN),
    "api:import-check": Needs(None, DESIGN),
    "api:import-write": Needs(None, DESIGN),
    "api:import-undo": Needs(None, DESIGN),
    "api:import-rejections": Needs(DESIGN),
}


def samples(workspace: Any, owner: Any) -> dict[str, dict[str, Any]]:
    system = create_system(actor=owner, workspace=workspace, name="Sample system")
    dataset = create_dataset(actor=owner, workspace=workspace, name="Sample")
    version = DatasetVersion.objects.get(dataset=dataset)
    example = Example.objects.create(version=version, key="1", content=[{"type": "text", "text": "Why?"}])
    outputs = OutputSet.objects.create(workspace=workspace, kind="import", name="sample")
    output = Output.objects.create(output_set=outputs, system=system, example=example, text="Because.")
    criterion = create_criterion(
        actor=owner,
        workspace=workspace,
        definition={"template": "likert", "name": "Clarity", "question": "How clear is it?"},
    )
    file = store_upload(
        actor=owner, workspace=workspace, source=b"model,id,answer\na,1,yes\n", name="sample.csv"
    )
    batch = create_import(actor=owner, workspace=workspace, file=file, mapping=MAPPING)
    here = {"workspace": workspace.slug}
    found = {name: here for name in EXPECTED if not name.startswith("api:")}
    for names, row in (
        (("system", "system-edit", "system-archive"), system),
        (("dataset", "dataset-freeze", "dataset-version", "examples-csv", "outputs-csv"), dataset),
        (("example",), example),
        (("criterion",), criterion),
        (
            [
                name
                for name in EXPECTED
                if name.startswith("import") and name not in ("imports", "import-new")
            ],
            batch,
        ),
    ):
        found |= {name: {**here, "pk": row.pk} for name in names}
    nouns = {"system": system, "dataset": dataset, "example": example, "output": output}
    for noun, row in {**nouns, "criterion": criterion, "import": batch}.items():
        names = [name for name in EXPECTED if name.startswith(f"api:{noun}-") and not name.endswith("-list")]
        found |= {name: {"pk": row.pk} for name in names}
    return found


def bodies(workspace: Any, owner: Any) -> dict[str, dict[str, Any]]:
    return {
        "api:system-list": {"name": "Another"},
        "api:dataset-list": {"name": "Another"},
        "api:criterion-list": {"template": "likert", "name": "Depth", "question": "How deep is it?"},
        "api:import-mapping": {"mapping": MAPPING},
    }


def services(workspace: Any, owner: Any) -> dict[str, Served]:
    system = create_system(actor=owner, workspace=workspace, name="Sample system")
    version = create_dataset(actor=owner, workspace=workspace, name="Sample").versions.get()
    file = store_upload(actor=owner, workspace=workspace, source=b"model,id,answer\na,1,yes\n", name="s.csv")
    batch = create_import(actor=owner, workspace=workspace, file=file, mapping=MAPPING)
    done = create_import(actor=owner, workspace=workspace, file=file, mapping=MAPPING)
    ImportBatch.objects.filter(pk=done.pk).update(state=ImportState.DONE)
    checked = create_import(actor=owner, workspace=workspace, file=file, mapping=MAPPING)
    ImportBatch.objects.filter(pk=checked.pk).update(state=ImportState.CHECKED)
    done.refresh_from_db()
    checked.refresh_from_db()
    question = {"template": "likert", "name": "Depth", "question": "How deep is it?"}
    here = {"workspace": workspace}
    made = "concord.catalog.services."
    steps = f"{made}importing.batches."
    return {
        f"{made}criteria.create_criterion": Served(
            DESIGN, "criterion.created", {**here, "definition": question}
        ),
        f"{made}datasets.create_dataset": Served(DESIGN, "dataset.created", {**here, "name": "Another"}),
        f"{made}datasets.freeze": Served(DESIGN, "dataset_version.frozen", {"version": version}),
        f"{made}datasets.new_version": Served(DESIGN, "dataset_version.created", {"version": version}),
        f"{made}exports.examples_csv": Served(READ, "examples.exported", {"version": version}),
        f"{made}exports.outputs_csv": Served(READ, "outputs.exported", {"version": version}),
        f"{made}exports.rejections_csv": Served(DESIGN, "rejections.exported", {"batch": batch}),
        f"{made}systems.create_system": Served(DESIGN, "system.created", {**here, "name": "Another"}),
        f"{made}systems.change_system": Served(DESIGN, "system.changed", {"system": system, "name": "New"}),
        f"{made}systems.archive_system": Served(DESIGN, "system.archived", {"system": system}),
        f"{made}importing.uploads.store_upload": Served(
            DESIGN, "file.stored", {**here, "source": b"a,b\n1,2\n", "name": "other.csv"}
        ),
        f"{steps}create_import": Served(DESIGN, "import.created", {**here, "file": file}),
        f"{steps}discard_import": Served(DESIGN, "import.discarded", {"batch": batch}),
        f"{steps}set_mapping": Served(DESIGN, "import.mapped", {"batch": batch, "mapping": MAPPING}),
        f"{steps}save_mapping": Served(DESIGN, "mapping.saved", {**here, "name": "mine", "mapping": MAPPING}),
        f"{steps}start_check": Served(DESIGN, "import.checking", {"batch": batch}),
        f"{steps}check_here": Served(DESIGN, "import.checking", {"batch": batch}),
        f"{steps}start_write": Served(DESIGN, "import.writing", {"batch": checked}),
        f"{steps}write_here": Served(DESIGN, "import.writing", {"batch": checked}),
        f"{steps}undo_import": Served(DESIGN, "import.undone", {"batch": done}),
    }
