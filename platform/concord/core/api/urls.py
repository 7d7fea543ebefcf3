"""Routes of this app."""

from django.urls import URLPattern, URLResolver, path

from concord.core.api.views import JobView

urlpatterns: list[URLPattern | URLResolver] = [path("jobs/<int:pk>/", JobView.as_view(), name="job-detail")]
