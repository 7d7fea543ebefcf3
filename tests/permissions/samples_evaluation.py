"""The routes of benchmarks, runs, scorers and endpoint keys."""

from typing import Any

from concord.accounts.states import Action
from concord.catalog.models import Dataset, DatasetVersion, Example, System
from evaluation.models import BenchmarkPicture, Run, Scorer
from evaluation.services import control
from evaluation.services.benchmarks import create_benchmark
from evaluation.services.planning import plan_run
from evaluation.services.secrets import add_secret
from tests.permissions.services import Served
from tests.permissions.support import ADMINISTRATOR, Needs

EXPECTED = {
    "benchmarks": Needs(Action.READ),
    "benchmark-new": Needs(Action.DESIGN, Action.DESIGN),
    "benchmark": Needs(Action.READ),
    "benchmark-picture": Needs(Action.READ),
    "benchmark-delete": Needs(None, Action.DESIGN),
    "runs": Needs(Action.READ),
    "run-new": Needs(Action.DESIGN, Action.DESIGN),
    "run": Needs(Action.READ),
    "run-progress": Needs(Action.READ),
    "run-start": Needs(None, Action.DESIGN),
    "run-pause": Needs(None, Action.DESIGN),
    "run-resume": Needs(None, Action.DESIGN),
    "run-cancel": Needs(None, Action.DESIGN),
    "run-allow-endpoint": Needs(None, ADMINISTRATOR),
    "run-refuse-endpoint": Needs(None, ADMINISTRATOR),
    "secrets": Needs(Action.MANAGE, Action.MANAGE),
    "secret-bind": Needs(None, Action.MANAGE),
    "secret-delete": Needs(None, Action.MANAGE),
    "api:benchmark-list": Needs(Action.READ, Action.DESIGN),
    "api:benchmark-detail": Needs(Action.READ, Action.DESIGN),
    "api:run-list": Needs(Action.READ, Action.DESIGN),
    "api:run-detail": Needs(Action.READ),
    "api:run-results": Needs(Action.READ),
    "api:run-outputs": Needs(Action.READ),
    "api:run-failures": Needs(Action.READ),
    "api:run-endpoint": Needs(Action.READ, ADMINISTRATOR),
    "api:run-start": Needs(None, Action.DESIGN),
    "api:run-pause": Needs(None, Action.DESIGN),
    "api:run-resume": Needs(None, Action.DESIGN),
    "api:run-cancel": Needs(None, Action.DESIGN),
    "api:scorer-list": Needs(Action.READ),
    "api:scorer-detail": Needs(Action.READ),
    "api:secret-list": Needs(Action.MANAGE, Action.MANAGE),
    "api:secret-detail": Needs(None, Action.MANAGE),
    "api:secret-bind": Needs(None, Action.MANAGE),
}


def _run(workspace: Any, owner: Any) -> Run:
    dataset = Dataset.objects.create(workspace=workspace, name="Sample")
    version = DatasetVersion.objects.create(dataset=dataset, examples_count=1)
    Example.objects.create(
        version=version, key="1", content=[{"type": "text", "text": "hi"}], reference="yes"
    )
    system = System.objects.create(
        workspace=workspace, name="Sample", kind="transformers", config={"path": "x"}
    )
    benchmark = create_benchmark(actor=owner, workspace=workspace, name="Sample", version=version)
    return plan_run(actor=owner, benchmark=benchmark, system=system)


def _draw(run: Run) -> None:
    BenchmarkPicture.objects.create(
        benchmark=run.benchmark, key="compared", shown=[run.pk], pages=[], png=b"png"
    )


