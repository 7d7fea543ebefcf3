"""Files that people brought, given back so that a browser never runs them."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponseNotModified
from django.http.response import HttpResponseBase

from concord.core.media_types import IMAGES
from concord.core.selectors.visible import file_for
from concord.core.services.files import open_file


@login_required
def file(request: HttpRequest, workspace: str, pk: int) -> HttpResponseBase:
    """Images are shown, everything else is a download. No browser keeps them: they are as private as a page.

    An image's own name may say which system made it: it goes by a number, as in its address.
    """
    stored = file_for(user=request.user, slug=workspace, pk=pk)
    tag = f'"{stored.digest}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified()
    shown = stored.media_type in IMAGES
    name = f"image-{pk}.{stored.media_type.partition('/')[2]}" if shown else stored.name
    response = FileResponse(
        open_file(stored), as_attachment=not shown, filename=name, content_type=stored.media_type
    )
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["ETag"] = tag
    return cast(HttpResponseBase, response)
