"""Routes of the automatic side."""

from django.urls import URLPattern, URLResolver, path

from evaluation.web import benchmarks, runs, secrets

urlpatterns: list[URLPattern | URLResolver] = [
    path("w/<slug:workspace>/benchmarks/", benchmarks.benchmarks, name="benchmarks"),
    path("w/<slug:workspace>/benchmarks/new/", benchmarks.NewBenchmark.as_view(), name="benchmark-new"),
    path("w/<slug:workspace>/benchmarks/<int:pk>/", benchmarks.benchmark, name="benchmark"),
    path(
        "w/<slug:workspace>/benchmarks/<int:pk>/picture.<slug:kind>",
        benchmarks.benchmark_picture,
        name="benchmark-picture",
    ),
    path("w/<slug:workspace>/benchmarks/<int:pk>/delete/", benchmarks.delete, name="benchmark-delete"),
    path("w/<slug:workspace>/runs/", runs.runs, name="runs"),
    path("w/<slug:workspace>/runs/new/", runs.NewRuns.as_view(), name="run-new"),
    path("w/<slug:workspace>/runs/<int:pk>/", runs.run, name="run"),
    path("w/<slug:workspace>/runs/<int:pk>/progress/", runs.run_progress, name="run-progress"),
    path("w/<slug:workspace>/runs/<int:pk>/start/", runs.move, {"to": "start"}, name="run-start"),
    path("w/<slug:workspace>/runs/<int:pk>/pause/", runs.move, {"to": "pause"}, name="run-pause"),
    path("w/<slug:workspace>/runs/<int:pk>/resume/", runs.move, {"to": "resume"}, name="run-resume"),
    path("w/<slug:workspace>/runs/<int:pk>/cancel/", runs.move, {"to": "cancel"}, name="run-cancel"),
    path("w/<slug:workspace>/runs/<int:pk>/allow-endpoint/", runs.allow_endpoint, name="run-allow-endpoint"),
    path(
        "w/<slug:workspace>/runs/<int:pk>/refuse-endpoint/", runs.refuse_endpoint, name="run-refuse-endpoint"
    ),
    path("w/<slug:workspace>/keys/", secrets.Secrets.as_view(), name="secrets"),
    path("w/<slug:workspace>/keys/<int:pk>/bind/", secrets.bind, name="secret-bind"),
    path("w/<slug:workspace>/keys/<int:pk>/delete/", secrets.delete, name="secret-delete"),
]
