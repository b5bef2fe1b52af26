"""Images on their way within this application: by their ids, so that nothing is kept twice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import QMimeData

# What this application itself takes instead of the files: ids of images, one a line.
IMAGES_TYPE: Final = "application/x-aiproxy-images"

# Ids that are read of what another program may have written.
_MOST_BYTES: Final = 64 * 1024


def ids_as_data(ids: Iterable[str]) -> bytes:
    """What goes under `IMAGES_TYPE`."""
    return "\n".join(ids).encode()


def ids_in(mime: QMimeData) -> tuple[str, ...]:
    """The images that are dragged or pasted; empty where they come from elsewhere."""
    if not mime.hasFormat(IMAGES_TYPE):
        return ()
    return tuple(bytes(mime.data(IMAGES_TYPE).data())[:_MOST_BYTES].decode("ascii", "ignore").split())
