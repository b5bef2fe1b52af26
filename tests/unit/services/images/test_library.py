"""The library over a real database and real files: what is told, what is lost, what leaves it."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from aiproxy_desktop.services.images.encoding import read_metadata
from aiproxy_desktop.services.images.exporting import ExportFormat, ExportOptions, ImageExports, export_name
from aiproxy_desktop.services.images.library import ImageLibrary
from aiproxy_desktop.services.images.thumbnails import ThumbnailFiles
from aiproxy_desktop.storage.blobs import BlobStore
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.errors import StorageError
from aiproxy_desktop.storage.image_query import GalleryQuery
from aiproxy_desktop.storage.image_records import NewImage
from aiproxy_desktop.storage.images import ImageStore


def encoded(kind: str = "png", size: tuple[int, int] = (40, 20), mode: str = "RGB") -> bytes:
    file = io.BytesIO()
    Image.new(mode, size, (200, 40, 90, 128)[: len(mode)]).save(file, kind)
    return file.getvalue()


PICTURE = NewImage("generated", "image/png", 40, 20, prompt="A lamp: at dusk / in the rain, please")


@pytest.fixture
async def library(tmp_path: Path) -> AsyncIterator[ImageLibrary]:
    database = await Database.open(tmp_path / "conversations.db")
    yield ImageLibrary(ImageStore(database), BlobStore(tmp_path / "attachments"))
    await database.close()


async def test_everyone_is_told_what_changed(library: ImageLibrary) -> None:
    told: list[tuple[str, ...]] = []
    library.changed.add(told.append)
    image = await library.add(PICTURE, encoded(), encoded(mode="L"))
    await library.set_tags(image.id, ["Lamp"])
    await library.set_favourite([image.id], True)
    await library.rename(image.id, "Lamp")
    assert await library.delete([image.id]) == (image.id,)
    assert await library.delete([image.id]) == ()
    await library.restore([image.id])
    assert told == [(image.id,)] * 6
    (row,) = await library.search(GalleryQuery("lamp"))
    assert (row.name, row.favourite, library.path(row)) == ("Lamp", True, library.path(image))


async def test_bytes_and_mask_come_back_and_a_lost_file_is_said(library: ImageLibrary) -> None:
    data, mask = encoded(), encoded(mode="L")
    image = await library.add(PICTURE, data, mask)
    assert (await library.data(image), await library.mask(image)) == (data, mask)
    assert await library.mask(await library.add(PICTURE, data)) is None
    library.path(image).unlink()
    with pytest.raises(StorageError, match="file of this image is no longer there"):
        await library.data(image)


@pytest.mark.parametrize(
    ("name", "kind", "file"),
    [
        ("", "original", "A lamp_ at dusk _ in the rain.png"),
        ("", "jpeg", "A lamp_ at dusk _ in the rain.jpg"),
        ("lamp.png", "webp", "lamp.webp"),
        ("lamp v1.2", "original", "lamp v1.2.png"),
        ("../../etc/passwd", "png", "_.._etc_passwd.png"),
        ("CON", "png", "_CON.png"),
    ],
)
async def test_names_are_safe_and_end_as_their_format(
    library: ImageLibrary, name: str, kind: ExportFormat, file: str
) -> None:
    image = await library.add(replace(PICTURE, name=name), encoded())
    assert export_name(image, ExportOptions(kind)) == file


async def test_an_export_is_what_was_asked_for_and_replaces_nothing_unasked(
    library: ImageLibrary, tmp_path: Path
) -> None:
    exports, data = ImageExports(library, tmp_path / "out"), encoded(mode="RGBA")
    image = await library.add(replace(PICTURE, name="lamp"), data)
    (tmp_path / "lamp.png").write_bytes(b"mine")
    written = await exports.save_all([image, image], tmp_path, ExportOptions("original"))
    assert [path.name for path in written] == ["lamp (2).png", "lamp (3).png"]
    assert written[0].read_bytes() == data
    assert (tmp_path / "lamp.png").read_bytes() == b"mine"
    for kind in ("png", "jpeg", "webp"):
        target = await exports.save(image, tmp_path / f"as.{kind}", ExportOptions(kind, 80))
        with Image.open(target) as opened:
            assert (opened.format, opened.size) == (kind.upper(), (40, 20))
        assert read_metadata(target.read_bytes())["Prompt"] == PICTURE.prompt
        bare = await exports.save(image, target, ExportOptions(kind, metadata=False))  # as a dialog asked
        assert not read_metadata(bare.read_bytes())
    with pytest.raises(StorageError, match="could not be saved"):
        await exports.save_all([image], tmp_path / "nowhere", ExportOptions())


async def test_copies_for_other_programs_have_proper_names(library: ImageLibrary, tmp_path: Path) -> None:
    exports = ImageExports(library, tmp_path / "out")
    image = await library.add(PICTURE, encoded())
    lost = await library.add(replace(PICTURE, name="lost"), encoded(size=(3, 3)))
    library.path(lost).unlink()
    (copy,) = exports.copies(await library.search(GalleryQuery()))
    assert copy.name == "A lamp_ at dusk _ in the rain.png"
    assert copy.read_bytes() == await library.data(image)


def test_thumbnails_are_made_once_and_bounded(tmp_path: Path) -> None:
    source = tmp_path / "picture"
    source.write_bytes(encoded("jpeg", (1200, 600)))
    files = ThumbnailFiles(tmp_path / "thumbnails", most_bytes=2_000)
    made = files.get(source, "ab" * 32, 200, 200)
    assert made is not None
    assert (made.width, made.height, made.alpha, len(made.pixels)) == (200, 100, False, 80_000)
    source.unlink()
    assert files.get(source, "ab" * 32, 200, 200) is not None, "kept in the cache"
    assert files.get(source, "ab" * 32, 100, 100) is not None
    assert files.get(source, "cd" * 32, 200, 200) is None
    for number in range(20):
        source.write_bytes(encoded("png", (300, 300), "RGBA"))
        assert files.get(source, f"{number:064x}", 128, 128) is not None
    files.tidy()
    assert sum(path.stat().st_size for path in tmp_path.glob("thumbnails/??/*")) <= 2_000


@pytest.mark.parametrize("data", [b"", b"<html>", b"\x89PNG\r\n\x1a\n" + b"\0" * 100, encoded()[:60]])
def test_what_is_no_picture_has_no_thumbnail(tmp_path: Path, data: bytes) -> None:
    source = tmp_path / "picture"
    source.write_bytes(data)
    assert ThumbnailFiles(tmp_path / "thumbnails").get(source, "ab" * 32, 64, 64) is None


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "I;16", "RGBA"])
def test_every_kind_of_pixels_has_a_thumbnail(tmp_path: Path, mode: str) -> None:
    source = tmp_path / "picture.tiff"
    Image.new("L", (64, 32), 128).convert("I").convert(mode).save(source) if mode == "I;16" else Image.new(
        "RGB", (64, 32), (128, 128, 128)
    ).convert(mode).save(source, "PNG" if mode in {"1", "LA", "P"} else "TIFF")
    made = ThumbnailFiles(tmp_path / "thumbnails").get(source, "ab" * 32, 64, 64)
    assert made is not None
    assert (made.width, made.height) == (64, 32)
