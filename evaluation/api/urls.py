"""Routes of the automatic side's API."""

from django.urls import URLPattern, URLResolver
from rest_framework.routers import SimpleRouter

from evaluation.api.views import BenchmarkViewSet, RunViewSet, ScorerViewSet, SecretViewSet

router = SimpleRouter()
router.register("benchmarks", BenchmarkViewSet, basename="benchmark")
router.register("runs", RunViewSet, basename="run")
router.register("scorers", ScorerViewSet, basename="scorer")
router.register("secrets", SecretViewSet, basename="secret")

urlpatterns: list[URLPattern | URLResolver] = [*router.urls]
