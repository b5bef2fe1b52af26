"""What a Linux desktop reads of an application: its entry, description, icons, kinds of files, manual page.

All of it lies below a folder `share`: /usr/share in a package, ~/.local/share for one person.
"""

from __future__ import annotations

import gzip
import shutil
from datetime import UTC, datetime
from pathlib import Path

from shipping import icons, marks
from shipping.layout import INSTALLER_FILES, epoch, project
from shipping.releasing import release_notes

LINUX = INSTALLER_FILES / "linux"

# A file of weights, whose kind `mime.xml` describes.
GGUF = "application/x-gguf"
# What is opened with it: that, and what the image studio reads.
MIME_TYPES = ("image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp", "image/tiff", GGUF)

ENTRY = f"applications/{project.COMMAND}.desktop"
METAINFO = f"metainfo/{project.APPLICATION_ID}.metainfo.xml"
KINDS = f"mime/packages/{project.COMMAND}.xml"
MANUAL = f"man/man1/{project.COMMAND}.1.gz"


def put(share: Path) -> None:
    """Lay everything below a folder."""
    kinds = "".join(f"{kind};" for kind in MIME_TYPES)
    marks.write(LINUX / "aiproxy-desktop.desktop", share / ENTRY, MIME_TYPES=kinds, GGUF=GGUF)
    marks.write(LINUX / "mime.xml", share / KINDS, xml=True, GGUF=GGUF)
    put_metainfo(share / METAINFO)
    _put_manual(share / MANUAL)
    _put_icons(share / "icons" / "hicolor")


def put_metainfo(path: Path) -> None:
    """Write the description for lists of software."""
    marks.write(LINUX / "metainfo.xml", path, xml=True, GGUF=GGUF)
    told = release_notes.as_appstream(release_notes.releases())
    text = path.read_text("utf-8").replace("  <releases/>", told)
    path.write_text(text, "utf-8")


def _put_manual(path: Path) -> None:
    day = datetime.fromtimestamp(epoch(), UTC).date().isoformat()
    text = marks.filled(LINUX / "aiproxy-desktop.1", DATE=day)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def _put_icons(hicolor: Path) -> None:
    for size in icons.SIZES:
        path = hicolor / f"{size}x{size}" / "apps" / f"{project.COMMAND}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(icons.picture(size))
    path = hicolor / "scalable" / "apps" / f"{project.COMMAND}.svg"
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(icons.DRAWING, path)
