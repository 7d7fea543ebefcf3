"""Ratings as long-form arrays, straight from PostgreSQL: the one shape that feeds every estimator."""

from annotation.models import Rating
from concord.core.selectors.arrays import columns
from concord.estimates.ratings import Ratings

COLUMNS = """
SELECT r.unit_id AS units, u.output_id AS outputs, coalesce(u.other_output_id, -1) AS other_outputs, o.system_id AS systems,
       coalesce(p.system_id, -1) AS other_systems, u.example_id AS examples, coalesce(r.rater_id, -1) AS raters,
       r.value AS values, r.swapped::int AS swapped, coalesce(r.seconds, 'NaN') AS seconds
FROM annotation_rating r
JOIN annotation_unit u ON u.id = r.unit_id
JOIN catalog_output o ON o.id = u.output_id
LEFT JOIN catalog_output p ON p.id = u.other_output_id
WHERE r.study_id = %s AND r.criterion_id = %s AND r.current AND r.value IS NOT NULL
ORDER BY r.id
"""
KINDS = {
    "units": int,
    "outputs": int,
    "other_outputs": int,
    "systems": int,
    "other_systems": int,
    "examples": int,
    "raters": int,
    "values": float,
    "swapped": int,
    "seconds": float,
}


def ratings_long(*, study_id: int, criterion_id: int) -> Ratings:
    """Every current rating of a study on one criterion. About 120 bytes a rating pass through memory once."""
    found = columns(COLUMNS, KINDS, [study_id, criterion_id])
    unjudged = Rating.objects.filter(study=study_id, criterion=criterion_id, current=True, value=None)
    rows = {**found, "swapped": found["swapped"].astype(bool)}
    return Ratings(**rows, cannot_judge=unjudged.count()).in_order()
