"""Routes of the rater's pages. Without a workspace in them: a rater thinks in studies."""

from django.urls import URLPattern, path

from annotation.web import rate

urlpatterns: list[URLPattern] = [
    path("", rate.home, name="rate-home"),
    path("<int:study>/", rate.rate, name="rate"),
    path("<int:study>/next/", rate.upcoming, name="rate-next"),
    path("<int:study>/save/", rate.save, name="rate-save"),
    path("<int:study>/draft/", rate.draft, name="rate-draft"),
    path("<int:study>/undo/", rate.undo, name="rate-undo"),
]
