"""Routes of this app."""

from django.urls import URLPattern, URLResolver
from rest_framework.routers import SimpleRouter

from concord.scorecards.api.views import ScorecardViewSet

router = SimpleRouter()
router.register("scorecards", ScorecardViewSet, basename="scorecard")

urlpatterns: list[URLPattern | URLResolver] = router.urls
