"""Kinds of record are registered when the apps are ready; files of imports without a database."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def batch(tmp_path: Path, settings: Any) -> Callable[..., Any]:
    """`batch(content, mapping, name, format)`: an import that was never saved, its file on disk."""
    from concord.catalog.models import ImportBatch
    from concord.core.models import StoredFile

    settings.MEDIA_ROOT = tmp_path

    def make(content: bytes, mapping: Any = None, name: str = "t.csv", format: str = "") -> Any:
        (tmp_path / "file").write_bytes(content)
        file = StoredFile(path="file", name=name, size=len(content), digest="0" * 64)
        return ImportBatch(file=file, mapping={} if mapping is None else mapping, format=format)

    return make
