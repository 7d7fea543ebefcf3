"""The next task: leased in one short transaction, at the same cost for a thousand units and for a million."""

import time
from dataclasses import dataclass

from django.db import transaction

from annotation.models import StudyRater
from annotation.selectors.hot import all_rows, first_row, row_count
from annotation.selectors.tasks import Task, task_payload
from annotation.states import StudyState
from concord.core.errors import Conflict, Forbidden, Missing

MOST_AHEAD = 2
RETRIES = 5

SEAT = """
SELECT s.state, s.lease_seconds, p.cursor, p.is_active FROM annotation_studyrater p
JOIN annotation_study s ON s.id = p.study_id WHERE p.id = %s FOR UPDATE OF p
"""

# What this rater holds, then what came back to the queue from this rater and still has room.
HELD = """
SELECT a.id, a.state = 'leased', a.expires_at < now() + %(half)s::float8 * interval '1 second'
FROM annotation_assignment a JOIN annotation_unit u ON u.id = a.unit_id
WHERE a.rater_id = %(rater)s AND a.study_id = %(study)s AND a.state IN ('leased', 'expired', 'returned')
  AND (a.state = 'leased' OR u.open)
ORDER BY a.state <> 'leased', a.leased_at, a.id LIMIT 12
"""

RENEW = """
UPDATE annotation_assignment SET expires_at = now() + %s::int4 * interval '1 second' WHERE id = ANY(%s) AND state = 'leased'
"""

# `picked` locks one open unit that nobody else holds at this moment; a unit that changed since the statement began is checked
# again under its lock. The scalar subquery (and not NOT EXISTS) keeps the probe by index whatever the planner believes.
LEASE = """
WITH picked AS (
    SELECT u.id, u.position, u.handed_out, u.swap_first, u.other_output_id IS NOT NULL AS pair FROM annotation_unit u
    WHERE u.study_id = %(study)s AND u.open AND u.position > %(after)s
      AND (SELECT true FROM annotation_assignment a WHERE a.unit_id = u.id AND a.rater_id = %(rater)s LIMIT 1) IS NULL
    ORDER BY u.position LIMIT 1 FOR UPDATE OF u SKIP LOCKED
), taken AS (
    UPDATE annotation_unit u SET free = u.free - 1, open = u.free > 1, handed_out = u.handed_out + 1
    FROM picked WHERE u.id = picked.id
), moved AS (
    UPDATE annotation_studyrater p SET cursor = picked.position, last_seen_at = now() FROM picked WHERE p.id = %(seat)s
)
INSERT INTO annotation_assignment (study_id, unit_id, rater_id, key, state, swapped, leased_at, expires_at)
SELECT %(study)s, picked.id, %(rater)s, gen_random_uuid(), 'leased',
       picked.pair AND picked.swap_first <> (picked.handed_out %% 2 = 1), clock_timestamp(),
       now() + %(seconds)s::int4 * interval '1 second'
FROM picked RETURNING id
"""

RETAKE = """
WITH picked AS (
    SELECT u.id FROM annotation_assignment a JOIN annotation_unit u ON u.id = a.unit_id
    WHERE a.id = %(id)s AND a.state IN ('expired', 'returned') AND u.open FOR UPDATE OF u SKIP LOCKED
), taken AS (
    UPDATE annotation_unit u SET free = u.free - 1, open = u.free > 1 FROM picked WHERE u.id = picked.id
)
UPDATE annotation_assignment a
SET state = 'leased', leased_at = clock_timestamp(), expires_at = now() + %(seconds)s::int4 * interval '1 second'
FROM picked WHERE a.id = %(id)s RETURNING a.id
"""

WAITING = """
SELECT EXISTS (
    SELECT 1 FROM annotation_unit u WHERE u.study_id = %(study)s AND u.open
      AND (SELECT true FROM annotation_assignment a WHERE a.unit_id = u.id AND a.rater_id = %(rater)s LIMIT 1) IS NULL)
"""

NOT_LIVE = {
    StudyState.DRAFT: "This study has not been opened yet.",
    StudyState.PAUSED: "This study is paused. What you gave is safe; come back later.",
    StudyState.CLOSED: "This study is closed. Thank you for your ratings.",
}


@dataclass(frozen=True)
class LockedSeat:
    """The seat's row under its lock: one request of a rater at a time."""

    state: str
    lease_seconds: int
    cursor: int
    is_active: bool


def lock_seat(seat: StudyRater) -> LockedSeat:
    """Lock the seat for this transaction. Every hot path takes locks in this order: seat, assignment, unit."""
    row = first_row(SEAT, [seat.pk])
    if row is None:
        raise Missing("This place in the study is gone.")
    return LockedSeat(*row)


def next_task(*, seat: StudyRater, ahead: int = 0) -> Task | None:
    """The rater's task number `ahead` (0 is on screen, 1 comes after it), leasing what is missing; None where nothing is left.

    Asking again gives the same task. Raises `Conflict` (`study_draft`, `study_paused`, `study_closed`) where no tasks are
    handed out, `Forbidden` (`seat_closed`).
    """
    ahead = max(0, min(ahead, MOST_AHEAD))
    for attempt in range(RETRIES):
        with transaction.atomic():
            held = hold(seat, lock_seat(seat), ahead)
        if len(held) > ahead:
            return task_payload(assignment_id=held[ahead], seat=seat)
        if not _units_waiting(seat):
            return None
        time.sleep(0.004 * (attempt + 1))  # the last units were locked for a moment by others
    return None


def hold(seat: StudyRater, locked: LockedSeat, ahead: int) -> list[int]:
    """The leases of this rater, oldest first, filled up to `ahead + 1` as far as there are units. The seat is locked."""
    if locked.state != StudyState.LIVE:
        raise Conflict(NOT_LIVE[StudyState(locked.state)], code=f"study_{locked.state}", state=locked.state)
    if not locked.is_active:
        raise Forbidden("Your place in this study was closed. Ask whoever invited you.", code="seat_closed")
    values = {"half": locked.lease_seconds / 2, "rater": seat.rater_id, "study": seat.study_id}
    rows = all_rows(HELD, values)
    held = [pk for pk, leased, _ in rows if leased]
    stale = [pk for pk, leased, half_over in rows if leased and half_over]
    if stale:
        row_count(RENEW, [locked.lease_seconds, stale])
    came_back = [pk for pk, leased, _ in rows if not leased]
    while len(held) <= ahead:
        got = _lease_one(seat, locked, came_back)
        if got is None:
            break
        held.append(got)
    return held


def _lease_one(seat: StudyRater, locked: LockedSeat, came_back: list[int]) -> int | None:
    """One more unit: what came back first, then past the cursor, then from the start for units that opened again."""
    while came_back:
        if row := first_row(RETAKE, {"id": came_back.pop(0), "seconds": locked.lease_seconds}):
            return int(row[0])
    fixed = {"study": seat.study_id, "rater": seat.rater_id, "seat": seat.pk, "seconds": locked.lease_seconds}
    row = first_row(LEASE, {**fixed, "after": locked.cursor})
    if row is None and locked.cursor >= 0:
        row = first_row(LEASE, {**fixed, "after": -1})
    return int(row[0]) if row else None


def _units_waiting(seat: StudyRater) -> bool:
    row = first_row(WAITING, {"study": seat.study_id, "rater": seat.rater_id})
    return row is not None and bool(row[0])
