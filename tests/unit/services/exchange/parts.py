"""Export and import over a real database and real files."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path

from aiproxy_desktop.services.exchange.readable import ENGLISH
from aiproxy_desktop.services.exchange.service import ExchangeService, ImportSummary
from aiproxy_desktop.storage.archives import Archived, ArchiveStore
from aiproxy_desktop.storage.blobs import BlobStore
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.database import Database


class PlainWords:
    """Names as they are, Markdown as it is written."""

    document = ENGLISH

    def model_name(self, reference: str | None) -> str:
        return (reference or "").partition(":")[2]

    def render(self, markdown: str) -> str:
        return f"<p>{escape(markdown)}</p>\n"

    render_apart = render


@dataclass
class Parts:
    """One history and what takes it out and in."""

    folder: Path
    db: Database
    store: ConversationStore
    archives: ArchiveStore
    blobs: BlobStore
    service: ExchangeService

    async def take_in(self, path: Path) -> ImportSummary:
        return await self.service.import_file(path)

    async def all(self) -> list[Archived]:
        return [await self.archives.read(one) for one in await self.archives.ids()]

    async def put_in(self, *archived: Archived) -> None:
        staging = self.archives.begin()
        for one in archived:
            await staging.add(one)
        await staging.publish()

    async def traces(self) -> int:
        """Rows that an import leaves, seen or not."""
        return await self.db.read(
            lambda connection: connection.execute(
                "SELECT (SELECT count(*) FROM conversations) + (SELECT count(*) FROM messages)"
                " + (SELECT count(*) FROM folders)"
            ).fetchone()[0]
        )


async def no_pdf(target: Path, title: str, pieces: list[str], images: dict[str, bytes]) -> None:
    await asyncio.to_thread(target.write_bytes, b"%PDF " + title.encode("utf-8", "replace"))


@asynccontextmanager
async def history(folder: Path) -> AsyncIterator[Parts]:
    """An empty history in a folder, which is made."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    db = await Database.open(folder / "conversations.db")
    try:
        archives, blobs = ArchiveStore(db), BlobStore(folder / "attachments")
        service = ExchangeService(archives, blobs, PlainWords(), no_pdf)
        yield Parts(folder, db, ConversationStore(db), archives, blobs, service)
    finally:
        await db.close()
