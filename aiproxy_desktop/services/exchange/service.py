"""Export and import: conversations go out to a file, and come in from one, all of it or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.storage.archives import Archived, ArchiveStore
from aiproxy_desktop.storage.blobs import BlobStore
from aiproxy_desktop.storage.errors import MissingConversationError, StorageError, plain

if TYPE_CHECKING:  # what reads and writes is loaded when something is exported or imported
    from aiproxy_desktop.services.exchange.readable import DocumentWords
    from aiproxy_desktop.services.exchange.reading import Found
    from aiproxy_desktop.services.exchange.writing import Writing

Format: TypeAlias = Literal["markdown", "html", "pdf", "json"]

# What is done, of how many; the second is 0 where nobody knows.
Progress = Callable[[int, int], None]

# Writes a document to read as PDF: where, its title, its HTML in pieces, images by attachment hash.
PdfWriter = Callable[[Path, str, list[str], dict[str, bytes]], Awaitable[None]]

# How many things found in an export are handed over at once.
_BATCH = 16


class Words(Protocol):
    """What exports need of the rest of the application."""

    @property
    def document(self) -> DocumentWords:
        """What stands in a document besides what was said."""

    def model_name(self, reference: str | None) -> str:
        """A model's name, for a reference."""

    def render(self, markdown: str) -> str:
        """Markdown as a fragment of safe HTML; called on a thread."""

    def render_apart(self, markdown: str) -> str:
        """The same as small fragments, with `html.CUT` between them."""


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What became of an import: how many conversations each."""

    imported: int = 0
    already_there: int = 0
    left_out: int = 0
    missing_files: int = 0


@dataclass(frozen=True, slots=True)
class ExportSummary:
    """What was written, and how many attachments' bytes were not to be had."""

    conversations: int
    missing_files: int


class ExchangeService:
    """Conversations of one database in and out. Cancelling an operation leaves nothing half done."""

    def __init__(self, archives: ArchiveStore, blobs: BlobStore, words: Words, pdf: PdfWriter) -> None:
        """Take what it works with.

        Args:
            archives: the conversations.
            blobs: the attachments' bytes.
            words: names of models, and Markdown as HTML.
            pdf: writes PDF.
        """
        self._archives = archives
        self._blobs = blobs
        self._words = words
        self._pdf = pdf

    async def export_one(self, conversation_id: str, target: Path, form: Format) -> ExportSummary:
        """Write one conversation to a file, which is replaced.

        Raises:
            StorageError: it is gone, or the file cannot be written; then nothing was.
        """
        from aiproxy_desktop.services.exchange.writing import writing

        archived = await self._archives.read(conversation_id)
        if form == "pdf":
            return await self._export_pdf(archived, target)
        out = writing(target, form, self._blobs, self._words, one=True)
        return await self._write(out, target, (conversation_id,), None)

    async def export_all(
        self, target: Path, form: Format, progress: Progress = lambda _done, _of: None
    ) -> ExportSummary:
        """Write all conversations, archived ones too, to a zip file, which is replaced.

        Raises:
            StorageError: the file cannot be written; then nothing was.
        """
        from aiproxy_desktop.services.exchange.writing import writing

        out = writing(target, form, self._blobs, self._words, one=False, pdf=self._pdf_bytes(target))
        return await self._write(out, target, await self._archives.ids(), progress)

    async def import_file(self, path: Path, progress: Progress = lambda _done, _of: None) -> ImportSummary:
        """Take in everything that an export holds and that is not here.

        Raises:
            UnreadableExportError: the file is damaged, unknown or of a newer version; nothing was taken in.
            StorageError: the database refused; nothing was taken in.
        """
        incoming = _Incoming(path)
        staging = self._archives.begin()
        counted = _Counted()
        try:
            while batch := await on_thread(incoming.next_batch, "import"):
                for found in batch:
                    if isinstance(found, bytes):
                        counted.kept.add(await self._blobs.put(found))
                    elif not isinstance(found, Archived):
                        counted.left_out += 1
                    else:
                        counted.wanted |= {one.hash for it in found.messages for one in it.attachments}
                        counted.already += await staging.add(found) is None
                progress(len(staging.added) + counted.already, 0)
            missing = await on_thread(partial(_missing, self._blobs, counted.wanted - counted.kept), "blobs")
            await staging.publish()
        except BaseException:
            # Where there is no room even for that, the next import does it, or the next start.
            with suppress(StorageError):
                await asyncio.shield(staging.drop())
            raise
        finally:
            await on_thread(incoming.close, "import")
        return ImportSummary(len(staging.added), counted.already, counted.left_out, missing)

    async def _write(
        self, out: Writing, target: Path, ids: Sequence[str], progress: Progress | None
    ) -> ExportSummary:
        done = 0
        try:
            await on_thread(out.begin, "export")
            for conversation_id in ids:
                try:
                    archived = await self._archives.read(conversation_id)
                except MissingConversationError:
                    if progress is None:
                        raise
                    continue  # deleted meanwhile
                await out.add(archived)
                done += 1
                if progress is not None:
                    progress(done, len(ids))
            await on_thread(out.finish, "export")
        except BaseException as error:
            await asyncio.shield(on_thread(out.give_up, "export"))
            if isinstance(error, OSError):
                raise plain(error, "The export", target, "written") from error
            raise
        return ExportSummary(done, out.missing)

    async def _export_pdf(self, archived: Archived, target: Path) -> ExportSummary:
        from aiproxy_desktop.services.exchange.writing import pdf_content

        content = await on_thread(partial(pdf_content, archived, self._blobs, self._words), "export")
        await self._pdf(target, archived.conversation.title, content.pieces, content.images)
        return ExportSummary(1, content.missing)

    def _pdf_bytes(self, target: Path) -> Callable[[Archived], Awaitable[tuple[bytes, int]]]:
        from aiproxy_desktop.services.exchange.files import unfinished_name

        async def made(archived: Archived) -> tuple[bytes, int]:
            page = unfinished_name(target)
            try:
                summary = await self._export_pdf(archived, page)
                return await on_thread(partial(_content, page), "export"), summary.missing_files
            finally:
                await on_thread(partial(page.unlink, missing_ok=True), "export")

        return made


class _Counted:
    def __init__(self) -> None:
        self.kept: set[str] = set()
        self.wanted: set[str] = set()
        self.already = 0
        self.left_out = 0


class _Incoming:
    """An export under way. Its methods block, and are called one after the other."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened = ExitStack()
        self._found: Iterator[Found] | None = None

    def next_batch(self) -> list[Found]:
        """Some of what comes next; nothing at the end."""
        from aiproxy_desktop.services.exchange.reading import read_export
        from aiproxy_desktop.services.exchange.source import open_export

        if self._found is None:
            export = self._opened.enter_context(open_export(self._path))
            self._found = read_export(export)
        batch: list[Found] = []
        size = 0
        for found in self._found:
            batch.append(found)
            size += len(found) if isinstance(found, bytes) else 1
            if len(batch) == _BATCH or size > 1024 * 1024:
                break
        return batch

    def close(self) -> None:
        """Close the file."""
        self._found = None
        self._opened.close()


def _missing(blobs: BlobStore, digests: set[str]) -> int:
    return sum(not blobs.path(digest).is_file() for digest in digests)


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read()
