"""The image half of the demonstration: three classifiers trained on the spot, run through the real queue, and checked by raters.

The digits are those bundled with scikit-learn. Nothing is downloaded.
"""

import io
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db import transaction
from numpy.typing import NDArray

from annotation.models import Study
from annotation.selectors.tasks import Task
from annotation.services.studies import create_study, open_study
from annotation.services.units import build_units
from annotation.states import StudyKind, StudyState
from concord.accounts.models import User, Workspace
from concord.catalog.models import Criterion, DatasetVersion, Example, System
from concord.catalog.services.datasets import create_dataset, freeze
from concord.catalog.services.systems import create_system
from concord.catalog.states import SystemKind
from concord.core import jobs
from concord.core.errors import Conflict
from concord.core.models import Job
from concord.core.services.files import IMAGES, store
from concord.quickstart.demo.simulated import SKILLS, rate
from concord.scorecards.models import Scorecard
from concord.scorecards.services.defining import DimensionChoice
from concord.scorecards.services.requests import request_snapshot
from concord.scorecards.services.scorecards import create_scorecard
from evaluation.models import Benchmark, Run, Scorer
from evaluation.services.benchmarks import create_benchmark
from evaluation.services.control import start
from evaluation.services.planning import plan_run
from evaluation.states import RunState, TaskKind

DATASET = "Demo digits"
TRAINED_ON = 897
SAMPLE = 120  # digits shown to people; the scorer knows all, and both together say more than people alone
# A draw that holds errors of every classifier: one without any cannot be told from a choice of easy digits.
DRAWN_BY = 7
ENLARGED = 12  # an 8 x 8 digit is too small for the eye; the declared pre-processing brings it back
OPTIONS = {"batch_size": 1}  # one digit at a time, so that latency is that of a single request
PATIENCE = 900  # seconds to wait for the queue
INSTRUCTIONS = """You see a handwritten digit and the label that a classifier gave it.

Answer **yes** if the label is the digit that you see. Go by the picture alone.
Some are hard to read: then trust your first look."""
NAMES = {
    "linear": "Demo linear classifier",
    "perceptron": "Demo perceptron",
    "convolutional": "Demo convolutional network",
}


def load(*, workspace: Workspace, actor: User) -> None:
    """Systems, dataset, benchmark, finished runs, a study of a random sample and a scorecard; what is there is left alone."""
    train()
    version = _version(workspace) or _dataset(workspace, actor)
    systems = [_system(workspace, actor, recipe) for recipe in NAMES]
    benchmark = _benchmark(workspace, actor, version)
    _finish([_run(actor, benchmark, system) for system in systems])
    study = _study(workspace, actor, version, systems)
    _scorecard(workspace, actor, version, systems, study)


def folder() -> Path:
    return Path(settings.VAR) / "demo"


def digits() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """All digits in a fixed shuffled order: images (n, 8, 8) in [0, 1] and labels (n,)."""
    from sklearn.datasets import load_digits

    bundle = load_digits()
    order = np.random.default_rng(7).permutation(len(bundle.target))
    return (bundle.images[order] / 16).astype(np.float32), bundle.target[order].astype(np.int64)


def train() -> None:
    """Have a worker train the classifiers, unless they are there: torch never enters this process."""
    if not (folder() / "done").exists():
        job = jobs.enqueue("quickstart.train_digits", key="quickstart.train_digits", queue="cpu")
        _await(lambda: _job_is_over(job.pk))


@jobs.register("quickstart.train_digits")
def train_job(job: jobs.Handle) -> None:
    """Train every recipe, and note on which held-out digits the classifiers disagree."""
    from evaluation.engines.small_classifiers import RECIPES, predict
    from evaluation.engines.small_classifiers import train as train_one

    images, labels = digits()
    guesses = []
    for done, recipe in enumerate(RECIPES):
        path = train_one(recipe, images[:TRAINED_ON], labels[:TRAINED_ON], folder())
        guesses.append(predict(path, images[TRAINED_ON:]))
        job.progress(done + 1, len(RECIPES), f"trained {recipe.name}")
    disputed = np.ptp(np.stack(guesses), axis=0) > 0
    np.save(folder() / "disputed.npy", disputed)
    (folder() / "done").touch()


def _job_is_over(job_id: int) -> bool:
    job = Job.objects.get(pk=job_id)
    if job.state in (Job.State.FAILED, Job.State.CANCELLED):
        raise Conflict(f"The classifiers could not be trained: {job.error}", code="not_trained")
    return bool(job.state == Job.State.DONE)


