"""A download service over real parts: a database, a folder, an HTTP client, and Ollama as a provider."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.providers.ollama.provider import OllamaProvider
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.services.downloads import Download, DownloadService
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.downloads import DownloadRecord, DownloadStore
from aiproxy_desktop.storage.model_files import Write
from tests.waiting import until

SOON = (0.01, 0.01, 0.01)


@dataclass
class DownloadParts:
    """What is under the service, and what it told."""

    service: DownloadService
    store: DownloadStore
    folder: Path
    done: list[Download] = field(default_factory=list)
    told: list[tuple[Download, ...]] = field(default_factory=list)
    unexpected: list[Exception] = field(default_factory=list)

    def one(self, download_id: str) -> Download:
        """A download as it is now."""
        return next(item for item in self.service.downloads() if item.id == download_id)

    def ids(self) -> list[str]:
        """Of all there are."""
        return [item.id for item in self.service.downloads()]

    async def reaches(self, download_id: str, status: str) -> Download:
        """The download once it has a status."""
        await until(lambda: self.one(download_id).status == status, status)
        return self.one(download_id)

    async def came(self, download_id: str, size: int) -> None:
        """Wait until so many bytes are there."""
        await until(lambda: self.one(download_id).completed >= size, f"{size} bytes")

    async def records(self) -> tuple[DownloadRecord, ...]:
        """What the next run would find."""
        return await self.store.all()


@asynccontextmanager
async def download_parts(
    folder: Path,
    ollama: str = "",
    *,
    waits: Sequence[float] = SOON,
    undo: float = 0.0,
    write: Write | None = None,
) -> AsyncIterator[DownloadParts]:
    """Wire the service up over `folder`, start it, and close it at the end.

    Args:
        folder: for the database and the files; another run over the same goes on from there.
        ollama: the address of a server that pulls.
        waits: before further attempts.
        undo: seconds in which what was given up can be taken back.
        write: see `DownloadService`.
    """
    database = await Database.open(folder / "history.sqlite")
    registry, http = Registry(), HttpClient()
    registry.add(OllamaProvider(http, ollama or "127.0.0.1:1"))
    store, done, unexpected = DownloadStore(database), list[Download](), list[Exception]()

    async def keep(download: Download) -> None:
        done.append(download)

    service = DownloadService(
        *(store, registry, http, folder / "models", keep, unexpected.append),
        retry_waits=waits,
        undo_seconds=undo,
        write=write,
    )
    parts = DownloadParts(service, store, folder / "models", done, unexpected=unexpected)
    end = service.subscribe(parts.told.append)
    await service.start()
    try:
        yield parts
    finally:
        end()
        await service.close()
        await registry.aclose()
        await http.aclose()
        await database.close()
    assert not unexpected, unexpected
