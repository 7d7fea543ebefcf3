"""A drawn picture as a download."""

from django.http import HttpResponse

from concord.core.models import DrawnPicture
from concord.core.selectors.pictures import KINDS_OF_PICTURE


def picture_file(picture: DrawnPicture, kind: str, name: str) -> HttpResponse:
    """Return the picture as `svg` or `png`, to be kept rather than opened: it has a browser's rights nowhere."""
    content = picture.file if kind == "svg" else bytes(picture.png)
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{kind}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(content, content_type=KINDS_OF_PICTURE[kind], headers=headers)
