"""How each format is put into a file: one conversation as a document, all of them as a zip of documents."""

from __future__ import annotations

import zipfile
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal, Protocol

from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.services.exchange import archive_json
from aiproxy_desktop.services.exchange.files import WholeFile, file_name
from aiproxy_desktop.services.exchange.html import (
    CUT,
    Rendering,
    body,
    code,
    data_url,
    in_pieces,
    plain,
    to_html,
)
from aiproxy_desktop.services.exchange.markdown import to_markdown
from aiproxy_desktop.storage.archives import Archived
from aiproxy_desktop.storage.blobs import BlobStore
from aiproxy_desktop.storage.records import Attachment

if TYPE_CHECKING:
    from aiproxy_desktop.services.exchange.service import Words

# Larger images are named in a document to read, not shown.
_LARGEST_IMAGE = 32 * 1024 * 1024

# Characters of a piece of a document that is laid out while the window lives.
_PIECE = 3000

_ENDINGS = {"markdown": "md", "html": "html", "pdf": "pdf"}

# The same files give the same zip, whenever it is made.
_NO_TIME = (1980, 1, 1, 0, 0, 0)

_Documents = Literal["markdown", "html", "pdf"]


class Writing(Protocol):
    """An export under way: `begin`, any number of `add`, then `finish` or `give_up`. All but `add` block."""

    missing: int

    def begin(self) -> None:
        """Make the file."""

    async def add(self, archived: Archived) -> None:
        """Write one conversation."""

    def finish(self) -> None:
        """Put the file in its place."""

    def give_up(self) -> None:
        """Leave nothing."""


@dataclass(frozen=True, slots=True)
class PdfContent:
    """What a PDF is made of: HTML in pieces, and the bytes of images by attachment hash."""

    pieces: list[str]
    images: dict[str, bytes]
    missing: int


def writing(
    target: Path,
    form: Literal["markdown", "html", "pdf", "json"],
    blobs: BlobStore,
    words: Words,
    *,
    one: bool,
    pdf: Callable[[Archived], Awaitable[tuple[bytes, int]]] | None = None,
) -> Writing:
    """What writes this format to this file. A lossless export of one is a zip where its name says so."""
    if form == "json":
        return _Lossless(target, blobs, packed=not one or target.suffix.lower() == ".zip")
    return _Readable(target, form, blobs, words, one=one, pdf=pdf)


def pdf_content(archived: Archived, blobs: BlobStore, words: Words) -> PdfContent:
    """What a PDF of a conversation is made of. Blocks."""
    images: dict[str, bytes] = {}
    counted = _Bytes(blobs)

    def source(one: Attachment) -> str:
        data = counted.image(one)
        if data is None:
            return ""
        images[one.hash] = data
        return f"attachment:{one.hash}"

    how = Rendering(
        words.render_apart, in_pieces(plain, _PIECE), in_pieces(code, _PIECE), source, words.document
    )
    pieces = [piece for turn in body(archived, words.model_name, how) for piece in turn.split(CUT)]
    return PdfContent(pieces, images, counted.missing)


class _Bytes:
    """Attachments' bytes, and a count of those that are not there any more."""

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs
        self.missing = 0

    def open(self, one: Attachment) -> IO[bytes] | None:
        """The file of an attachment."""
        try:
            return self._blobs.path(one.hash).open("rb")
        except (OSError, ValueError):
            self.missing += 1
            return None

    def image(self, one: Attachment) -> bytes | None:
        """All of an image that can be shown."""
        if one.kind != "image" or one.size > _LARGEST_IMAGE:
            return None
        file = self.open(one)
        if file is None:
            return None
        with file:
            return file.read(_LARGEST_IMAGE)


