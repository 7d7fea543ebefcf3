"""A run on a recorded system: its imported outputs are scored where they are, so that scores meet ratings there."""

from django.db import transaction

from concord.catalog.models import Output
from evaluation.models import Run, Score, Shard
from evaluation.scorers import Answer, Task
from evaluation.selectors.open_examples import open_examples
from evaluation.services.recording import Scorers, fail, scores_of


@transaction.atomic
def score_recordings(*, run: Run, shard: Shard, scorers: Scorers) -> int:
    """Score what is open in the shard; returns how many outputs were scored. Scores that are already there stay."""
    facts = {each.id: each for each in open_examples(run, shard)}
    outputs = Output.objects.filter(
        output_set_id=run.recorded_set_id,
        system_id=run.system_id,
        epoch=shard.epoch,
        example_id__in=list(facts),
    )
    made, found = [], set()
    for output_id, example_id, text in outputs.values_list("id", "example_id", "text"):
        found.add(example_id)
        task = Task(
            reference=facts[example_id].reference, choices=tuple(map(str, facts[example_id].choices or ()))
        )
        made += scores_of(output_id, Answer(text=text), task, scorers)
    Score.objects.bulk_create(made, ignore_conflicts=True, batch_size=2000)
    missing = [
        (example_id, "there is no imported output for this example", True)
        for example_id in facts
        if example_id not in found
    ]
    fail(run=run, epoch=shard.epoch, errors=missing)
    return len(found)
