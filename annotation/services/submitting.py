"""Submitting, skipping, handing back, drafts and undo. A rating that the browser was told is saved, is saved."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from annotation.models import StudyRater
from annotation.selectors.hot import first_row, row_count
from annotation.selectors.tasks import Task, task_payload
from annotation.services.answers import Answer, checked, clean_text, read_answers, scales_of, turned
from annotation.services.assigning import MOST_AHEAD, NOT_LIVE, LockedSeat, hold, lock_seat
from annotation.states import ASSIGNMENT_MOVES, AssignmentState, StudyState
from concord.core.errors import Conflict, Invalid, Missing

__all__ = [
    "Answer",
    "Submitted",
    "read_answers",
    "return_all",
    "return_task",
    "save_draft",
    "skip",
    "submit",
    "undo_last",
]

LONGEST_COMMENT = 10_000
LONGEST_DRAFT = 20_000
MOST_SECONDS = 86_400.0
FULL = "Others had finished this one in the meantime. Your answer is kept, but it is not counted."
GONE = {
    AssignmentState.SUBMITTED: "This task was answered already.",
    AssignmentState.SKIPPED: "You skipped this task before; it is no longer yours.",
}
CLOSED = "The study was closed while this one was open. Your answer is kept, but it is not counted."


@dataclass(frozen=True)
class Submitted:
    """What became of an answer. `repeated`: this key was submitted before, and nothing was written now.

    `upcoming` is the task that was asked for with `ahead`, None where there is none or none was asked for.
    """

    key: str
    counted: bool
    message: str
    repeated: bool
    given: int
    upcoming: Task | None = None


@dataclass(frozen=True)
class Held:
    """An assignment under its lock."""

    id: int
    unit_id: int
    state: str
    swapped: bool


# The seat is locked already, so only one request of this rater is here.
HELD = """
SELECT id, unit_id, state, swapped FROM annotation_assignment WHERE key = %s AND rater_id = %s AND study_id = %s FOR UPDATE
"""

# One more than wanted is never counted. A lease holds its place; one that had gone back to the queue takes a free place again.
COUNT = {
    "leased": "SET given = given + 1 WHERE id = %(unit)s AND given < wanted",
    "late": "SET given = given + 1, free = free - 1, open = free > 1 WHERE id = %(unit)s AND free > 0",
    "closed": "SET given = given WHERE id = %(unit)s AND false",
}
GIVE_BACK = "UPDATE annotation_unit SET free = free + 1, open = true WHERE id = %s AND free + given < wanted"

# Everything that an answer changes, in one statement: unit, assignment, ratings, seat. `current` says whether it counts.
WRITE = """
WITH counted AS (
    UPDATE annotation_unit {count} RETURNING true AS yes
), answered AS (
    UPDATE annotation_assignment
    SET state = 'submitted', submitted_at = clock_timestamp(), seconds = %(seconds)s::float8, draft = NULL
    WHERE id = %(assignment)s
), written AS (
    INSERT INTO annotation_rating (study_id, unit_id, criterion_id, rater_id, assignment_id, value, reason, comment, swapped,
                                   seconds, current, supersedes_id, created_at)
    SELECT %(study)s, %(unit)s, a.criterion, %(rater)s, %(assignment)s, a.value, a.reason, a.comment, %(swapped)s,
           %(seconds)s::float8, EXISTS (SELECT FROM counted),
           (SELECT max(r.id) FROM annotation_rating r WHERE r.assignment_id = %(assignment)s AND r.criterion_id = a.criterion),
           clock_timestamp()
    FROM unnest(%(criteria)s::bigint[], %(values)s::float8[], %(reasons)s::text[], %(comments)s::text[])
         AS a(criterion, value, reason, comment)
)
UPDATE annotation_studyrater SET given = given + (SELECT count(*) FROM counted), last_seen_at = now(),
    active_seconds = active_seconds + coalesce(%(seconds)s::float8, 0)
