"""The HTTP API, version 1, and its OpenAPI description."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from concord.core.web.docs import api_docs

v1 = [
    path("", include("concord.core.api.urls")),
    path("", include("concord.accounts.api.urls")),
    path("", include("concord.catalog.api.urls")),
    path("", include("annotation.api.urls")),
    path("", include("evaluation.api.urls")),
    path("", include("concord.scorecards.api.urls")),
]

urlpatterns = [
    path("schema", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs", api_docs, name="api-docs"),
    path("v1/", include((v1, "api"))),
]
