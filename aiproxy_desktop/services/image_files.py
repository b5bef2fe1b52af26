"""Stored images as files for other programs: with a proper name, under the cache folder."""

from __future__ import annotations

import re
import shutil
import time
import uuid
from pathlib import Path
from typing import Final

from aiproxy_desktop.storage.records import Attachment

_ENDINGS: Final = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "image/bmp": ".bmp",
    "image/tiff": ".tiff",
    "image/x-icon": ".ico",
}
_SAME_ENDINGS: Final = {".jpeg": ".jpg", ".tif": ".tiff"}
_UNFIT = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u200b-\u200f\u202a-\u202e\u2060-\u206f\ud800-\udfff]')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")
_LONGEST: Final = 180  # bytes: with its ending a name must stay below 255
_DAY: Final = 24 * 60 * 60


def file_name(attachment: Attachment) -> str:
    """A name any file system takes, with the ending of its type."""
    stem, dot, ending = _UNFIT.sub("_", attachment.name).strip(" .").rpartition(".")
    if not dot:
        stem, ending = ending, ""
    wanted = _ENDINGS.get(attachment.mime, f".{ending.lower()}" if ending else "")
    given = f".{ending.lower()}"
    if ending and _SAME_ENDINGS.get(given, given) != wanted:
        stem, ending = f"{stem}.{ending}", ""
    stem = stem.encode()[:_LONGEST].decode(errors="ignore").strip(" .") or "image"
    if _RESERVED.match(stem):
        stem = f"_{stem}"
    return f"{stem}.{ending}" if ending else f"{stem}{wanted}"


def copied_out(path: Path, attachment: Attachment, folder: Path) -> Path | None:
    """A copy that another program can take by its name; None where it cannot be made. Blocks.

    Copies of former days are taken away: whoever took them has them.
    """
    place = folder / attachment.hash[:16]
    target = place / file_name(attachment)
    try:
        _tidy(folder, keep=place)
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not target.is_file() or target.stat().st_size != path.stat().st_size:
            _copy(path, target)
        place.touch()
    except OSError:
        return None
    return target


def save_copy(path: Path, target: Path) -> str:
    """Copy to where the person chose; the system's reason where that fails, else empty. Blocks."""
    try:
        _copy(path, target)
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _copy(path: Path, target: Path) -> None:
    unfinished = target.with_name(f".{uuid.uuid4().hex}.part")
    try:
        shutil.copyfile(path, unfinished)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def _tidy(folder: Path, keep: Path) -> None:
    if not folder.is_dir():
        return
    old = time.time() - _DAY
    for place in folder.iterdir():
        if place != keep and place.is_dir() and place.stat().st_mtime < old:
            shutil.rmtree(place, ignore_errors=True)
