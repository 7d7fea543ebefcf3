"""Many workers claim shards at once: each shard goes to one of them, and a control shows that this is not for free."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from evaluation.models import Run, Shard
from evaluation.services.benchmarks import create_benchmark
from evaluation.services.planning import plan_run
from evaluation.services.shards import claim
from evaluation.states import RunState

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS, SHARDS = 8, 60


@pytest.fixture
def run(designer: Any, workspace: Any, make_dataset: Any, make_system: Any) -> Run:
    version = make_dataset([{"reference": "1"}] * SHARDS)
    benchmark = create_benchmark(actor=designer, workspace=workspace, name="B", version=version)
    planned = plan_run(
        actor=designer,
        benchmark=benchmark,
        system=make_system("transformers", path="x"),
        options={"shard_size": 1},
    )
    Run.objects.filter(pk=planned.pk).update(state=RunState.RUNNING)
    return planned


def all_claims(take: Any, run: Run) -> list[int]:
    def worker(name: int) -> list[int]:
        taken = []
        try:
            while (found := take(run.pk, f"worker {name}")) is not None:
                taken.append(found)
        finally:
            connection.close()
        return taken

    with ThreadPoolExecutor(WORKERS) as pool:
        return [shard for taken in pool.map(worker, range(WORKERS)) for shard in taken]


def test_every_shard_is_claimed_once_by_one_worker(run: Run) -> None:
    def take(run_id: int, holder: str) -> int | None:
        found = claim(run_id, holder)
        return found.pk if found else None

    taken = all_claims(take, run)
    assert len(taken) == SHARDS
    assert len(set(taken)) == SHARDS


def test_without_the_lock_shards_are_claimed_twice(run: Run) -> None:
    import time

    def careless(run_id: int, holder: str) -> int | None:
        found = Shard.objects.filter(run_id=run_id, state="waiting").order_by("epoch", "first").first()
        if found is None:
            return None
        time.sleep(0.002)
        Shard.objects.filter(pk=found.pk).update(state="claimed", holder=holder)
        return found.pk

    assert len(all_claims(careless, run)) > SHARDS
