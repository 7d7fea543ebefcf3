"""Routes of the designer's pages, below a workspace."""

from django.urls import URLPattern, path

from annotation.web import studies, units

urlpatterns: list[URLPattern] = [
    path("", studies.studies, name="studies"),
    path("new/", studies.NewStudy.as_view(), name="study-new"),
    path("preview/", studies.preview, name="study-preview"),
    path("<int:pk>/", studies.study, name="study"),
    path("<int:pk>/state/", studies.state, name="study-state"),
    path("<int:pk>/compute/", studies.compute, name="study-compute"),
    path("<int:pk>/picture.<slug:kind>", studies.picture, name="study-picture"),
    path("<int:pk>/invitation/", studies.invitation, name="study-invitation"),
    path("<int:pk>/edit/", studies.EditStudy.as_view(), name="study-edit"),
    path("<int:pk>/raters/", studies.places, name="study-places"),
    path("<int:pk>/raters/<int:seat>/", studies.seat, name="study-seat"),
    path("<int:pk>/ratings.csv", units.ratings_csv, name="study-ratings"),
    path("<int:pk>/units/", units.units, name="study-units"),
    path("<int:pk>/units/<int:unit>/", units.unit, name="study-unit"),
]
