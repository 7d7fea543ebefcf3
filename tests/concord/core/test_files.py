"""Stored files: limited in size and kind, kept once, and given back so that a browser never runs them."""

import hashlib
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from concord.core.errors import Invalid, Missing, TooLarge, Unsupported
from concord.core.media_types import IMAGES, TABLES, TEXTS, media_type_of
from concord.core.models import StoredFile
from concord.core.services.files import clean_name, in_words, open_file, store

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64
pytestmark = pytest.mark.django_db


def test_bytes_come_back_under_their_digest(workspace: Any) -> None:
    stored = store(workspace_id=workspace.pk, source=PNG, name="digit.png", allowed=IMAGES)
    assert stored.digest == hashlib.sha256(PNG).hexdigest()
    assert (stored.size, stored.media_type) == (len(PNG), "image/png")
    with open_file(stored) as handle:
        assert handle.read() == PNG


def test_same_bytes_are_kept_once(workspace: Any, other_workspace: Any, settings: Any) -> None:
    first = store(workspace_id=workspace.pk, source=PNG, name="a.png", allowed=IMAGES)
    assert store(workspace_id=workspace.pk, source=io.BytesIO(PNG), name="a.png", allowed=IMAGES) == first
    store(workspace_id=other_workspace.pk, source=PNG, name="a.png", allowed=IMAGES)
    assert StoredFile.objects.count() == 2, "a row for each workspace"
    assert len(list(Path(settings.MEDIA_ROOT).rglob(f"{first.digest}*"))) == 1, "and one file"


def test_size_is_counted_not_believed(workspace: Any) -> None:
    upload = SimpleUploadedFile("big.csv", b"a,b\n" * 1000, content_type="text/csv")
    upload.size = 1
    with pytest.raises(TooLarge, match="larger than the 1 kB"):
        store(workspace_id=workspace.pk, source=upload, name="big.csv", allowed=TABLES, max_bytes=1024)
    assert not StoredFile.objects.exists()


def test_file_at_the_limit_is_taken(workspace: Any) -> None:
    stored = store(
        workspace_id=workspace.pk, source=b"x" * 1024, name="a.csv", allowed=TABLES, max_bytes=1024
    )
    assert stored.size == 1024


def test_name_does_not_make_an_image(workspace: Any) -> None:
    with pytest.raises(Unsupported, match="text/plain"):
        store(workspace_id=workspace.pk, source=b"<svg onload=alert(1)>", name="cat.png", allowed=IMAGES)


def test_empty_file_is_refused(workspace: Any) -> None:
    with pytest.raises(Invalid, match="empty"):
        store(workspace_id=workspace.pk, source=b"", name="a.csv", allowed=TABLES)


@pytest.mark.parametrize(
    ("head", "name", "expected"),
    [
        (PNG, "x", "image/png"),
        (b"\xff\xd8\xff\xe0", "x.png", "image/jpeg"),
        (b"GIF89a....", "x", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "x", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "x.webp", "application/octet-stream"),
        (b"PAR1....", "x", "application/vnd.apache.parquet"),
        (b"%PDF-1.7", "x.csv", "application/pdf"),
        (b"a,b\n1,2\n", "x.CSV", "text/csv"),
        (b'{"a": 1}\n', "x.jsonl", "application/x-ndjson"),
        (b"<html><script>", "x.html", "text/plain"),
        (b"\x7fELF\x00\x00", "x.csv", "application/octet-stream"),
    ],
)
def test_kind_is_told_by_content(head: bytes, name: str, expected: str) -> None:
    assert media_type_of(head, name) == expected


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\data.csv", "data.csv"),
        ("a\x00b\n.csv", "ab.csv"),
        ("", "file"),
        ("..", "file"),
    ],
)
def test_name_is_only_a_name(given: str, kept: str) -> None:
    assert clean_name(given) == kept


def test_long_name_keeps_its_ending() -> None:
    assert clean_name("x" * 500 + ".parquet") == "x" * 192 + ".parquet"


@pytest.mark.parametrize(
    ("size", "words"), [(500, "500 bytes"), (2048, "2 kB"), (1024**3, "1 GB"), (1536 * 1024, "1.5 MB")]
)
def test_sizes_in_words(size: int, words: str) -> None:
    assert in_words(size) == words


