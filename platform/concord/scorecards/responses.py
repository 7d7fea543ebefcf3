"""A snapshot as a download, for pages and API alike."""

from django.http import HttpResponse, StreamingHttpResponse

from concord.scorecards.models import Snapshot
from concord.scorecards.services.exports import as_csv, as_json


def download(snapshot: Snapshot, kind: str) -> HttpResponse | StreamingHttpResponse:
    """Return the snapshot as `json` or `csv`; the name says which evidence it is."""
    name = f"scorecard-{snapshot.scorecard_id}-{snapshot.digest[:8]}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    if kind == "json":
        return HttpResponse(as_json(snapshot), content_type="application/json", headers=headers)
    return StreamingHttpResponse(as_csv(snapshot), content_type="text/csv; charset=utf-8", headers=headers)
