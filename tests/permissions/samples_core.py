"""The routes of core: health, the API's description, jobs and files."""

from base64 import b64decode
from typing import Any

from concord.accounts.states import Action
from concord.core.models import Job
from concord.core.services.files import store
from tests.permissions.support import ANYONE, Needs

EXPECTED = {
    "healthz": Needs(ANYONE, ANYONE),
    "readyz": Needs(ANYONE, ANYONE),
    "metrics": Needs(
        ANYONE, ANYONE
    ),  # to this machine, where the tests run; others are refused: see tests of core
    "api-schema": Needs(ANYONE),
    "api-docs": Needs(ANYONE, ANYONE),
    "methods": Needs(ANYONE),
    "method": Needs(ANYONE),
    "job": Needs(Action.READ, Action.READ),
    "file": Needs(Action.READ, Action.READ),  # raters: where a task of theirs shows it
    "api:job-detail": Needs(Action.READ),
}


def samples(workspace: Any, owner: Any) -> dict[str, dict[str, Any]]:
    # The smallest picture there is.
    pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII="
    file = store(workspace_id=workspace.pk, source=b64decode(pixel), name="pixel.png", allowed={"image/png"})
    job = Job.objects.create(name="sample", workspace_id=workspace.pk)
    return {
        "method": {"page": "krippendorff_alpha"},
        "job": {"workspace": workspace.slug, "pk": job.pk},
        "file": {"workspace": workspace.slug, "pk": file.pk},
        "api:job-detail": {"pk": job.pk},
    }
