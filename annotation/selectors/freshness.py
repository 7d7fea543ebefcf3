"""Whether a study's figures are those of its ratings, and whether they are being computed."""

from annotation.models import Rating, Study, StudySnapshot
from concord.core.models import Job

JOB = "annotation.snapshot"


def newest_snapshot(study: Study) -> StudySnapshot | None:
    return StudySnapshot.objects.filter(study=study).order_by("-computed_at").first()


def snapshot_job(study: Study) -> Job | None:
    """The job that computes this study's figures, where one is under way."""
    live = [Job.State.QUEUED, Job.State.RUNNING]
    return Job.objects.filter(key=f"{JOB}:{study.pk}", state__in=live).first()


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
