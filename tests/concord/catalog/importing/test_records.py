"""Kinds of record: registered once, in the order of dependence."""

from typing import Any

import pytest

from concord.catalog.importing import records
from concord.catalog.importing.fields import Empty, Field, Reject
from concord.catalog.importing.records import Record, kinds, register_record


def kind(name: str, place: int) -> type[Record]:
    return type(
        name.title(), (Record,), {"kind": name, "order": place, "columns": {"b": "text", "a": "text"}}
    )


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    found: dict[str, Any] = {}
    monkeypatch.setattr(records, "_kinds", found)
    return found


def test_kinds_come_in_the_order_of_dependence(known: dict[str, Any]) -> None:
    late, early = kind("late", 2), kind("early", 1)
    assert register_record(late) is late
    register_record(early)
    assert list(kinds().items()) == [("early", early), ("late", late)]


def test_a_kind_is_one_class_even_when_its_module_is_read_twice(known: dict[str, Any]) -> None:
    register_record(kind("same", 1))
    again = register_record(kind("same", 1))
    assert kinds() == {"same": again}
    with pytest.raises(ValueError, match="two kinds of record are called 'same'"):
        register_record(type("Other", (Record,), {"kind": "same", "order": 3}))


def test_the_apps_register_theirs() -> None:
    assert list(kinds()) == ["systems", "examples", "outputs", "timings", "scores", "ratings"]
    assert [name for name, cls in kinds().items() if not cls.needs_dataset] == ["systems"]
    orders = [cls.order for cls in kinds().values()]
    assert orders == [10, 20, 30, 40, 50, 60]


def test_a_record_has_no_problems_and_gives_its_columns_in_order() -> None:
    made = kind("plain", 1)({"x": 1}, frozenset({"a"}))
    assert (made.spec, made.bound, made.options) == ({"x": 1}, {"a"}, ())
    assert made.problems() == []
    assert made.parse({"a": 1, "b": 2}) == (2, 1)
    assert made.parse({"a": 1}) == (None, 1)
    assert Record.recognise(["a"], [["x"]], "name") is None


def test_reasons_name_their_column() -> None:
    assert (Reject("a", "is odd").column, Reject("a", "is odd").reason, str(Reject("a", "is odd"))) == (
        "a",
        "is odd",
        "is odd",
    )
    assert (Empty("a").column, Empty("a").reason) == ("a", "is empty")
    with pytest.raises(AttributeError):
        Field("a").name = "b"  # type: ignore[misc]
