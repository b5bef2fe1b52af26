"""Taking files in: from a path, a folder or bytes to attachments whose bytes are kept. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from aiproxy_desktop.core.errors import MediaError
from aiproxy_desktop.core.media import UnreadableMedia
from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.core.token_estimate import (
    audio_tokens,
    document_tokens,
    estimate_tokens,
    image_tokens,
    video_tokens,
)
from aiproxy_desktop.storage.blobs import BlobStore
from aiproxy_desktop.storage.records import Attachment

if TYPE_CHECKING:
    from aiproxy_desktop.services.chosen_files import ChosenFile

# Tokens that a page takes as a picture, besides its text.
_A_PAGE_IMAGE = 1500

# Files of a folder after which its progress is told.
_TOLD_EVERY = 10


@dataclass(frozen=True, slots=True)
class PreparedImage:
    """An image as it is sent: small enough, upright, without metadata. Sizes in pixels."""

    data: bytes
    mime: str
    width: int
    height: int


class ImageTool(Protocol):
    """What decodes images. `core`, `storage` and `services` hold no decoder."""

    def prepare(self, data: bytes, mime: str) -> PreparedImage:
        """Make an image ready to be sent. It takes a while: called on a thread.

        Raises:
            UnreadableMedia: it is damaged, too large, or of a format that cannot be read here.
        """
        ...


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of one file, folder or paste. `name` is the file's or the folder's.

    `left_out` counts what a folder held besides; `cut` is a remark about a bound that was met, or empty.
    """

    name: str
    attachments: tuple[Attachment, ...]
    left_out: int = 0
    cut: str = ""

    @property
    def size(self) -> int:
        """Bytes of all of them."""
        return sum(one.size for one in self.attachments)

    @property
    def tokens(self) -> int | None:
        """About how many tokens all of them take; None where that is not known of one."""
        return total_tokens(self.attachments)


