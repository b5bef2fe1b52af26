"""Files become attachments whose bytes are kept once."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from pypdf import PdfWriter

from aiproxy_desktop.core.errors import AIProxyError, MediaError
from aiproxy_desktop.core.media import UnreadableMedia
from aiproxy_desktop.services.attaching import Attacher, PreparedImage, tokens_for, total_tokens
from aiproxy_desktop.services.pdf_facts import UNKNOWN, pdf_facts
from aiproxy_desktop.storage.blobs import BlobStore

PNG = b"\x89PNG\r\n\x1a\n"


class Small:
    """Stands for a decoder: all images are of one size, and come back as they were."""

    def prepare(self, data: bytes, mime: str) -> PreparedImage:
        if b"broken" in data:
            raise UnreadableMedia("is damaged", "Save it again.")
        return PreparedImage(data, mime, 1024, 768)


def attacher(tmp_path: Path) -> Attacher:
    return Attacher(BlobStore(tmp_path / "blobs"), Small())


def pdf(pages: int, password: str = "") -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    for _ in range(pages):
        writer.add_blank_page(600, 800)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    writer.write(out)
    return out.getvalue()


async def test_a_text_is_kept_and_estimated(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("Hello there, how are you?", encoding="utf-16")
    taking = attacher(tmp_path)
    taken = await taking.from_path(path)
    (one,) = taken.attachments
    assert (one.kind, one.mime, one.name, one.size, one.tokens) == ("text", "text/markdown", "a.md", 25, 7)
    assert await taking.blobs.read(one.hash) == b"Hello there, how are you?"


async def test_an_image_has_its_size_and_costs_by_the_provider(tmp_path: Path) -> None:
    (one,) = (await attacher(tmp_path).from_bytes(PNG, "a.txt")).attachments
    assert (one.kind, one.width, one.height) == ("image", 1024, 768)
    assert tokens_for(one, "openai") == 765
    assert tokens_for(one, "gemini") == 516
    assert total_tokens([one, one]) == 2 * (one.tokens or 0)


async def test_a_damaged_image_is_named(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"“a.png” is damaged"):
        await attacher(tmp_path).from_bytes(PNG + b"broken", "a.png")


async def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    taking = attacher(tmp_path)
    first, second = await taking.from_bytes(b"same", "a.txt"), await taking.from_bytes(b"same", "b.txt")
    assert first.attachments[0].hash == second.attachments[0].hash
    assert len([path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]) == 1


async def test_a_pdf_tells_its_pages(tmp_path: Path) -> None:
    (one,) = (await attacher(tmp_path).from_bytes(pdf(12), "a.pdf")).attachments
    assert (one.kind, one.mime, one.pages, one.tokens) == ("document", "application/pdf", 12, 18_000)
    assert tokens_for(one, "gemini") == 12 * 258


_CYCLE = b"""%PDF-1.4
1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj
2 0 obj <</Type/Pages/Count 9999999/Kids[2 0 R 2 0 R 2 0 R]>> endobj
trailer <</Root 1 0 R/Size 3>>
startxref
0
%%EOF"""


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"%PDF-1.7\n", "“a.pdf” is damaged"),
        (b"%PDF-1.7\n" + b"\xff" * 5000, "“a.pdf” is damaged"),
        (b"%PDF-1.7\n" + b"<<" * 20_000, "“a.pdf” is damaged"),
        (pdf(3, "secret"), "“a.pdf” needs a password"),
    ],
)
async def test_a_pdf_that_is_none_or_locked_is_refused(tmp_path: Path, data: bytes, words: str) -> None:
    with pytest.raises(MediaError, match=words):
        await attacher(tmp_path).from_bytes(data, "a.pdf")


async def test_a_pdf_whose_pages_hold_one_another_ends() -> None:
    assert (await pdf_facts(_CYCLE)).text_tokens is None


async def test_reading_a_pdf_ends_when_its_time_is_up() -> None:
    # The thread that reads is gone as well, or the test would fail for what it left behind.
    assert await pdf_facts(pdf(3000), patience=0.0) == UNKNOWN


async def test_a_folder_is_many_attachments_and_one_sum(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    for at in range(25):
        (root / f"{at:02}.py").write_text(f"x = {at}\n")
    (root / "a.bin").write_bytes(b"\0")
    told: list[float] = []
    taken = await attacher(tmp_path).from_path(root, told.append)
    assert (taken.name, len(taken.attachments), taken.left_out) == ("project", 25, 1)
    assert taken.attachments[3].name == "project/03.py"
    assert taken.size == sum(one.size for one in taken.attachments)
    assert taken.tokens
    assert told == [10 / 25, 20 / 25]


async def test_bytes_that_went_are_found_out(tmp_path: Path) -> None:
    taking = attacher(tmp_path)
    kept = await taking.from_bytes(b"kept", "a.txt")
    gone = await taking.from_bytes(b"gone", "b.txt")
    taking.blobs.path(gone.attachments[0].hash).unlink()
    assert await taking.missing([*kept.attachments, *gone.attachments]) == gone.attachments


async def test_a_file_that_went_before_it_was_read_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(AIProxyError, match=r"“gone.png” cannot be read: it is not there"):
        await attacher(tmp_path).from_path(tmp_path / "gone.png")
