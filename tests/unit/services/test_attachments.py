from __future__ import annotations

from pathlib import Path

import pytest

from aiproxy_desktop.core.errors import MediaError, RequestError
from aiproxy_desktop.services.attachments import read_files
from aiproxy_desktop.services.image_metadata import turned
from tests.unit.services.test_image_metadata import JFIF, SECRET, exif, jpeg

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
FRAMES = b"\xff\xfb\x90\x64" + b"\0" * 60


@pytest.mark.parametrize(
    ("name", "data", "kind", "mime"),
    [
        ("a.png", PNG, "image", "image/png"),
        ("photo", b"\xff\xd8\xff\xe0" + b"\0" * 20, "image", "image/jpeg"),
        ("misnamed.txt", PNG, "image", "image/png"),
        ("song.mp3", FRAMES, "audio", "audio/mpeg"),
        ("said.wav", b"RIFF\x24\0\0\0WAVEfmt ", "audio", "audio/wav"),
        ("paper.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "document", "application/pdf"),
        ("film.mp4", b"\0\0\0\x18ftypmp42\0\0\0\0", "video", "video/mp4"),
    ],
)
async def test_media_go_as_they_are(tmp_path: Path, name: str, data: bytes, kind: str, mime: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    (part,), texts = await read_files([path])
    assert (part.kind, part.mime, part.data, part.name, texts) == (kind, mime, data, name, [])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("notes.md", "Milk\n```\ncode\n```\n"),
        ("script.ts", "const a = 1"),
        ("drawing.svg", "<svg/>"),
        ("pretends.png", "not a picture at all"),
        ("cut.mp3", "ä" * 1000),
        (".hidden", "a=1"),
    ],
)
async def test_text_goes_as_text_whatever_it_is_called(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    media, (shown,) = await read_files([path])
    assert media == []
    assert shown.startswith(f"{name}:\n```")
    assert text.rstrip() in shown


async def test_several_keep_their_order(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("1.png", "2.txt", "3.png", "4.txt")]
    for path in paths:
        path.write_bytes(PNG if path.suffix == ".png" else path.name.encode())
    media, texts = await read_files(paths)
    assert [part.name for part in media] == ["1.png", "3.png"]
    assert [text.partition(":")[0] for text in texts] == ["2.txt", "4.txt"]


@pytest.mark.parametrize(
    ("name", "data"), [("a.docx", b"PK\x03\x04\0\0"), ("core", b"\x7fELF\0\0"), ("latin.txt", b"caf\xe9")]
)
async def test_what_is_neither_is_refused(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(RequestError, match="is not text") as refused:
        await read_files([path])
    assert "PDF" in refused.value.advice


async def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.png", tmp_path):
        with pytest.raises(RequestError, match="cannot be read"):
            await read_files([path])


async def test_a_picture_that_is_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "huge.png"
    with path.open("wb") as file:
        file.write(PNG)
        file.truncate(60 * 1024 * 1024)
    with pytest.raises(MediaError, match=r"huge\.png"):
        await read_files([path])


async def test_a_photograph_goes_without_where_it_was_taken(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(jpeg(JFIF, exif(6)))
    (part,), _texts = await read_files([path])
    assert SECRET not in part.data
    assert turned(part.data)