class Attacher:
    """Reads what a person chose, finds out what it is, keeps its bytes once."""

    def __init__(self, blobs: BlobStore, images: ImageTool) -> None:
        self._blobs = blobs
        self._images = images

    @property
    def blobs(self) -> BlobStore:
        """Where the bytes are kept."""
        return self._blobs

    async def from_path(self, path: Path, progress: Callable[[float], None] | None = None) -> Taken:
        """Take in a file, or the text files of a folder.

        Args:
            path: of either.
            progress: told how much of a folder is kept, from 0 to 1.

        Raises:
            RequestError: it cannot be read, is empty, or is nothing that can be sent; MediaError among
                them, where it is damaged or too large.
            StorageError: its bytes cannot be kept.
        """
        # What reads files is loaded with the first of them, not with the window.
        from aiproxy_desktop.services.chosen_files import read_chosen

        if await on_thread(partial(_is_folder, path), "attach"):
            return await self._from_folder(path, progress)
        return await self._one(await on_thread(partial(read_chosen, path), "attach"))

    async def from_bytes(self, data: bytes, name: str) -> Taken:
        """Take in what was pasted or dropped as bytes.

        Raises:
            RequestError, MediaError, StorageError: as `from_path`.
        """
        from aiproxy_desktop.services.chosen_files import recognise

        return await self._one(await on_thread(partial(recognise, data, name), "attach"))

    async def missing(self, attachments: Iterable[Attachment]) -> tuple[Attachment, ...]:
        """Those whose bytes are no longer kept whole."""
        return await on_thread(partial(self._missing, tuple(attachments)), "attach")

    async def _from_folder(self, path: Path, progress: Callable[[float], None] | None) -> Taken:
        from aiproxy_desktop.services.folders import read_folder

        found = await on_thread(partial(read_folder, path), "attach")
        kept: list[Attachment] = []
        for file in found.files:
            kept.append(await self._text(file))
            if progress is not None and len(kept) % _TOLD_EVERY == 0:
                progress(len(kept) / len(found.files))
        return Taken(found.name, tuple(kept), found.left_out, found.cut)

    async def _one(self, file: ChosenFile) -> Taken:
        if file.kind == "text":
            kept = await self._text(file)
        elif file.kind == "image":
            kept = await self._image(file)
        elif file.kind == "document":
            kept = await self._document(file)
        else:
            kept = await self._media(file)
        return Taken(kept.name, (kept,))

    async def _text(self, file: ChosenFile) -> Attachment:
        digest = await self._blobs.put(file.data)
        tokens = estimate_tokens(file.data.decode("utf-8"))
        return Attachment(digest, file.name, "text", file.mime, len(file.data), tokens=tokens)

    async def _image(self, file: ChosenFile) -> Attachment:
        try:
            image = await on_thread(partial(self._images.prepare, file.data, file.mime), "attach-image")
        except UnreadableMedia as found:
            raise MediaError(f"“{file.name}” {found.what}", found.advice) from None
        digest = await self._blobs.put(image.data)
        return Attachment(
            digest,
            file.name,
            "image",
            image.mime,
            len(image.data),
            width=image.width,
            height=image.height,
            tokens=image_tokens(image.width, image.height),
        )

    async def _document(self, file: ChosenFile) -> Attachment:
        from aiproxy_desktop.services.pdf_facts import pdf_facts

        facts = await pdf_facts(file.data)
        if facts.locked:
            raise MediaError(f"“{file.name}” needs a password", "Save it without one, and attach that.")
        if facts.damaged:
            raise MediaError(
                f"“{file.name}” is damaged and cannot be read", "Save it again, and attach that."
            )
        tokens = None
        if facts.pages is not None and facts.text_tokens is not None:
            tokens = facts.pages * _A_PAGE_IMAGE + facts.text_tokens
        elif facts.pages is not None:
            tokens = document_tokens(facts.pages)
        digest = await self._blobs.put(file.data)
        return Attachment(
            digest, file.name, "document", file.mime, len(file.data), pages=facts.pages, tokens=tokens
        )

    async def _media(self, file: ChosenFile) -> Attachment:
        from aiproxy_desktop.services.durations import seconds_of

        seconds = seconds_of(file.data, file.mime)
        tokens = None
        if seconds is not None:
            tokens = audio_tokens(seconds) if file.kind == "audio" else video_tokens(seconds)
        digest = await self._blobs.put(file.data)
        return Attachment(
            digest, file.name, file.kind, file.mime, len(file.data), seconds=seconds, tokens=tokens
        )

    def _missing(self, attachments: Sequence[Attachment]) -> tuple[Attachment, ...]:
        return tuple(one for one in attachments if not self._kept(one))

    def _kept(self, attachment: Attachment) -> bool:
        try:
            return self._blobs.path(attachment.hash).stat().st_size == attachment.size
        except OSError:
            return False


def tokens_for(attachment: Attachment, provider: str) -> int | None:
    """About how many tokens an attachment takes at this provider (its id)."""
    if attachment.kind == "image" and attachment.width and attachment.height:
        return image_tokens(attachment.width, attachment.height, provider)
    if attachment.kind == "audio" and attachment.seconds is not None:
        return audio_tokens(attachment.seconds, provider)
    if attachment.kind == "document" and attachment.pages and provider == "gemini":
        return document_tokens(attachment.pages, provider)
    return attachment.tokens


def total_tokens(attachments: Iterable[Attachment], provider: str = "") -> int | None:
    """About how many tokens all of them take; None where that is not known of one."""
    total = 0
    for one in attachments:
        tokens = tokens_for(one, provider)
        if tokens is None:
            return None
        total += tokens
    return total


def by_folder(attachments: Iterable[Attachment]) -> tuple[Taken, ...]:
    """As they were attached: each file by itself; those of a folder, which begin with its name, together."""
    groups: dict[str, list[Attachment]] = {}
    for at, one in enumerate(attachments):
        folder, slash, _ = one.name.partition("/")
        groups.setdefault(f"{folder}/" if slash else f"{at}", []).append(one)
    return tuple(Taken(group[0].name.partition("/")[0], tuple(group)) for group in groups.values())


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):  # whoever reads it says why
        return False