class TestPage:
    """/w/<workspace>/files/<id>/"""

    def test_image_is_shown_and_may_be_kept(self, client: Any, workspace: Any, viewer: Any) -> None:
        stored = store(workspace_id=workspace.pk, source=PNG, name="digit.png", allowed=IMAGES)
        client.force_login(viewer)
        response = client.get(f"/w/acme/files/{stored.pk}/")
        assert b"".join(response.streaming_content) == PNG
        assert response["Content-Type"] == "image/png"
        assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "attachment" not in response.get("Content-Disposition", "")
        again = client.get(f"/w/acme/files/{stored.pk}/", headers={"If-None-Match": response["ETag"]})
        assert again.status_code == 304
        assert {response["Cache-Control"], again["Cache-Control"]} == {"no-store"}

    def test_text_is_a_download(self, client: Any, workspace: Any, viewer: Any) -> None:
        stored = store(workspace_id=workspace.pk, source=b"<script>", name="x.html", allowed=TEXTS)
        client.force_login(viewer)
        response = client.get(f"/w/acme/files/{stored.pk}/")
        assert response["Content-Disposition"] == 'attachment; filename="x.html"'
        assert response["Content-Type"] == "text/plain"

    def test_raters_see_nothing_that_no_task_of_theirs_shows(
        self, client: Any, workspace: Any, rater: Any
    ) -> None:
        image = store(workspace_id=workspace.pk, source=PNG, name="digit.png", allowed=IMAGES)
        table = store(
            workspace_id=workspace.pk, source=b"system,answer\n", name="outputs.csv", allowed=TABLES
        )
        client.force_login(rater)
        assert client.get(f"/w/acme/files/{image.pk}/").status_code == 403
        assert client.get(f"/w/acme/files/{table.pk}/").status_code == 403

    def test_strangers_find_nothing(self, client: Any, workspace: Any, stranger: Any) -> None:
        stored = store(workspace_id=workspace.pk, source=PNG, name="digit.png", allowed=IMAGES)
        client.force_login(stranger)
        assert client.get(f"/w/acme/files/{stored.pk}/").status_code == 404
        assert client.get(f"/w/other/files/{stored.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (1024, "1 kB"),
        (1024**2 - 1, "1024 kB"),
        (1024**2, "1 MB"),
        (1024**3 - 1, "1024 MB"),
        (5 * 1024**3 // 2, "2.5 GB"),
    ],
)
def test_a_size_is_said_in_its_largest_unit(size: int, words: str) -> None:
    assert in_words(size) == words


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("a/b\\c.csv", "c.csv"),
        (" spaced .csv ", "spaced .csv"),
        ("...", "file"),
        (".htaccess", "htaccess"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("日本語.csv", "日本語.csv"),
        ("x." + "y" * 50, "x." + "y" * 19),
        ("x" * 201, "x" * 200),
        ("x" * 197 + ".csv", "x" * 196 + ".csv"),
    ],
)
def test_a_name_is_the_last_part_of_a_path_that_can_be_seen(given: str, kept: str) -> None:
    assert clean_name(given) == kept


def test_a_file_that_the_storage_has_lost_says_so(workspace: Any, settings: Any) -> None:
    stored = store(workspace_id=workspace.pk, source=PNG + b"lost", name="a.png", allowed=IMAGES)
    (Path(settings.MEDIA_ROOT) / stored.path).unlink()
    with pytest.raises(Missing) as lost:
        open_file(stored)
    assert lost.value.code == "file_lost"


def test_a_refused_file_leaves_nothing_behind(workspace: Any, settings: Any) -> None:
    before = sorted(Path(settings.MEDIA_ROOT).rglob("*"))
    for source, more, error in (
        (b"%PDF-1.7", {}, Unsupported),
        (b"", {}, Invalid),
        (b"x" * 9, {"max_bytes": 8}, TooLarge),
    ):
        with pytest.raises(error):
            store(workspace_id=workspace.pk, source=source, name="a.csv", allowed=TABLES, **more)
    assert sorted(Path(settings.MEDIA_ROOT).rglob("*")) == before
    assert not StoredFile.objects.exists()


def test_a_refusal_says_what_it_found_and_what_is_taken(workspace: Any) -> None:
    with pytest.raises(
        Unsupported, match=r"a\.txt is application/pdf; taken here: image/gif, image/jpeg"
    ) as refused:
        store(workspace_id=workspace.pk, source=b"%PDF-1.7", name="a.txt", allowed=IMAGES)
    assert refused.value.details == {"media_type": "application/pdf"}
    with pytest.raises(TooLarge) as large:
        store(workspace_id=workspace.pk, source=b"xx", name="a.csv", allowed=TABLES, max_bytes=1)
    assert large.value.details == {"limit": 1}
    with pytest.raises(Invalid) as empty:
        store(workspace_id=workspace.pk, source=io.BytesIO(b""), name="a.csv", allowed=TABLES)
    assert empty.value.code == "empty_file"


def test_the_usual_limit_is_the_installations(workspace: Any, settings: Any) -> None:
    settings.MAX_UPLOAD_BYTES = 5
    assert store(workspace_id=workspace.pk, source=b"12345", name="a.csv", allowed=TABLES).size == 5
    with pytest.raises(TooLarge):
        store(workspace_id=workspace.pk, source=b"123456", name="a.csv", allowed=TABLES)


def test_the_same_bytes_under_another_name_are_a_row_of_their_own(workspace: Any) -> None:
    first = store(workspace_id=workspace.pk, source=b"a,b", name="a.csv", allowed=TABLES)
    other = store(workspace_id=workspace.pk, source=b"a,b", name="b.tsv", allowed=TABLES)
    assert first.pk != other.pk
    assert first.path == other.path == f"files/{first.digest[:2]}/{first.digest}"
    assert (first.media_type, other.media_type) == ("text/csv", "text/tab-separated-values")


def test_a_large_file_comes_back_byte_by_byte_though_it_was_read_in_pieces(workspace: Any) -> None:
    data = b"0123456789abcdef" * 200_000
    stored = store(workspace_id=workspace.pk, source=io.BytesIO(data), name="a.csv", allowed=TABLES)
    assert (stored.size, stored.digest) == (len(data), hashlib.sha256(data).hexdigest())
    with open_file(stored) as handle:
        assert handle.read() == data