def samples(workspace: Any, owner: Any) -> dict[str, dict[str, Any]]:
    run = _run(workspace, owner)
    _draw(run)
    unused = create_benchmark(actor=owner, workspace=workspace, name="Unused", version=run.benchmark.version)
    secret = add_secret(
        actor=owner, workspace=workspace, name="lab", value="sk-1", address="https://lab.example"
    )
    here, this = {"workspace": workspace.slug}, {"pk": run.pk}
    pages = ("", "-progress", "-start", "-pause", "-resume", "-cancel", "-allow-endpoint", "-refuse-endpoint")
    actions = ("detail", "endpoint", "results", "outputs", "failures", "start", "pause", "resume", "cancel")
    return {
        **dict.fromkeys(("benchmarks", "benchmark-new", "runs", "run-new", "secrets"), here),
        **{f"run{page}": here | this for page in pages},
        **{f"api:run-{action}": this for action in actions},
        "benchmark": here | {"pk": run.benchmark_id},
        "benchmark-picture": here | {"pk": run.benchmark_id, "kind": "png"},
        "benchmark-delete": here | {"pk": unused.pk},
        "secret-bind": here | {"pk": secret.pk},
        "secret-delete": here | {"pk": secret.pk},
        "api:benchmark-detail": {"pk": unused.pk},
        "api:scorer-detail": {"pk": Scorer.objects.get(workspace=workspace).pk},
        "api:secret-detail": {"pk": secret.pk},
        "api:secret-bind": {"pk": secret.pk},
    }


def bodies(workspace: Any, owner: Any) -> dict[str, dict[str, Any]]:
    return {
        "api:run-endpoint": {"ips": ["10.0.0.1"]},
        "api:secret-bind": {"address": "https://lab.example"},
        "api:secret-list": {"name": "other", "value": "sk-2", "address": "https://lab.example"},
        "secrets": {"name": "other", "value": "sk-2", "address": "https://lab.example"},
    }


def services(workspace: Any, owner: Any) -> dict[str, Served]:
    run = _run(workspace, owner)
    benchmark, system = run.benchmark, run.system
    _draw(run)
    running = control.start(actor=owner, run=plan_run(actor=owner, benchmark=benchmark, system=system))
    paused = control.start(actor=owner, run=plan_run(actor=owner, benchmark=benchmark, system=system))
    control.pause(actor=owner, run=paused)
    unused = create_benchmark(actor=owner, workspace=workspace, name="Unused", version=benchmark.version)
    secret = add_secret(
        actor=owner, workspace=workspace, name="lab", value="sk-1", address="https://lab.example"
    )
    unbound = add_secret(
        actor=owner, workspace=workspace, name="old", value="sk-1", address="https://lab.example"
    )
    type(unbound).objects.filter(pk=unbound.pk).update(address="")
    lab = {"address": "https://lab.example"}
    here = {"workspace": workspace}
    made, design, manage = "evaluation.services.", Action.DESIGN, Action.MANAGE
    new = {**here, "name": "New", "version": benchmark.version}
    return {
        f"{made}benchmarks.create_benchmark": Served(design, "benchmark.created", new),
        f"{made}benchmarks.delete_benchmark": Served(design, "benchmark.deleted", {"benchmark": unused}),
        # Of the installation, not of a workspace: nobody of the cast is one of its administrators.
        f"{made}consent.allow_private_endpoint": Served(ADMINISTRATOR, "", {"run": run}),
        f"{made}consent.withdraw_consent": Served(ADMINISTRATOR, "", {"run": run}),
        f"{made}control.start": Served(design, "run.running", {"run": run}),
        f"{made}control.pause": Served(design, "run.paused", {"run": running}),
        f"{made}control.resume": Served(design, "run.running", {"run": paused}),
        f"{made}control.cancel": Served(design, "run.cancelled", {"run": running}),
        f"{made}exports.comparison_file": Served(
            Action.READ, "picture.exported", {"benchmark": benchmark, "kind": "svg"}
        ),
        f"{made}planning.plan_run": Served(design, "run.planned", {"benchmark": benchmark, "system": system}),
        f"{made}secrets.add_secret": Served(
            manage, "secret.added", {**here, **lab, "name": "other", "value": "sk"}
        ),
        f"{made}secrets.bind_secret": Served(manage, "secret.bound", {"secret": unbound, **lab}),
        f"{made}secrets.delete_secret": Served(manage, "secret.deleted", {"secret": secret}),
    }
