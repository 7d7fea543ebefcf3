"""The Celery entry points of the automatic side. The work itself is the job `evaluation.work`."""

from celery import shared_task

from evaluation.services.work import resume_due


@shared_task(name="evaluation.resume_runs", ignore_result=True)
def resume_runs() -> int:
    return resume_due()
