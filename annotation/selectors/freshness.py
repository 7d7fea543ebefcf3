"""Whether a study's figures are those of its ratings, and whether they are being computed."""

from django.db import connection

from annotation.models import Study, StudySnapshot
from concord.core.models import Job

JOB = "annotation.snapshot"
BUILD = "annotation.build_units"


def newest_snapshot(study: Study) -> StudySnapshot | None:
    return StudySnapshot.objects.filter(study=study).order_by("-computed_at").first()


def snapshot_job(study: Study) -> Job | None:
    """The job that computes this study's figures, where one is under way."""
    return _under_way(f"{JOB}:{study.pk}")


def building_job(study: Study) -> Job | None:
    """The job that makes this study's units, where one is under way."""
    return _under_way(f"{BUILD}:{study.pk}")


def _under_way(key: str) -> Job | None:
    return Job.objects.filter(key=key, state__in=[Job.State.QUEUED, Job.State.RUNNING]).first()


def is_stale(study: Study, snapshot: StudySnapshot | None = None) -> bool:
    """Whether the newest snapshot is not of the ratings that count now: some came, or some were taken back or imported."""
    newest = snapshot or newest_snapshot(study)
    return ratings_stamp(study) != (newest.stamp if newest else "")


# METHODS is raised where the same ratings would give other figures: what was computed before is then computed again.
# A new rating shows itself by its id; the study's revision tells of what ids cannot: an answer or an import that was undone, and
# ratings of an import that took their ids early and came late. One entry of an index per criterion, however many ratings.
METHODS = 12
STAMP = f"""
SELECT '{METHODS}:' || max(r.id) || ':' || (SELECT revision FROM annotation_study WHERE id = {{study}})
FROM annotation_studycriterion q CROSS JOIN LATERAL (
    SELECT id FROM annotation_rating WHERE study_id = {{study}} AND criterion_id = q.criterion_id AND current
    ORDER BY id DESC LIMIT 1
) AS r WHERE q.study_id = {{study}}
"""


def ratings_stamp(study: Study) -> str:
    """What changes whenever ratings are given, taken back or imported; nothing where there are none."""
    with connection.cursor() as cursor:
        cursor.execute(STAMP.format(study="%s"), [study.pk] * 3)
        return str(cursor.fetchone()[0] or "")


STALE = f"""
SELECT s.id FROM annotation_study s WHERE s.state <> 'draft' AND coalesce(({STAMP.format(study="s.id")}), '') <> coalesce((
    SELECT t.stamp FROM annotation_studysnapshot t WHERE t.study_id = s.id ORDER BY t.computed_at DESC LIMIT 1
), '')
"""


def stale_studies() -> list[Study]:
    """The opened studies for which `is_stale` holds, found in one query."""
    return list(Study.objects.raw(STALE))
