"""Paging of lists: by cursor, so that page 1,000 costs what page 1 costs and new rows shift nothing."""

from rest_framework.pagination import CursorPagination as Base


class CursorPagination(Base):
    """Newest first; `?page_size=` up to 1,000."""

    ordering = "-id"
    page_size_query_param = "page_size"
    max_page_size = 1000
