"""Routes of this app."""

from django.urls import URLPattern, URLResolver
from rest_framework.routers import SimpleRouter

from concord.accounts.api.views import (
    InvitationViewSet,
    MembershipViewSet,
    TokenViewSet,
    WorkspaceViewSet,
)

router = SimpleRouter()
router.register("workspaces", WorkspaceViewSet, basename="workspace")
router.register("memberships", MembershipViewSet, basename="membership")
router.register("invitations", InvitationViewSet, basename="invitation")
router.register("tokens", TokenViewSet, basename="token")

urlpatterns: list[URLPattern | URLResolver] = router.urls
