"""Whether a study's figures are those of its ratings, and whether they are being computed."""

from annotation.models import Rating, Study, StudySnapshot
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
    """Whether ratings came in that the newest snapshot does not know. Reads one entry of an index per criterion."""
    newest = snapshot or newest_snapshot(study)
    return newest_rating(study) > (newest.last_rating if newest else 0)


def newest_rating(study: Study) -> int:
    """The id of the newest current rating; 0 where there is none."""
    asked = study.study_criteria.values_list("criterion_id", flat=True)
    given = [
        Rating.objects.filter(study=study, criterion=one, current=True)
        .order_by("-id")
        .values_list("id", flat=True)
        .first()
        for one in asked
    ]
    return max((one for one in given if one is not None), default=0)


# One entry of an index per criterion of each study, however many ratings there are.
STALE = """
SELECT s.id FROM annotation_study s WHERE s.state <> 'draft' AND (
    SELECT max(r.id) FROM annotation_studycriterion q CROSS JOIN LATERAL (
        SELECT id FROM annotation_rating WHERE study_id = s.id AND criterion_id = q.criterion_id AND current
        ORDER BY id DESC LIMIT 1
    ) AS r WHERE q.study_id = s.id
) > coalesce((
    SELECT t.last_rating FROM annotation_studysnapshot t WHERE t.study_id = s.id ORDER BY t.computed_at DESC LIMIT 1
), 0)
"""


def stale_studies() -> list[Study]:
    """The opened studies for which `is_stale` holds, found in one query."""
    return list(Study.objects.raw(STALE))
