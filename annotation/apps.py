"""The human side: studies, units, raters, assignments, ratings."""

from django.apps import AppConfig


class AnnotationConfig(AppConfig):
    name = "annotation"
