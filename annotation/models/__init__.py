"""The tables of the human side."""

from annotation.models.assignment import Assignment
from annotation.models.draw import Draw
from annotation.models.rater import Rater, StudyRater
from annotation.models.rating import Rating
from annotation.models.snapshot import StudyPicture, StudySnapshot
from annotation.models.study import Study, StudyCriterion
from annotation.models.unit import Unit

__all__ = [
    "Assignment",
    "Draw",
    "Rater",
    "Rating",
    "Study",
    "StudyCriterion",
    "StudyPicture",
    "StudyRater",
    "StudySnapshot",
    "Unit",
]
