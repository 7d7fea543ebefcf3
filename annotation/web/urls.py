"""Routes of this app."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("rate/", include("annotation.web.rate_urls")),
    path("w/<slug:workspace>/studies/", include("annotation.web.study_urls")),
]