WHERE id = %(seat)s RETURNING given, EXISTS (SELECT FROM counted)
"""
WRITES = {name: WRITE.format(count=count) for name, count in COUNT.items()}


def submit(
    *,
    seat: StudyRater,
    key: str,
    answers: Mapping[int, Answer],
    seconds: float | None = None,
    comment: str = "",
    ahead: int | None = None,
) -> Submitted:
    """Save the answers to one task, given in the orientation in which it was shown.

    The same key twice is submitting once. An expired lease is accepted while its unit has room; where the unit was filled
    meanwhile or the study closed, the answer is kept with `counted` false. With `ahead`, the task of that number comes back
    as `upcoming`, leased in the same transaction. Raises `Invalid` (code `answers`), `Missing`, and `Conflict` (code
    `task_gone`) for a task that this rater had skipped.
    """
    comment = clean_text(comment, LONGEST_COMMENT, "The comment")
    with transaction.atomic():
        locked = lock_seat(seat)
        result = _submit(seat, locked, key, answers, _sane(seconds), comment)
        goes_on = ahead is not None and locked.state == StudyState.LIVE and locked.is_active
        held = hold(seat, locked, min(ahead or 0, MOST_AHEAD)) if goes_on else []
    if ahead is None or len(held) <= ahead:
        return result
    return replace(result, upcoming=task_payload(assignment_id=held[ahead], seat=seat))


def _submit(
    seat: StudyRater,
    locked: LockedSeat,
    key: str,
    answers: Mapping[int, Answer],
    seconds: float | None,
    comment: str,
) -> Submitted:
    held = _held(seat, key)
    if held.state == AssignmentState.SUBMITTED:
        return _already(seat, key, held)
    _check_move(held, AssignmentState.SUBMITTED)
    stored = checked(scales_of(seat), answers, swapped=held.swapped)
    closed = locked.state == StudyState.CLOSED
    given, counted = _write(seat, held, stored, closed=closed, seconds=seconds, comment=comment)
    message = "" if counted else CLOSED if closed else FULL
    return Submitted(key, counted, message, repeated=False, given=given)


def skip(*, seat: StudyRater, key: str) -> None:
    """Put a task aside for good: it does not come back to this rater. Doing it twice is doing it once."""
    _let_go(seat, key, AssignmentState.SKIPPED)


def return_task(*, seat: StudyRater, key: str) -> None:
    """Hand a task back unanswered; it may come back to this rater. Doing it twice is doing it once."""
    _let_go(seat, key, AssignmentState.RETURNED)


def return_all(*, seat: StudyRater) -> int:
    """Hand back every task that this rater holds; returns how many there were."""
    with transaction.atomic(), connection.cursor() as cursor:
        lock_seat(seat)
        cursor.execute(
            "UPDATE annotation_assignment SET state = 'returned' WHERE rater_id = %s AND study_id = %s AND state = 'leased' "
            "RETURNING unit_id",
            [seat.rater_id, seat.study_id],
        )
        units = sorted(row[0] for row in cursor.fetchall())
        for unit in units:
            cursor.execute(GIVE_BACK, [unit])
        return len(units)


def save_draft(*, seat: StudyRater, key: str, draft: Mapping[str, Any]) -> None:
    """Keep what is half answered. Ignored once the task is answered or gone: a draft must never be an error while one works."""
    text = json.dumps(draft).replace("\\u0000", "")
    if len(text) > LONGEST_DRAFT:
        raise Invalid("This draft is too long to keep.", code="too_long")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE annotation_assignment SET draft = %s::jsonb "
            "WHERE key = %s AND rater_id = %s AND study_id = %s AND state <> 'submitted'",
            [text, _uuid(key), seat.rater_id, seat.study_id],
        )


def undo_last(*, seat: StudyRater) -> Task:
    """Put the last counted answer back on the screen. Its ratings stay in the table and are no longer current.

    Raises `Conflict`: `nothing_to_undo`, or the study's state where it is not live.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        locked = lock_seat(seat)
        if locked.state != StudyState.LIVE:
            raise Conflict(NOT_LIVE[StudyState(locked.state)], code=f"study_{locked.state}")
        cursor.execute(LAST, [seat.rater_id, seat.study_id])
        last = cursor.fetchone()
        if last is None:
            raise Conflict("There is no answer to undo.", code="nothing_to_undo")
        _take_back(seat, locked, *last)
        return task_payload(assignment_id=last[0], seat=seat)


LAST = """
SELECT a.id, a.unit_id, a.swapped, a.seconds FROM annotation_assignment a
WHERE a.rater_id = %s AND a.study_id = %s AND a.state = 'submitted'
  AND EXISTS (SELECT 1 FROM annotation_rating r WHERE r.assignment_id = a.id AND r.current)
ORDER BY a.submitted_at DESC, a.id DESC LIMIT 1 FOR UPDATE OF a
"""


