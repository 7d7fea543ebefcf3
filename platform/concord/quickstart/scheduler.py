"""The scheduler of `manage.py up`: Celery's beat on our schedule, without the applications, which it does not need.

Where Celery runs by itself, `celery -A concord beat` does the same.
"""

from celery import Celery
from celery.apps.beat import Beat


def main() -> None:
    app = Celery("concord", fixups=[])
    app.config_from_object("django.conf:settings", namespace="CELERY")
    Beat(app=app, loglevel="WARNING", quiet=True, pidfile=None).run()


if __name__ == "__main__":
    main()