class _Lossless:
    def __init__(self, target: Path, blobs: BlobStore, *, packed: bool) -> None:
        self._file = WholeFile(target)
        self._packed = packed
        self._bytes = _Bytes(blobs)
        self._wanted: dict[str, Attachment] = {}
        self._zip: zipfile.ZipFile | None = None
        self._entry: IO[bytes] | None = None
        self._document: archive_json.DocumentWriter | None = None

    @property
    def missing(self) -> int:
        return self._bytes.missing

    @missing.setter
    def missing(self, value: int) -> None:
        self._bytes.missing = value

    def begin(self) -> None:
        file = self._file.open()
        if self._packed:
            self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)
            file = self._entry = self._zip.open(_info(archive_json.DOCUMENT), "w", force_zip64=True)
        self._document = archive_json.DocumentWriter(file)

    async def add(self, archived: Archived) -> None:
        await on_thread(partial(self._add, archived), "export")

    def finish(self) -> None:
        assert self._document is not None, "begun"
        if self._zip is None:
            self._each(self._document.attachment)
            self._document.end()
        else:
            assert self._entry is not None, "begun"
            self._document.end()
            self._entry.close()
            self._each(self._pack)
            self._zip.close()
        self._file.keep()

    def give_up(self) -> None:
        _abandon(self._entry, self._zip)
        self._file.drop()

    def _add(self, archived: Archived) -> None:
        assert self._document is not None, "begun"
        self._document.conversation(archived)
        for message in archived.messages:
            self._wanted |= {one.hash: one for one in message.attachments}

    def _each(self, write: Callable[[str, IO[bytes]], None]) -> None:
        for digest in sorted(self._wanted):
            file = self._bytes.open(self._wanted[digest])
            if file is not None:
                with file:
                    write(digest, file)

    def _pack(self, digest: str, source: IO[bytes]) -> None:
        assert self._zip is not None, "a zip"
        _copy(self._zip, archive_json.FOLDER + digest, source)


class _Readable:
    def __init__(
        self,
        target: Path,
        form: _Documents,
        blobs: BlobStore,
        words: Words,
        *,
        one: bool,
        pdf: Callable[[Archived], Awaitable[tuple[bytes, int]]] | None,
    ) -> None:
        self._file = WholeFile(target)
        self._form: _Documents = form
        self._bytes = _Bytes(blobs)
        self._words = words
        self._one = one
        self._pdf = pdf
        self._out: IO[bytes] | None = None
        self._zip: zipfile.ZipFile | None = None
        self._names: set[str] = set()
        self._beside: dict[str, str] = {}
        self.missing = 0

    def begin(self) -> None:
        self._out = self._file.open()
        if not self._one:
            self._zip = zipfile.ZipFile(self._out, "w", zipfile.ZIP_DEFLATED)

    async def add(self, archived: Archived) -> None:
        if self._form == "pdf":
            assert self._pdf is not None, "there is a writer for what can be asked for"
            data, missing = await self._pdf(archived)
            self.missing += missing
            await on_thread(partial(self._put, archived, data), "export")
        else:
            await on_thread(partial(self._add, archived), "export")

    def finish(self) -> None:
        if self._zip is not None:
            self._zip.close()
        self._file.keep()

    def give_up(self) -> None:
        _abandon(self._zip)
        self._file.drop()

    def _add(self, archived: Archived) -> None:
        before, words = self._bytes.missing, self._words
        if self._form == "markdown":
            text = to_markdown(archived, words.model_name, self._place, words.document)
        else:
            text = "".join(to_html(archived, words.model_name, words.render, self._shown, words.document))
        self.missing += self._bytes.missing - before
        self._put(archived, text.encode("utf-8", "replace"))

    def _put(self, archived: Archived, data: bytes) -> None:
        if self._zip is None:
            assert self._out is not None, "begun"
            self._out.write(data)
            return
        day = archived.conversation.created_at.astimezone().strftime("%Y-%m-%d")
        stem = f"{day} {file_name(archived.conversation.title)}"
        name, number = stem, 1
        while name.casefold() in self._names:
            number += 1
            name = f"{stem} ({number})"
        self._names.add(name.casefold())
        self._zip.writestr(_info(f"{name}.{_ENDINGS[self._form]}"), data)

    def _shown(self, one: Attachment) -> str:
        data = self._bytes.image(one)
        return "" if data is None else data_url(one.mime, data)

    def _place(self, one: Attachment) -> str:
        """The bytes beside the document, in a zip."""
        if self._zip is None:
            return ""
        if one.hash not in self._beside:
            self._beside[one.hash] = ""
            file = self._bytes.open(one)
            if file is not None:
                ending = Path(file_name(one.name).replace(" ", "_")).suffix.lower()
                self._beside[one.hash] = f"{archive_json.FOLDER}{one.hash}{ending}"
                with file:
                    _copy(self._zip, self._beside[one.hash], file)
        return self._beside[one.hash]


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _NO_TIME)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info


def _copy(into: zipfile.ZipFile, name: str, source: IO[bytes]) -> None:
    with into.open(_info(name), "w", force_zip64=True) as entry:
        while piece := source.read(1024 * 1024):
            entry.write(piece)


def _abandon(*opened: IO[bytes] | zipfile.ZipFile | None) -> None:
    """Close what will be thrown away; where the disk is full, closing fails as well."""
    for one in opened:
        with suppress(OSError, ValueError):
            if one is not None:
                one.close()
