"""Computing a study's quality in the background, and keeping what was computed."""

import time
from typing import Any

from django.db import transaction
from django.utils import timezone

from annotation.models import Study, StudySnapshot
from annotation.selectors.freshness import JOB, stale_studies
from annotation.services.pictures import draw_history
from concord.accounts.selectors.lookup import require
from concord.accounts.states import Action
from concord.core import jobs
from concord.core.actors import BACKGROUND, Actor
from concord.core.models import Job


def request_snapshot(*, actor: Actor, study: Study) -> Job:
    """Have the study's quality computed; a second request while one is under way is the same."""
    require(actor=actor, workspace=study.workspace, to=Action.REVIEW)
    return jobs.enqueue(JOB, key=f"{JOB}:{study.pk}", study_id=study.pk)


@jobs.register(JOB)
def snapshot_job(job: Any, *, study_id: int) -> None:
    study = Study.objects.filter(pk=study_id).first()
    if study is not None:
        take_snapshot(study=study)
        draw_history(study=study)


def take_snapshot(*, study: Study) -> StudySnapshot:
    """Compute now. Where the ratings are the ones of an earlier snapshot, that one is kept and its age renewed."""
    # Here, because the estimators bring SciPy, and every web process loads this module to ask for a snapshot.
    from annotation.quality.study import evidence_of, quality

    began = time.monotonic()
    evidence = evidence_of(study)
    known = StudySnapshot.objects.filter(study=study, digest=evidence.digest).first()
    content = known.content if known else quality(study, evidence)
    now = timezone.now()
    with transaction.atomic():
        snapshot, _ = StudySnapshot.objects.update_or_create(
            study=study,
            digest=evidence.digest,
            defaults={"stamp": evidence.stamp, "checked_at": now, "computed_at": now},
            create_defaults={
                "content": content,
                "ratings": evidence.count,
                "stamp": evidence.stamp,
                "seconds": time.monotonic() - began,
                "computed_at": now,
                "checked_at": now,
            },
        )
    return snapshot


def refresh_due() -> int:
    """Have every study computed again whose ratings are not those of its last snapshot; returns how many were asked for."""
    due = stale_studies()
    for study in due:
        request_snapshot(actor=BACKGROUND, study=study)
    return len(due)
