"""Routes of this app."""

from django.urls import URLPattern, URLResolver, path

from concord.core.web import files, health, jobs, methods, metrics

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.live, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("methods/", methods.methods, name="methods"),
    path("methods/<slug:page>/", methods.method, name="method"),
    path("w/<slug:workspace>/jobs/<int:pk>/", jobs.job, name="job"),
    path("w/<slug:workspace>/files/<int:pk>/", files.file, name="file"),
]