def _take_back(
    seat: StudyRater, locked: LockedSeat, assignment: int, unit: int, swapped: bool, seconds: float | None
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE annotation_rating SET current = false WHERE assignment_id = %s AND current "
            "RETURNING criterion_id, value, reason, comment",
            [assignment],
        )
        draft = _draft_of(seat, cursor.fetchall(), swapped)
        cursor.execute("UPDATE annotation_unit SET given = given - 1 WHERE id = %s", [unit])
        cursor.execute(
            "UPDATE annotation_assignment SET state = 'leased', submitted_at = NULL, draft = %s::jsonb, "
            "expires_at = now() + %s * interval '1 second' WHERE id = %s",
            [json.dumps(draft), locked.lease_seconds, assignment],
        )
        cursor.execute(
            "UPDATE annotation_studyrater SET given = given - 1, active_seconds = GREATEST(0, active_seconds - %s) WHERE id = %s",
            [seconds or 0.0, seat.pk],
        )
        cursor.execute("UPDATE annotation_study SET revision = revision + 1 WHERE id = %s", [seat.study_id])


def _draft_of(seat: StudyRater, rows: list[Any], swapped: bool) -> dict[str, Any]:
    """The undone answers as the rater gave them, in the orientation in which they were shown."""
    scales = {scale.criterion_id: scale for scale in scales_of(seat)}
    answers: dict[str, Any] = {}
    for criterion, value, reason, _ in rows:
        shown = turned(scales[criterion], Answer(value, reason)) if swapped else Answer(value, reason)
        answers[str(criterion)] = {"cannot_judge": shown.reason} if shown.value is None else shown.value
    return {"answers": answers, "comment": next((comment for *_, comment in rows if comment), "")}


def _held(seat: StudyRater, key: str) -> Held:
    row = first_row(HELD, [_uuid(key), seat.rater_id, seat.study_id])
    if row is None:
        raise Missing("There is no such task of yours.", code="not_found")
    return Held(*row)


def _uuid(key: str) -> UUID:
    try:
        return UUID(str(key))
    except ValueError:
        raise Missing("There is no such task of yours.", code="not_found") from None


def _already(seat: StudyRater, key: str, held: Held) -> Submitted:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM annotation_rating WHERE assignment_id = %s AND current), "
            "(SELECT given FROM annotation_studyrater WHERE id = %s)",
            [held.id, seat.pk],
        )
        counted, given = cursor.fetchone()
    return Submitted(key, counted, "" if counted else FULL, repeated=True, given=given)


def _write(
    seat: StudyRater,
    held: Held,
    answers: Mapping[int, Answer],
    *,
    closed: bool,
    seconds: float | None,
    comment: str,
) -> tuple[int, bool]:
    """Write the answer; the seat's count afterwards, and whether the unit still wanted this rating."""
    leased = held.state == AssignmentState.LEASED
    values = {
        "assignment": held.id,
        "study": seat.study_id,
        "unit": held.unit_id,
        "rater": seat.rater_id,
        "seat": seat.pk,
        "swapped": held.swapped,
        "seconds": seconds,
        "criteria": list(answers),
        "values": [None if answer.value is None else float(answer.value) for answer in answers.values()],
        "reasons": [answer.reason if answer.value is None else "" for answer in answers.values()],
        "comments": [comment if index == 0 else "" for index in range(len(answers))],
    }
    row = first_row(WRITES["closed" if closed else "leased" if leased else "late"], values)
    if row is None:
        raise Missing("This place in the study is gone.")
    given, counted = row
    if leased and not counted:
        row_count(GIVE_BACK, [held.unit_id])
    return given, counted


def _sane(seconds: float | None) -> float | None:
    """The browser's measurement, where it is one."""
    if seconds is None or not math.isfinite(seconds) or seconds < 0:
        return None
    return min(seconds, MOST_SECONDS)


def _let_go(seat: StudyRater, key: str, to: AssignmentState) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        lock_seat(seat)
        held = _held(seat, key)
        if held.state == to:
            return
        _check_move(held, to)
        cursor.execute("UPDATE annotation_assignment SET state = %s WHERE id = %s", [to.value, held.id])
        if held.state == AssignmentState.LEASED:
            cursor.execute(GIVE_BACK, [held.unit_id])


def _check_move(held: Held, to: AssignmentState) -> None:
    """The assignment is locked, so what is allowed now is allowed until this transaction ends."""
    if to not in ASSIGNMENT_MOVES[held.state]:
        raise Conflict(GONE[AssignmentState(held.state)], code="task_gone")
