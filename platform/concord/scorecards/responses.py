"""A snapshot as a download, for pages and API alike."""

from django.http import HttpResponse, StreamingHttpResponse

from concord.core.actors import Actor
from concord.scorecards.models import Snapshot
from concord.scorecards.services.exports import export_csv, export_json


def download(actor: Actor, snapshot: Snapshot, kind: str) -> HttpResponse | StreamingHttpResponse:
    """Return the snapshot as `json` or `csv`; the name says which evidence it is."""
    name = f"scorecard-{snapshot.scorecard_id}-{snapshot.digest[:8]}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    if kind == "json":
        return HttpResponse(
            export_json(actor=actor, snapshot=snapshot), content_type="application/json", headers=headers
        )
    rows = export_csv(actor=actor, snapshot=snapshot)
    return StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8", headers=headers)
