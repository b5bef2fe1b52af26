"""The lossless export: format 1.

A JSON document, `{"format": "aiproxy-desktop", "version": 1, "conversations": [...], "attachments": [...]}`:
each conversation as in `documents`; each attachment as `{"hash", "data"}` with its bytes in base64, in pieces
of 12 MB, one after the other, so that no item is ever large. One conversation is written so.

All of them are written as a zip with that document as `conversations.json`, without attachments, and the
bytes of each as `attachments/<hash>`. Either form may hold any number of conversations when it is read.

The same history always gives the same document: nothing in it depends on when or where it is written.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator
from typing import IO, Any

from aiproxy_desktop.services.exchange.documents import from_document, to_document
from aiproxy_desktop.services.exchange.errors import NOTHING, UnreadableExportError, damaged
from aiproxy_desktop.services.exchange.json_items import decode, encode, members
from aiproxy_desktop.services.exchange.source import ExportFile
from aiproxy_desktop.storage.archives import Archived

FORMAT = "aiproxy-desktop"
VERSION = 1

DOCUMENT = "conversations.json"
FOLDER = "attachments/"

_PIECE = 12 * 1024 * 1024
_LARGEST = 1024 * 1024 * 1024


class DocumentWriter:
    """Writes the document piece by piece. Conversations first, then attachments, then `end`."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._first = True
        self._attaching = False
        file.write(b'{"format":%s,"version":%d,"conversations":[' % (encode(FORMAT), VERSION))

    def conversation(self, archived: Archived) -> None:
        """The next conversation."""
        self._item(to_document(archived))

    def attachment(self, digest: str, source: IO[bytes]) -> None:
        """The bytes of an attachment."""
        if not self._attaching:
            self._attaching, self._first = True, True
            self._file.write(b'\n],"attachments":[')
        empty = True
        while (piece := source.read(_PIECE)) or empty:
            empty = False
            self._item({"hash": digest, "data": base64.b64encode(piece).decode("ascii")})

    def end(self) -> None:
        """The end of the document."""
        self._file.write(b"\n]}\n")

    def _item(self, value: dict[str, Any]) -> None:
        self._file.write(b"\n" if self._first else b",\n")
        self._file.write(encode(value))
        self._first = False


def read(export: ExportFile, name: str = "") -> Iterator[Archived | bytes]:
    """What the export holds, as it comes: conversations, and the bytes of attachments.

    Args:
        export: the file.
        name: of the document in a zip.

    Raises:
        UnreadableExportError: it is damaged, or of a newer version.
    """
    _check_version(export, name)
    with export.document(name) as source:
        attachment = _Attachment()
        for key, item in members(source):
            if key == "conversations":
                archived = from_document(decode(item))
                yield archived
                yield from _beside(export, name, archived)
            elif key == "attachments":
                yield from attachment.take(decode(item))
        yield from attachment.finish()


def _check_version(export: ExportFile, name: str) -> None:
    found: dict[str, Any] = {}
    with export.document(name) as source:
        for key, item in members(source):
            if key in {"format", "version"}:
                found[key] = decode(item)
                if len(found) == 2:
                    break
    version = found.get("version")
    if found.get("format") != FORMAT or type(version) is not int or version < 1:
        raise damaged("it does not say its version")
    if version > VERSION:
        raise UnreadableExportError(
            f"The export was written by a newer version of AI Proxy Desktop, in format {version:,}",
            f"This version reads format {VERSION}: install the newer one. {NOTHING}",
        )


def _beside(export: ExportFile, name: str, archived: Archived) -> Iterator[bytes]:
    """The files of a zip that a conversation refers to."""
    if not export.packed:
        return
    folder = name.removesuffix(DOCUMENT) + FOLDER
    there = frozenset(export.names)
    for digest in {one.hash: None for message in archived.messages for one in message.attachments}:
        if folder + digest in there:
            data = export.file(folder + digest)
            if hashlib.sha256(data).hexdigest() != digest:
                raise damaged("an attachment is not what it was")
            yield data


class _Attachment:
    """Puts the pieces of an attachment together."""

    def __init__(self) -> None:
        self._hash = ""
        self._data = bytearray()

    def take(self, item: object) -> Iterator[bytes]:
        """The next piece; what came before it is done when this is another attachment's."""
        if not isinstance(item, dict) or not isinstance(item.get("hash"), str):
            raise damaged("an attachment has no name")
        digest, text = item["hash"], item.get("data", "")
        if digest != self._hash:
            yield from self.finish()
            self._hash = digest
        try:
            self._data += base64.b64decode(str(text), validate=True)
        except (binascii.Error, ValueError):
            raise damaged("an attachment is not base64") from None
        if len(self._data) > _LARGEST:
            raise damaged("an attachment is larger than 1 GB")

    def finish(self) -> Iterator[bytes]:
        """What was put together."""
        if self._hash:
            data = bytes(self._data)
            if hashlib.sha256(data).hexdigest() != self._hash:
                raise damaged("an attachment is not what it was")
            yield data
        self._hash, self._data = "", bytearray()
