"""Routes of this app."""

from django.urls import URLPattern, URLResolver, path

from concord.core.web import files, health, jobs, metrics

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.live, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("w/<slug:workspace>/jobs/<int:pk>/", jobs.job, name="job"),
    path("w/<slug:workspace>/files/<int:pk>/", files.file, name="file"),
]
