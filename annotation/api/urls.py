"""Routes of this app."""

from django.urls import URLPattern, URLResolver
from rest_framework.routers import SimpleRouter

from annotation.api.views import RatingViewSet, SeatViewSet, StudyViewSet, UnitViewSet

router = SimpleRouter()
router.register("studies", StudyViewSet, basename="study")
router.register("units", UnitViewSet, basename="unit")
router.register("seats", SeatViewSet, basename="seat")
router.register("ratings", RatingViewSet, basename="rating")

urlpatterns: list[URLPattern | URLResolver] = router.urls
