"""The studio's services over a real database and real providers, whose services are on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from PIL import Image

from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.runtime import Runtime
from aiproxy_desktop.services.images.backend import ImagesBackend
from aiproxy_desktop.services.images.tasks import Run
from aiproxy_desktop.storage.blobs import BlobStore
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.paths import AppPaths
from tests.waiting import until

KEY = "sk-proj-Zq7TfR2mVx9LbN4w4f2a"
NOWHERE = {"OLLAMA_HOST": "127.0.0.1:1"}


@dataclass(frozen=True, slots=True)
class Desk:
    """What a test works with; `heard` are the values that runs had, in order.

    `unexpected` are errors that nobody planned for; a test that provokes one takes it out.
    """

    runtime: Runtime
    images: ImagesBackend
    database: Database
    heard: list[Run] = field(default_factory=list)
    unexpected: list[Exception] = field(default_factory=list)

    async def over(self, run: Run) -> Run:
        """The run once it has ended."""
        await until(lambda: self.now(run).state != "running", f"run {run.id} ends")
        return self.now(run)

    def now(self, run: Run) -> Run:
        """The run as it is."""
        found = self.images.runs.get(run.id)
        assert found is not None
        return found


@asynccontextmanager
async def desk_in(folder: Path, environ: Mapping[str, str]) -> AsyncIterator[Desk]:
    """Everything wired up over one folder; drained and closed in the end."""
    unexpected: list[Exception] = []
    paths = AppPaths.resolve(str(folder), {})
    paths.ensure()
    runtime = Runtime.build(paths, NOWHERE | dict(environ), Redactor())
    database = await Database.open(paths.database_file)
    try:
        await runtime.settings.load()
        await runtime.providers.start()
        images = ImagesBackend.build(
            runtime.client,
            runtime.http,
            runtime.providers,
            runtime.settings,
            database,
            BlobStore(paths.attachments),
            paths.cache,
            unexpected.append,
        )
        await images.start()
        desk = Desk(runtime, images, database, unexpected=unexpected)
        images.runs.changed.add(desk.heard.append)
        try:
            yield desk
        finally:
            await images.close()
    finally:
        await database.close()
        await runtime.aclose()
    assert not unexpected, unexpected


def openai_at(url: str) -> dict[str, str]:
    """The environment of someone whose OpenAI is there."""
    return {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": f"{url}/v1"}


def gemini_at(url: str) -> dict[str, str]:
    """The environment of someone whose Gemini is there."""
    return {"GEMINI_API_KEY": KEY, "GOOGLE_GEMINI_BASE_URL": url}


def png(image: Image.Image) -> bytes:
    """A file of it."""
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def noise(size: tuple[int, int], seed: int = 1) -> Image.Image:
    """Pixels of which no two neighbours are alike, the same for the same seed."""
    import random

    return Image.frombytes("RGB", size, random.Random(seed).randbytes(size[0] * size[1] * 3))
