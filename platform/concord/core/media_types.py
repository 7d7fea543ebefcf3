"""What a file is, by its first bytes; by its name only among kinds of text, which have no mark of their own."""

from pathlib import PurePath

IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
TABLES = frozenset(
    {"text/csv", "text/tab-separated-values", "application/x-ndjson", "application/vnd.apache.parquet"}
)
TEXTS = frozenset({"text/plain", "text/markdown", "application/json"})

_MARKS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"PAR1", "application/vnd.apache.parquet"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
)
_SUFFIXES = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".jsonl": "application/x-ndjson",
    ".ndjson": "application/x-ndjson",
    ".json": "application/json",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".txt": "text/plain",
}


def media_type_of(head: bytes, name: str) -> str:
    """The media type of a file that begins with `head`; `application/octet-stream` for what is none of ours.

    A name cannot turn bytes into an image, and markup (HTML, SVG) is never more than `text/plain`.
    """
    for mark, media_type in _MARKS:
        if head.startswith(mark):
            return media_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "application/octet-stream"
    return _SUFFIXES.get(PurePath(name).suffix.lower(), "text/plain")
