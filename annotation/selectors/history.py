"""Agreement over time, as the kept snapshots tell it, and its picture."""

from dataclasses import dataclass
from typing import Any

from annotation.models import Study, StudyPicture, StudySnapshot
from concord.core.selectors.pictures import current
from concord.estimates.formatting import aligned

MOST = 12


@dataclass(frozen=True)
class Moment:
    """One criterion's alpha when there were so many ratings."""

    ratings: int
    alpha: dict[str, Any]


@dataclass(frozen=True)
class Line:
    name: str
    moments: tuple[Moment, ...]


@dataclass(frozen=True)
class History:
    """A line for each criterion with at least two moments, and the snapshots that they come from, oldest first."""

    lines: tuple[Line, ...]
    snapshots: tuple[int, ...]


def alpha_history(study: Study) -> History:
    """For each criterion its alpha over the last snapshots; no line where there is but one."""
    newest = list(StudySnapshot.objects.filter(study=study).order_by("-computed_at")[:MOST])
    latest = {
        shot.ratings: shot for shot in reversed(newest)
    }  # the same ratings by another method are no moment of their own
    shots = sorted(latest.values(), key=lambda shot: shot.ratings)
    names = [one["name"] for one in shots[-1].content["criteria"]] if shots else []
    every = [Line(name, _moments(name, shots)) for name in names]
    lines = tuple(line for line in every if len(line.moments) > 1)
    aligned(moment.alpha for line in lines for moment in line.moments)
    return History(lines=lines, snapshots=tuple(shot.pk for shot in shots))


def _moments(name: str, shots: list[StudySnapshot]) -> tuple[Moment, ...]:
    return tuple(
        Moment(shot.ratings, one["alpha"])
        for shot in shots
        for one in shot.content["criteria"]
        if one["name"] == name and one["alpha"]["value"] is not None
    )


def history_picture(study: Study, history: History) -> StudyPicture | None:
    """Return the picture of exactly this history; None until a worker has drawn it."""
    return current(StudyPicture.objects.filter(study=study), list(history.snapshots))
