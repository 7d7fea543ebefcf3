"""Logs: one JSON object a line, for our own and for other people's loggers."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from concord.core import logs


@pytest.fixture
def written() -> Iterator[Any]:
    """Configures logging as a server does, catches what it writes, and puts everything back."""
    root = logging.getLogger()
    handlers, level, settings = root.handlers[:], root.level, structlog.get_config()
    stream = io.StringIO()

    def configure(**options: Any) -> io.StringIO:
        logs.configure(options)
        for handler in root.handlers:
            handler.setStream(stream)  # type: ignore[attr-defined]
        return stream

    yield configure
    structlog.contextvars.clear_contextvars()
    root.handlers[:], root.level = handlers, level
    structlog.configure(**settings)


def test_a_line_is_one_object_with_level_time_logger_and_request(written: Any) -> None:
    stream = written(level="INFO", json=True)
    structlog.contextvars.bind_contextvars(request_id="r-1")
    structlog.get_logger("ours").warning("it_happened", job=7)
    logging.getLogger("theirs").error("plain %s", "words")
    ours, theirs = (json.loads(line) for line in stream.getvalue().splitlines())
    assert (ours["event"], ours["job"], ours["level"], ours["logger"]) == (
        "it_happened",
        7,
        "warning",
        "ours",
    )
    assert (theirs["event"], theirs["level"], theirs["logger"]) == ("plain words", "error", "theirs")
    assert ours["request_id"] == theirs["request_id"] == "r-1"
    assert ours["timestamp"].endswith("Z")


def test_an_error_brings_its_traceback_in_the_same_line(written: Any) -> None:
    stream = written(level="INFO", json=True)
    try:
        raise KeyError("lost")
    except KeyError:
        structlog.get_logger("ours").exception("failed")
    (line,) = stream.getvalue().splitlines()
    assert "KeyError: 'lost'" in json.loads(line)["exception"]


@pytest.mark.parametrize(("level", "lines"), [("DEBUG", 3), ("INFO", 2), ("WARNING", 1), ("ERROR", 0)])
def test_what_is_below_the_level_is_not_written(written: Any, level: str, lines: int) -> None:
    stream = written(level=level, json=True)
    logger = logging.getLogger("theirs")
    logger.debug("a")
    logger.info("b")
    logger.warning("c")
    assert len(stream.getvalue().splitlines()) == lines


def test_lines_for_people_are_no_json(written: Any) -> None:
    stream = written(level="INFO", json=False)
    logging.getLogger("theirs").warning("plain words")
    assert "plain words" in stream.getvalue()
    with pytest.raises(json.JSONDecodeError):
        json.loads(stream.getvalue())
