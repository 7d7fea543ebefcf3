"""The file of an import, opened as its mapping says."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

from django.core.files.storage import default_storage

from concord.catalog.importing.readers import Source, open_source
from concord.catalog.models import ImportBatch


@contextmanager
def opened(batch: ImportBatch) -> Iterator[Source]:
    """The batch's file, ready to be read as its mapping says."""
    mapping = batch.mapping if isinstance(batch.mapping, dict) else {}
    options: dict[str, Any] = {
        key: str(mapping[key]) for key in ("encoding", "delimiter") if mapping.get(key)
    }
    options |= {key: mapping[key] for key in ("skip_lines", "header") if key in mapping}
    with default_storage.open(batch.file.path, "rb") as raw:
        yield open_source(
            cast(BinaryIO, raw),
            name=batch.file.name,
            size=batch.file.size,
            format=str(mapping.get("format") or batch.format),
            **options,
        )
