"""The web process's entry for WSGI servers."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "concord.settings")
application = get_wsgi_application()


def _warm() -> None:
    """Load every page's code now: forked servers then share its memory, and the first visitor does not wait for it."""
    from django.template.loader import get_template
    from django.urls import get_resolver

    get_resolver()._populate()
    get_template("base.html")


_warm()
