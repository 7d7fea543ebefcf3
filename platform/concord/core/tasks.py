"""The Celery entry points of core: run one job, and sweep for jobs that the broker has lost."""

from celery import shared_task

from concord.core import jobs


@shared_task(name="core.run_job", ignore_result=True)
def run_job(job_id: int) -> None:
    jobs.run(job_id)


@shared_task(name="core.sweep_jobs", ignore_result=True)
def sweep_jobs() -> int:
    return jobs.sweep()
