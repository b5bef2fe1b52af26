"""What a Linux desktop reads of an application: its entry, description, icons, kinds of files, manual page."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from xml.sax.saxutils import escape

from shipping import icons
from shipping.layout import INSTALLER_FILES, VERSION, epoch, project

LINUX = INSTALLER_FILES / "linux"

# What the image studio opens, and files of weights.
MIME_TYPES = (
    "image/png",
    "image/jpeg",
    "image/webp",
    "image/gif",
    "image/bmp",
    "image/tiff",
    "application/x-gguf",
)


def filled(template: str, *, xml: bool = False) -> str:
    """A file of `resources/installer/linux` with the project's facts at its @MARKS@.

    Args:
        template: its name.
        xml: write them as XML wants text.

    Raises:
        KeyError: it has a mark that nothing is known for.
    """
    from datetime import UTC, datetime

    facts = {
        "NAME": project.NAME,
        "COMMAND": project.COMMAND,
        "APPLICATION_ID": project.APPLICATION_ID,
        "REPOSITORY": project.REPOSITORY,
        "SUMMARY": project.SUMMARY,
        "VERSION": VERSION,
        "DATE": datetime.fromtimestamp(epoch(), UTC).date().isoformat(),
        "MIME_TYPES": "".join(f"{kind};" for kind in MIME_TYPES),
    }
    if xml:
        facts = {mark: escape(fact) for mark, fact in facts.items()}
        facts["RELEASES"] = f'    <release version="{facts["VERSION"]}" date="{facts["DATE"]}"/>'
    return re.sub(r"@([A-Z_]+)@", lambda mark: facts[mark[1]], (LINUX / template).read_text("utf-8"))


def put(share: Path) -> None:
    """Lay everything below a folder `share`, such as /usr/share in a package."""
    for place, text in {
        f"applications/{project.COMMAND}.desktop": filled("aiproxy-desktop.desktop"),
        f"metainfo/{project.APPLICATION_ID}.metainfo.xml": filled("metainfo.xml", xml=True),
        f"mime/packages/{project.COMMAND}.xml": filled("mime.xml", xml=True),
    }.items():
        path = share / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    hicolor = share / "icons" / "hicolor"
    icons.make()
    for size in icons.SIZES:
        _copy(icons.png(size), hicolor / f"{size}x{size}" / "apps" / f"{project.COMMAND}.png")
    _copy(icons.DRAWING, hicolor / "scalable" / "apps" / f"{project.COMMAND}.svg")
    page = share / "man" / "man1" / f"{project.COMMAND}.1.gz"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_bytes(gzip.compress(filled("aiproxy-desktop.1").encode(), 9, mtime=0))


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(source.read_bytes())
