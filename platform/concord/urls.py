"""The pages. Each app brings its own; the API is in `concord.api_urls`."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("concord.core.web.urls")),
    path("admin/", admin.site.urls),
    path("api/", include("concord.api_urls")),
    path("", include("concord.accounts.web.urls")),
    path("", include("concord.catalog.web.urls")),
    path("", include("annotation.web.urls")),
    path("", include("evaluation.web.urls")),
    path("", include("concord.scorecards.web.urls")),
]

handler400 = "concord.core.web.errors.bad_request"
handler403 = "concord.core.web.errors.permission_denied"
handler404 = "concord.core.web.errors.not_found"
handler500 = "concord.core.web.errors.server_error"
