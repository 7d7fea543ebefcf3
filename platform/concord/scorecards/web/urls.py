"""Routes of this app."""

from django.urls import URLPattern, URLResolver, path

from concord.scorecards.web import views

BASE = "w/<slug:workspace>/scorecards/"

urlpatterns: list[URLPattern | URLResolver] = [
    path(BASE, views.scorecards, name="scorecards"),
    path(f"{BASE}new/", views.NewScorecard.as_view(), name="scorecard-new"),
    path(f"{BASE}<int:pk>/", views.scorecard, name="scorecard"),
    path(f"{BASE}<int:pk>/edit/", views.EditScorecard.as_view(), name="scorecard-edit"),
    path(f"{BASE}<int:pk>/progress/", views.scorecard_progress, name="scorecard-progress"),
    path(f"{BASE}<int:pk>/compute/", views.scorecard_compute, name="scorecard-compute"),
    path(f"{BASE}<int:pk>/delete/", views.scorecard_delete, name="scorecard-delete"),
    path(
        f"{BASE}<int:pk>/pictures/<slug:key>.<slug:kind>", views.scorecard_picture, name="scorecard-picture"
    ),
    path(f"{BASE}<int:pk>/export.<slug:kind>", views.scorecard_export, name="scorecard-export"),
]
