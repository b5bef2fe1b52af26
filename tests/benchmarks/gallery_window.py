"""What a gallery of 10,000 images costs. Prints JSON, in milliseconds.

There are 200 different pictures of up to 2 megapixels behind the 10,000, each under 50 names, so that every
thumbnail is made, read and kept for itself. A frame is all CPU of the window's thread from one step of the
wheel to the next: scrolling, painting, and thumbnails that arrive meanwhile.
"""

from __future__ import annotations

import asyncio
import io
import json
import random
import sqlite3
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image, ImageDraw
from PySide6.QtWidgets import QApplication

from aiproxy_desktop.services.images.exporting import ImageExports
from aiproxy_desktop.services.images.library import ImageLibrary
from aiproxy_desktop.services.images.thumbnails import ThumbnailFiles
from aiproxy_desktop.storage import image_rows
from aiproxy_desktop.storage.blobs import BlobStore
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.image_records import NewImage, StoredImage
from aiproxy_desktop.storage.images import ImageStore
from aiproxy_desktop.ui.images.gallery.view import GalleryView
from aiproxy_desktop.ui.images.gallery.viewmodel import GalleryViewModel
from aiproxy_desktop.ui.theme.controller import ThemeController
from tests.qt_loop import qt_event_loop
from tests.waiting import until

_IMAGES, _PICTURES = 10_000, 200
_FRAMES, _STEP = 500, 120
_WORDS = "fox snow lamp harbour poster bakery cliff night river mountain glass paper".split()  # noqa: SIM905 - short
_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def _picture(number: int) -> tuple[bytes, str, int, int]:
    chance = random.Random(number)
    width, height = chance.choice([(1024, 1024), (1536, 1024), (1024, 1536), (1792, 1024)])
    image = Image.effect_noise((width, height), 60).convert("RGB")
    draw = ImageDraw.Draw(image)
    for _ in range(20):
        x, y, size = chance.randrange(width), chance.randrange(height), chance.randrange(20, 300)
        draw.ellipse((x - size, y - size, x + size, y + size), fill=chance.randrange(1 << 24))
    file = io.BytesIO()
    kind = "png" if number % 4 == 0 else "jpeg"
    image.save(file, kind)
    return file.getvalue(), f"image/{kind}", width, height


def _linked(blobs: BlobStore, digest: str, number: int) -> str:
    """The same file under another hash."""
    name = f"{number * 0x9E3779B97F4A7C15 % (1 << 64):016x}{number:048x}"
    blobs.path(name).parent.mkdir(parents=True, exist_ok=True)
    blobs.path(name).hardlink_to(blobs.path(digest))
    return name


async def _fill(database: Database, library: ImageLibrary, blobs: BlobStore) -> None:
    kept = []
    for number in range(_PICTURES):
        data, mime, width, height = _picture(number)
        kept.append(await library.add(NewImage("generated", mime, width, height), data))
    chance = random.Random(7)

    def image(number: int) -> StoredImage:
        identity = f"{number:032x}"
        return replace(
            kept[number % _PICTURES],
            id=identity,
            hash=_linked(blobs, kept[number % _PICTURES].hash, number),
            created_at=_BEGAN + timedelta(minutes=number),
            prompt=" ".join(chance.choices(_WORDS, k=30)),
            model=f"openai:gpt-image-{number % 3}",
            parameters={"size": "1024x1024", "quality": "high"},
        )

    def work(connection: sqlite3.Connection) -> None:
        for number in range(_IMAGES - _PICTURES):
            image_rows.insert(connection, image(number))

    await database.run(work)


async def _scrolled(view: GalleryView, step: int) -> list[float]:
    bar, viewport, frames = view.grid.verticalScrollBar(), view.grid.viewport(), []
    for _ in range(_FRAMES):
        began = time.thread_time()
        bar.setValue(bar.value() + step)
        viewport.repaint()
        await asyncio.sleep(1 / 60)
        frames.append((time.thread_time() - began) * 1000)
    return sorted(frames)


async def _searched(view: GalleryView, view_model: GalleryViewModel) -> float:
    times = []
    for text in ("f", "fo", "fox", "fox sn", "poster"):
        told = asyncio.Event()
        view_model.rows_changed.connect(told.set)
        began = time.perf_counter()
        view_model.search(text)
        await told.wait()
        view.grid.viewport().repaint()
        times.append((time.perf_counter() - began) * 1000)
        view_model.rows_changed.disconnect(told.set)
    return max(times)


async def _measure(folder: Path) -> dict[str, float]:
    def unexpected(error: Exception) -> None:
        raise error

    database = await Database.open(folder / "conversations.db")
    blobs = BlobStore(folder / "attachments")
    library = ImageLibrary(ImageStore(database), blobs)
    await _fill(database, library, blobs)
    application = QApplication.instance()
    assert isinstance(application, QApplication), "made by main"
    themes = ThemeController(application, "light")
    exports = ImageExports(library, folder / "dragged")
    began, used = time.perf_counter(), time.process_time()
    view_model = GalleryViewModel(library, exports, ThumbnailFiles(folder / "thumbnails"), unexpected)
    view = GalleryView(themes, view_model)
    view.resize(1216, 752)
    view.show()
    await until(lambda: view.grid.rows, "the images")
    view.grid.viewport().repaint()
    opened = (time.process_time() - used) * 1000
    waited = (time.perf_counter() - began) * 1000
    await asyncio.sleep(0.5)
    cold = await _scrolled(view, _STEP)
    warm = await _scrolled(view, -_STEP)
    flung = await _scrolled(view, 900)
    searched = await _searched(view, view_model)
    view.thumbnails.close()
    view.grid.close_drag()
    await view_model.close()
    view.close()
    await database.close()
    place = int(_FRAMES * 0.98)
    return {
        "opened": opened,
        "waited": waited,
        "cold": cold[place],
        "cold_median": cold[_FRAMES // 2],
        "warm": warm[place],
        "flung": flung[place],
        "searched": searched,
    }


def main() -> int:
    """Measure and print."""
    sys.setswitchinterval(0.0005)
    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner(loop_factory=qt_event_loop) as runner:
        found = runner.run(_measure(Path(folder)))
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