def _await(over: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not over():
        if time.monotonic() > deadline:
            raise Conflict("No worker finished the demonstration's work; is one running?", code="no_worker")
        time.sleep(0.3)


def _version(workspace: Workspace) -> DatasetVersion | None:
    return DatasetVersion.objects.filter(dataset__workspace=workspace, dataset__name=DATASET).first()


@transaction.atomic
def _dataset(workspace: Workspace, actor: User) -> DatasetVersion:
    images, labels = digits()
    disputed = np.load(folder() / "disputed.npy")
    dataset = create_dataset(
        actor=actor,
        workspace=workspace,
        name=DATASET,
        description=f"The {len(labels) - TRAINED_ON} handwritten digits that no classifier of the demonstration was trained on. "
        "The slice `disputed` says whether the three give different labels.",
        source="bundled with scikit-learn",
    )
    version = DatasetVersion.objects.get(dataset=dataset)
    held_out = zip(images[TRAINED_ON:], labels[TRAINED_ON:].tolist(), disputed.tolist(), strict=True)
    Example.objects.bulk_create(
        Example(
            version=version,
            key=f"digit-{place:04d}",
            position=place,
            content=[
                {"type": "image", "file": _picture(workspace, place, image), "alt": "a handwritten digit"}
            ],
            reference=str(label),
            slices={"disputed": "yes" if differs else "no"},
        )
        for place, (image, label, differs) in enumerate(held_out)
    )
    return freeze(actor=actor, version=version)


def _picture(workspace: Workspace, place: int, image: NDArray[np.float32]) -> int:
    from PIL import Image

    large = np.kron(np.round(image * 255).astype(np.uint8), np.ones((ENLARGED, ENLARGED), np.uint8))
    buffer = io.BytesIO()
    Image.fromarray(large).save(buffer, "PNG")
    return store(
        workspace_id=workspace.pk, source=buffer.getvalue(), name=f"digit-{place:04d}.png", allowed=IMAGES
    ).pk


def _system(workspace: Workspace, actor: User, recipe: str) -> System:
    found = System.objects.filter(workspace=workspace, name=NAMES[recipe], version="1").first()
    config = {
        "path": str(folder() / f"{recipe}.pt2"),
        "input": {
            "kind": "image",
            "size": [8, 8],
            "channels": 1,
            "scale": 1 / 255,
            "layout": "NCHW",
            "resize": "nearest",
        },
        "output": {"kind": "logits", "labels": [str(digit) for digit in range(10)]},
    }
    return found or create_system(
        actor=actor,
        workspace=workspace,
        name=NAMES[recipe],
        version="1",
        kind=SystemKind.TORCH,
        config=config,
        description="Trained in seconds on this machine, for the demonstration.",
    )


def _benchmark(workspace: Workspace, actor: User, version: DatasetVersion) -> Benchmark:
    found = Benchmark.objects.filter(workspace=workspace, name=DATASET).first()
    return found or create_benchmark(
        actor=actor,
        workspace=workspace,
        name=DATASET,
        version=version,
        task=TaskKind.CLASSIFY,
        scorers=[{"method": "exact_match"}],
    )


def _run(actor: User, benchmark: Benchmark, system: System) -> Run:
    run = Run.objects.filter(benchmark=benchmark, system=system).first()
    run = run or plan_run(actor=actor, benchmark=benchmark, system=system, options=OPTIONS)
    return start(actor=actor, run=run) if run.state == RunState.PLANNED else run


def _finish(runs: list[Run]) -> None:
    ids = [run.pk for run in runs]
    over = (RunState.DONE, RunState.FAILED, RunState.CANCELLED)
    _await(lambda: Run.objects.filter(pk__in=ids, state__in=over).count() == len(ids))


def _study(workspace: Workspace, actor: User, version: DatasetVersion, systems: list[System]) -> Study:
    name = "Demo: is the label right?"
    study = Study.objects.filter(workspace=workspace, name=name).first()
    if study is None:
        study = create_study(
            workspace=workspace,
            actor=actor,
            name=name,
            kind=StudyKind.SCALE,
            version=version,
            systems=systems,
            criteria=[Criterion.objects.get(workspace=workspace, slug="correct")],
            wanted=4,
            instructions=INSTRUCTIONS,
            seed=DRAWN_BY,
            is_simulated=True,
        )
    if study.state == StudyState.DRAFT:
        build_units(actor=actor, study=study, examples=SAMPLE)
        open_study(study=study, actor=actor)
    if study.state == StudyState.LIVE:
        rate(study, _truth(version), skills=SKILLS[:3])
    return study


def _truth(version: DatasetVersion) -> Callable[[Task, int], dict[str, float]]:
    """The simulated raters read the digit as its label says; the picture tells them which one it is."""
    shown = {
        content[0]["file"]: reference
        for content, reference in Example.objects.filter(version=version).values_list("content", "reference")
    }

    def truth(task: Task, side: int) -> dict[str, float]:
        block: dict[str, Any] = task.prompt[0]
        return {"Correct": float(shown[block["file"]] == task.sides[side].text)}

    return truth


def _scorecard(
    workspace: Workspace, actor: User, version: DatasetVersion, systems: list[System], study: Study
) -> None:
    name = "Demo: which digit classifier is most accurate?"
    if Scorecard.objects.filter(workspace=workspace, name=name).exists():
        return
    correct = Criterion.objects.get(workspace=workspace, slug="correct")
    scorer = Scorer.objects.filter(
        workspace=workspace, scores__criterion=correct, scores__output__example__version=version
    ).first()
    card = create_scorecard(
        workspace=workspace,
        actor=actor,
        name=name,
        question="Which classifier reads handwritten digits best, and how fast is it?",
        systems=systems,
        version=version,
        dimensions=[
            DimensionChoice(
                name="Correct, all digits",
                criterion=correct,
                study=study,
                scorer=scorer,
                estimand="rate",
                labels=[1],
            ),
        ],
    )
    request_snapshot(actor=actor, scorecard=card)
