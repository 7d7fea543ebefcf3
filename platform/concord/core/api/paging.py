"""Paging of lists: by cursor, so that page 1,000 costs what page 1 costs and new rows shift nothing."""

import re

from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor
from rest_framework.pagination import CursorPagination as Base
from rest_framework.request import Request

from concord.core.errors import Invalid

# Every list is ordered by id, so a place in it is one.
PLACE = re.compile(r"[0-9]{1,19}", re.ASCII)
# What no link of a page holds: a cursor that names no place, which the base class takes for the first page.
NOWHERE = Cursor(offset=0, reverse=False, position=None)


class CursorPagination(Base):
    """Newest first; `?page_size=` up to 1,000. What cannot be read is refused, never taken for the first page."""

    ordering = "-id"
    page_size_query_param = "page_size"
    max_page_size = 1000

    def get_page_size(self, request: Request) -> int | None:
        """Rows of a page: more than the most is the most.

        Raises
        ------
        Invalid
            Where the size is not a whole number of at least 1.
        """
        asked = request.query_params.get(self.page_size_query_param)
        if asked is None:
            return self.page_size
        if not re.fullmatch(r"0*[1-9][0-9]*", asked, re.ASCII):
            raise Invalid(
                f"page_size is a whole number from 1 to {self.max_page_size}.",
                code="bad_page_size",
                field="page_size",
            )
        # Longer than any number of ours: not even turned into one.
        return self.max_page_size if len(asked) > 18 else min(int(asked), self.max_page_size)

    def decode_cursor(self, request: Request) -> Cursor | None:
        """The place that a link of an earlier page named; `Invalid` for what no page ever gave."""
        try:
            cursor: Cursor | None = super().decode_cursor(request)
        except NotFound:
            cursor = NOWHERE
        if cursor is None:
            return None
        if cursor == NOWHERE or not (cursor.position is None or PLACE.fullmatch(str(cursor.position))):
            raise Invalid(
                "This cursor names no page. Follow `next` or `previous` of a page.",
                code="bad_cursor",
                field="cursor",
            )
        return cursor
