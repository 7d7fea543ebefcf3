"""Writing what came back: output, timing and scores of an example in one transaction, once."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, transaction

from evaluation.engines import Reply
from evaluation.models import Failure, Run, Score, Shard, Timing
from evaluation.scorers import Answer, Scorer, Task
from evaluation.states import TaskKind

Scorers = Sequence[tuple[int, int, Scorer]]  # scorer id, criterion id, the scorer
MAX_MESSAGE = 2000
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@transaction.atomic
def record(
    *,
    run: Run,
    shard: Shard,
    replies: Sequence[Reply],
    tasks: Mapping[int, Task],
    scorers: Scorers,
    queued_at: Any,
) -> int:
    """Write replies that arrived together; returns how many answers are new.

    An example that another worker has answered meanwhile keeps that answer, with that answer's timing and scores.
    """
    answers = [reply for reply in replies if not reply.error]
    written = _outputs(run, shard, answers)
    fresh = [(written[reply.id], reply) for reply in answers if reply.id in written]
    Timing.objects.bulk_create(_timing(output, reply, run, queued_at) for output, reply in fresh)
    Score.objects.bulk_create(
        score
        for output, reply in fresh
        for score in scores_of(output, Answer(text=reply.text, choice=reply.choice), tasks[reply.id], scorers)
    )
    if answers:
        Failure.objects.filter(
            run=run, epoch=shard.epoch, example_id__in=[reply.id for reply in answers]
        ).delete()
    fail(
        run=run,
        epoch=shard.epoch,
        errors=[(reply.id, reply.error, reply.final) for reply in replies if reply.error],
    )
    return len(fresh)


def scores_of(output_id: int, answer: Answer, task: Task, scorers: Scorers) -> list[Score]:
    made = []
    for scorer_id, criterion_id, scorer in scorers:
        verdict = scorer.score(answer, task)
        made.append(
            Score(
                scorer_id=scorer_id,
                criterion_id=criterion_id,
                output_id=output_id,
                value=verdict.value,
                raw=storable(verdict.raw)[:1000],
            )
        )
    return made


def fail(*, run: Run, epoch: int, errors: Sequence[tuple[int, str, bool]]) -> None:
    """Count a failed try of each example; a final one uses up all its tries."""
    limit = run.settings["max_attempts"]
    with connection.cursor() as cursor:
        for example_id, message, final in errors:
            cursor.execute(
                "INSERT INTO evaluation_failure (run_id, example_id, epoch, message, attempts, at) "
                "VALUES (%s, %s, %s, %s, %s, now()) "
                "ON CONFLICT ON CONSTRAINT failure_once DO UPDATE SET message = excluded.message, at = now(), "
                "attempts = least(evaluation_failure.attempts + excluded.attempts, %s)",
                [run.pk, example_id, epoch, storable(message)[:MAX_MESSAGE], limit if final else 1, limit],
            )


def _outputs(run: Run, shard: Shard, answers: Sequence[Reply]) -> dict[int, int]:
    """Example id -> id of the output that is new."""
    if not answers:
        return {}
    kind = "markdown" if run.settings["task"] == TaskKind.GENERATE else "text"
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO catalog_output "
            "(output_set_id, system_id, example_id, epoch, text, text_kind, hidden_keys, created_at) "
            "SELECT %s, %s, a.example, %s, a.text, %s, a.hidden, clock_timestamp() "
            "FROM unnest(%s::bigint[], %s::text[], %s::int[]) AS a(example, text, hidden) "
            "ON CONFLICT ON CONSTRAINT output_once DO NOTHING RETURNING example_id, id",
            [
                run.output_set_id,
                run.system_id,
                shard.epoch,
                kind,
                [reply.id for reply in answers],
                [storable(reply.text) for reply in answers],
                [reply.redacted for reply in answers],
            ],
        )
        return dict(cursor.fetchall())


def _timing(output_id: int, reply: Reply, run: Run, queued_at: Any) -> Timing:
    return Timing(
        output_id=output_id,
        queued_at=queued_at,
        sent_at=reply.sent_at,
        first_token_at=reply.first_token_at,
        ended_at=reply.ended_at,
        duration_ms=reply.duration_ms,
        input_tokens=reply.input_tokens,
        output_tokens=reply.output_tokens,
        batch_size=reply.batch_size,
        cost=cost_of(reply, run.settings.get("prices") or {}),
    )


def cost_of(reply: Reply, prices: Mapping[str, Any]) -> float | None:
    """In the currency of the prices; None where no price is known, or tokens that a price needs were not counted."""
    cost, known = 0.0, False
    for name, tokens in (
        ("input_per_million", reply.input_tokens),
        ("output_per_million", reply.output_tokens),
    ):
        if prices.get(name):
            if tokens is None:
                return None
            cost, known = cost + float(prices[name]) * tokens / 1e6, True
    if prices.get("per_hour"):
        # What was answered together shares the machine's time.
        cost, known = (
            cost + float(prices["per_hour"]) * reply.duration_ms / 3.6e6 / max(1, reply.batch_size),
            True,
        )
    return cost if known else None


def storable(text: str) -> str:
    """Text that PostgreSQL takes: null characters and halves of surrogate pairs become U+FFFD."""
    return UNSTORABLE.sub("\ufffd", text)
