"""The pages. Each app brings its own; the API is in `concord.api_urls`."""

from django.contrib import admin
from django.urls import include, path

from concord.core.web import health

urlpatterns = [
    path("healthz", health.live, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("admin/", admin.site.urls),
    path("", include("django_prometheus.urls")),
    path("api/", include("concord.api_urls")),
    path("", include("concord.accounts.web.urls")),
    path("", include("concord.catalog.web.urls")),
    path("", include("annotation.web.urls")),
    path("", include("evaluation.web.urls")),
    path("", include("concord.scorecards.web.urls")),
]
