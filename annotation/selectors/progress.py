"""How far a rater and a study have come. The cost does not depend on the number of units, except where it says so."""

from dataclasses import dataclass

from django.db.models import Count, F, Q, Sum

from annotation.models import Assignment, Study, StudyRater, Unit
from annotation.selectors.hot import first_row
from annotation.states import AssignmentState
from concord.core.errors import Missing


@dataclass(frozen=True)
class SeatProgress:
    """`total` is the most that this rater can still reach, the ratings already given included."""

    given: int
    total: int
    seconds_each: float | None
    minutes_left: int | None
    can_undo: bool


@dataclass(frozen=True)
class StudyProgress:
    units: int
    wanted: int
    given: int
    on_screen: int
    finished_units: int
    seconds_each: float | None = None

    @property
    def seconds_left(self) -> float | None:
        """Time that raters together still have to give, at the pace so far."""
        return None if self.seconds_each is None else self.seconds_each * (self.wanted - self.given)

    @property
    def is_complete(self) -> bool:
        return 0 < self.wanted <= self.given

    @property
    def share(self) -> float:
        return self.given / self.wanted if self.wanted else 0.0


# What all raters together still have to give bounds what one of them can; each unit comes to a rater once.
SEAT = """
SELECT p.given, p.active_seconds, s.units_count, s.units_count * s.wanted,
       (SELECT COALESCE(sum(o.given), 0) FROM annotation_studyrater o WHERE o.study_id = s.id)
FROM annotation_studyrater p JOIN annotation_study s ON s.id = p.study_id WHERE p.id = %s
"""


def seat_progress(seat: StudyRater) -> SeatProgress:
    row = first_row(SEAT, [seat.pk])
    if row is None:
        raise Missing("This place in the study is gone.")
    given, seconds, units, wanted, everyone = row
    left = max(0, min(units - given, wanted - everyone))
    each = seconds / given if given and seconds else None
    minutes = None if each is None else max(1, round(left * each / 60)) if left else 0
    return SeatProgress(given, given + left, each, minutes, can_undo=given > 0)


def study_progress(study: Study) -> StudyProgress:
    """Counts from the units themselves, so that imported ratings are in it: one pass over the study's units."""
    totals = Unit.objects.filter(study=study).aggregate(
        all_wanted=Sum("wanted"),
        all_given=Sum("given"),
        finished=Count("pk", filter=Q(given__gte=F("wanted"))),
    )
    on_screen = Assignment.objects.filter(study=study, state=AssignmentState.LEASED).count()
    seats = StudyRater.objects.filter(study=study).aggregate(
        seconds=Sum("active_seconds"), answers=Sum("given")
    )
    each = seats["seconds"] / seats["answers"] if seats["answers"] and seats["seconds"] else None
    return StudyProgress(
        study.units_count,
        totals["all_wanted"] or 0,
        totals["all_given"] or 0,
        on_screen,
        totals["finished"],
        each,
    )
