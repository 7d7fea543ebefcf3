"""Many raters at once, each in a thread with its own connection."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.db import connection

from annotation.models import Assignment, Rating, Unit
from annotation.services.assigning import next_task
from annotation.services.joining import rater_named, seat_rater
from annotation.services.submitting import Answer, skip, submit


def at_once(work: Callable[[int], None], threads: int) -> list[BaseException]:
    """Run `work(0..threads-1)` at the same moment; returns what was raised."""
    errors: list[BaseException] = []
    start = threading.Barrier(threads)

    def run(index: int) -> None:
        try:
            start.wait()
            work(index)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    running = [threading.Thread(target=run, args=(index,)) for index in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return errors


def everyone_rates(study: Any, *, raters: int, skips: float = 0.0) -> Counter[int]:
    """Every rater works until nothing is left; returns how many answers each was told are saved."""
    seats = [
        seat_rater(study=study, rater=rater_named(workspace=study.workspace, name=f"rater {index}"))
        for index in range(raters)
    ]
    saved: Counter[int] = Counter()

    def work(index: int) -> None:
        rng = random.Random(index)
        while task := next_task(seat=seats[index], ahead=rng.randrange(2)) or next_task(seat=seats[index]):
            if rng.random() < skips:
                skip(seat=seats[index], key=task.key)
                continue
            answers = {question.id: Answer(3) for question in task.questions}
            saved[index] += submit(seat=seats[index], key=task.key, answers=answers, seconds=1).counted

    errors = at_once(work, raters)
    assert not errors, errors[0]
    return saved


def nothing_is_wrong(study: Any) -> None:
    """No unit over its wanted number, no rater twice on a unit, and the counters tell the truth."""
    ratings = list(Rating.objects.filter(study=study, current=True).values_list("unit_id", "rater_id"))
    assert len(ratings) == len(set(ratings))
    given = Counter(unit for unit, _ in ratings)
    held = Counter(Assignment.objects.filter(study=study, state="leased").values_list("unit_id", flat=True))
    for unit in Unit.objects.filter(study=study):
        assert given[unit.pk] == unit.given <= unit.wanted
        assert unit.wanted == unit.given + unit.free + held[unit.pk]
