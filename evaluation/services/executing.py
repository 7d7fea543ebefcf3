"""Executing one shard: what is open in it is asked, and each answer is written as it comes."""

from collections.abc import Callable
from contextlib import closing
from typing import Any

from django.db import transaction
from django.utils import timezone

from concord.core.errors import DomainError
from evaluation import scorers as registry
from evaluation.engines import Access, Engine, EngineError, create
from evaluation.engines.base import Replies
from evaluation.engines.warm import warm_engine
from evaluation.models import Run, Shard
from evaluation.selectors.endpoints import allowed_ips, called_by, may_reach_all
from evaluation.selectors.open_examples import open_examples
from evaluation.services import hardware
from evaluation.services.asking import Asked, ask, sampling
from evaluation.services.consent import ask_consent
from evaluation.services.keys import key_of, keys_known_to
from evaluation.services.recorded import score_recordings
from evaluation.services.recording import Scorers, fail, record
from evaluation.services.shards import MAX_ATTEMPTS, LostShard, finish, heartbeat, keep, release
from evaluation.states import AskedBy


def execute(run: Run, shard: Shard, *, also: Callable[[], None] | None = None) -> None:
    """Answer what is open in a shard that is ours.

    Raises `EngineError` where the system cannot work at all, `LostShard` where the shard is no longer ours.
    """
    try:
        with heartbeat(shard, also):
            if shard.attempts > MAX_ATTEMPTS:
                _give_up(run, shard)
            elif run.settings["asked_by"] == AskedBy.RECORDING:
                score_recordings(run=run, shard=shard, scorers=scorers_of(run))
            else:
                _answer(run, shard, engine_for(run))
    except BaseException:
        release(shard)
        raise
    finish(shard)


def engine_for(run: Run) -> Engine:
    """The warm engine of the run's system. What it runs on is written into the run the first time this machine serves it."""
    frozen = run.settings["system"]
    access = access_of(run)
    try:
        engine = warm_engine(
            frozen["kind"],
            frozen["config"],
            stamp=access,
            make=lambda: create(frozen["kind"], frozen["config"], access),
        )
    except EngineError:
        raise
    except Exception as error:  # whatever else a foreign model makes its library raise
        raise EngineError(
            f"The system could not be loaded: {type(error).__name__}: {str(error)[:300]}"
        ) from error
    note_environment(run, engine)
    return engine


def access_of(run: Run) -> Access:
    """Key and consent for the address that the run froze, as they are now. Raises `EngineError` where the key is not for it."""
    if not called_by(run):
        return Access()
    try:
        key = key_of(run.workspace, run.settings["system"]["config"])
    except DomainError as error:
        raise EngineError(error.message) from error
    return Access(
        key=key,
        hidden=tuple(sorted(keys_known_to(run.workspace))),
        allowed=allowed_ips(run),
        allow_private=may_reach_all(),
    )


def scorers_of(run: Run) -> Scorers:
    return [
        (spec["scorer_id"], spec["criterion_id"], registry.create(spec["method"], spec["parameters"]))
        for spec in run.settings["scorers"]
    ]


def _answer(run: Run, shard: Shard, engine: Engine) -> None:
    """Passes over what is open, until everything is answered or has used up its tries."""
    scorers = scorers_of(run)
    for _ in range(run.settings["max_attempts"]):
        asked = [
            ask(facts, run.settings, workspace_id=run.workspace_id) for facts in open_examples(run, shard)
        ]
        if not asked:
            return
        tasks, queued_at = {each.example_id: each.task for each in asked}, timezone.now()
        # Closed at once where the run is paused or lost: an engine that works ahead must not go on.
        with closing(_call(engine, run, shard, asked)) as groups:
            for replies in groups:
                if replies:
                    if refused := [ip for reply in replies for ip in reply.private]:
                        ask_consent(run, refused)
                    record(
                        run=run,
                        shard=shard,
                        replies=replies,
                        tasks=tasks,
                        scorers=scorers,
                        queued_at=queued_at,
                    )
                    keep(shard)


def _call(engine: Engine, run: Run, shard: Shard, asked: list[Asked]) -> Replies:
    requests = [each.request for each in asked]
    how = sampling(run.settings, epoch=shard.epoch)
    match run.settings["asked_by"]:
        case AskedBy.LIKELIHOOD:
            return engine.choose(requests, how)
        case AskedBy.PROGRAM:
            return engine.classify(requests, how)
        case _:
            return engine.generate(requests, how)


def _give_up(run: Run, shard: Shard) -> None:
    """An example that takes its worker down with it must not do so for ever."""
    message = f"the worker died {MAX_ATTEMPTS} times in a row while answering this example or one beside it"
    errors = [(facts.id, message, True) for facts in open_examples(run, shard)]
    fail(run=run, epoch=shard.epoch, errors=errors)


def note_environment(run: Run, engine: Engine) -> None:
    here: dict[str, Any] = hardware.machine()
    if any(machine["host"] == here["host"] for machine in run.environment.get("machines", [])):
        return
    with transaction.atomic():
        locked = Run.objects.select_for_update().get(pk=run.pk)
        machines = locked.environment.get("machines", [])
        if all(machine["host"] != here["host"] for machine in machines):
            machines.append({**here, "engine": engine.describe()})
            locked.environment = {**locked.environment, "machines": machines}
            locked.save(update_fields=["environment"])
        run.environment = locked.environment


__all__ = ["EngineError", "LostShard", "engine_for", "execute", "note_environment", "scorers_of"]
