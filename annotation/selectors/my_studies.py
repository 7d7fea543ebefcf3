"""The studies that a person may rate in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from annotation.models import Study, StudyRater
from annotation.selectors.progress import seat_progress
from annotation.states import StudyEntry, StudyState
from concord.accounts.models import Workspace
from concord.accounts.states import Action


@dataclass(frozen=True)
class MyStudy:
    """A study as its rater sees it; `total` is 0 until the first visit."""

    study: Study
    workspace: Workspace
    state: str
    given: int
    total: int
    seated: bool

    @property
    def is_through(self) -> bool:
        """Whether this person has answered all that the study has for one person."""
        return 0 < self.total <= self.given


def studies_to_rate(user: Any) -> list[MyStudy]:
    """Live studies first, those with something left before the others; then paused ones, then closed ones they rated in."""
    seats = {
        seat.study_id: seat
        for seat in StudyRater.objects.filter(rater__user=user).select_related("study__workspace", "rater")
    }
    visible = (
        Study.objects.visible_to(user, Action.RATE)
        .select_related("workspace")
        .exclude(state=StudyState.DRAFT)
    )
    seen = set(Study.objects.visible_to(user, Action.READ).values_list("pk", flat=True))
    return sorted(
        (_mine(study, seats.get(study.pk)) for study in visible if _offered(study, seats, seen)),
        key=standing,
    )


def _offered(study: Study, seats: Mapping[int, StudyRater], seen: set[int]) -> bool:
    """As `may_enter` decides for each alone; a closed study only to whom it let in before."""
    if study.pk in seats:
        return True
    return study.state != StudyState.CLOSED and (study.entry == StudyEntry.WORKSPACE or study.pk in seen)


def standing(mine: MyStudy) -> tuple[int, bool, int]:
    """Where a study stands in a rater's list."""
    states = [StudyState.LIVE, StudyState.PAUSED, StudyState.CLOSED]
    return states.index(StudyState(mine.state)), mine.is_through, -mine.study.pk


def _mine(study: Study, seat: StudyRater | None) -> MyStudy:
    if seat is None:
        return MyStudy(study, study.workspace, study.state, 0, 0, seated=False)
    progress = seat_progress(seat)
    return MyStudy(study, study.workspace, study.state, progress.given, progress.total, seated=True)
