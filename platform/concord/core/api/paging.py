"""Paging of lists."""

from rest_framework.pagination import CursorPagination as Base


class CursorPagination(Base):
    ordering = "-id"
