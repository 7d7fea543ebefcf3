"""Routes of the catalog's API."""

from django.urls import URLPattern, URLResolver
from rest_framework.routers import SimpleRouter

from concord.catalog.api.imports import ImportViewSet
from concord.catalog.api.views import (
    CriterionViewSet,
    DatasetViewSet,
    ExampleViewSet,
    OutputViewSet,
    SystemViewSet,
)

router = SimpleRouter()
router.register("systems", SystemViewSet, basename="system")
router.register("datasets", DatasetViewSet, basename="dataset")
router.register("examples", ExampleViewSet, basename="example")
router.register("outputs", OutputViewSet, basename="output")
router.register("criteria", CriterionViewSet, basename="criterion")
router.register("imports", ImportViewSet, basename="import")

urlpatterns: list[URLPattern | URLResolver] = router.urls
