"""Pages of lists: what `?page=` and `?page_size=` name, and what a wrong number gives."""

from base64 import b64encode
from typing import Any

import pytest
from django.test import RequestFactory
from rest_framework.request import Request

from concord.core.api.paging import CursorPagination
from concord.core.errors import Invalid
from concord.core.web.shared import PAGE, page_of


@pytest.mark.parametrize(
    ("asked", "number", "first"),
    [
        ("", 1, 0),
        ("?page=1", 1, 0),
        ("?page=2", 2, 50),
        ("?page=3", 3, 100),
        ("?page=99", 3, 100),
        ("?page=0", 3, 100),
        ("?page=-1", 3, 100),
        ("?page=x", 1, 0),
        ("?page=", 1, 0),
        ("?page=2&page=3", 3, 100),
    ],
)
def test_a_page_is_the_one_that_is_named_or_the_nearest(asked: str, number: int, first: int) -> None:
    page = page_of(RequestFactory().get(f"/{asked}"), list(range(120)))
    assert (page.number, page.object_list[0], page.paginator.num_pages) == (number, first, 3)


@pytest.mark.parametrize(("rows", "pages"), [(0, 1), (1, 1), (50, 1), (51, 2), (100, 2), (101, 3)])
def test_a_page_holds_fifty_rows(rows: int, pages: int) -> None:
    page = page_of(RequestFactory().get("/"), list(range(rows)))
    assert PAGE == 50
    assert page.paginator.num_pages == pages
    assert len(page.object_list) == min(rows, 50)


def test_another_size_may_be_asked_for_by_the_view() -> None:
    page = page_of(RequestFactory().get("/?page=2"), list(range(7)), size=3)
    assert list(page.object_list) == [3, 4, 5]


@pytest.mark.parametrize(
    ("asked", "size"), [("", 100), ("?page_size=7", 7), ("?page_size=1000", 1000), ("?page_size=1001", 1000)]
)
def test_the_api_gives_a_hundred_rows_and_at_most_a_thousand(asked: str, size: int) -> None:
    assert CursorPagination().get_page_size(Request(RequestFactory().get(f"/{asked}"))) == size


@pytest.mark.parametrize("asked", ["?page_size=" + "9" * 400, "?page_size=0007"])
def test_a_long_size_is_the_most_and_zeros_before_it_count_for_nothing(asked: str) -> None:
    size = CursorPagination().get_page_size(Request(RequestFactory().get(f"/{asked}")))
    assert size == (7 if asked.endswith("7") else 1000)


@pytest.mark.parametrize("wrong", ["0", "00", "-3", "many", "", "1.5", "1e2", " 7", "7_0", "٣"])
def test_a_size_that_is_none_is_refused(wrong: str) -> None:
    request: Any = Request(RequestFactory().get("/", {"page_size": wrong}))
    with pytest.raises(Invalid) as refused:
        CursorPagination().get_page_size(request)
    assert (refused.value.code, refused.value.field) == ("bad_page_size", "page_size")


def cursor_of(text: str) -> str:
    return b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "x",
        "abc",
        "ä",
        *map(cursor_of, ["nonsense", "p=abc", "p=1.5", "p=-1", "o=x", "r=x", "q=1", "p=", "o=0"]),
    ],
)
def test_a_cursor_that_no_page_gave_is_refused(wrong: str) -> None:
    request: Any = Request(RequestFactory().get("/", {"cursor": wrong}))
    with pytest.raises(Invalid) as refused:
        CursorPagination().decode_cursor(request)
    assert (refused.value.code, refused.value.field) == ("bad_cursor", "cursor")


def test_a_cursor_that_a_page_gave_is_read() -> None:
    given: Any = Request(RequestFactory().get("/", {"cursor": cursor_of("r=1&p=12")}))
    assert CursorPagination().decode_cursor(given) == (0, True, "12")
    assert CursorPagination().decode_cursor(Request(RequestFactory().get("/"))) is None
