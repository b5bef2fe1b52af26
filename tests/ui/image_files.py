"""Stored images for tests of what the transcript shows of them."""

from __future__ import annotations

import hashlib
from pathlib import Path

from PySide6.QtGui import QColor, QImage

from aiproxy_desktop.storage.records import Attachment, AttachmentKind
from aiproxy_desktop.ui.chat.transcript.messages import ShownAttachment

RED = "#C02020"


def stored_image(
    folder: Path, name: str = "plan.png", size: tuple[int, int] = (600, 300), color: str = RED
) -> ShownAttachment:
    """A PNG of one colour, kept as the blob store keeps it: without a name."""
    image = QImage(*size, QImage.Format.Format_RGB32)
    image.fill(QColor(color))
    path = folder / f"{color[1:]}-{size[0]}x{size[1]}"
    assert image.save(str(path), "PNG")  # type: ignore[call-overload]  # the stubs want bytes
    data = path.read_bytes()
    attachment = Attachment(
        hashlib.sha256(data).hexdigest(), name, "image", "image/png", len(data), size[0], size[1]
    )
    return ShownAttachment(attachment, path, "184 KB · about 1,105 tokens")


def stored_file(
    path: Path | None, name: str, kind: AttachmentKind = "document", mime: str = "application/pdf"
) -> ShownAttachment:
    """Any other file, or one whose bytes are gone."""
    return ShownAttachment(Attachment("b" * 64, name, kind, mime, 184_000), path, "184 KB")
