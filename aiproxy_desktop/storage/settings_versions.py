"""Settings and the versions of the application that wrote them: newer forms are refused, older files kept.

What another version wrote is kept as `settings.json.v<that version>.backup`, before it is replaced.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from aiproxy_desktop import __version__
from aiproxy_desktop.storage.errors import NewerSettingsError
from aiproxy_desktop.storage.whole_files import write_whole

# A file name is made of it.
_WRITER = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,39}", re.ASCII)

# Files from before versions were written into them.
_EARLIEST = "0"

_KEPT = 3


@dataclass(frozen=True, slots=True)
class Former:
    """A settings file as another version of the application wrote it."""

    writer: str
    data: bytes


def refuse_newer(version: object, usable: int, writer: object, path: Path) -> None:
    """Refuse a file whose form a later version made.

    Args:
        version: of the form, as the file tells.
        usable: the newest one that is understood.
        writer: the version of the application that wrote it, as the file tells.
        path: the file.

    Raises:
        NewerSettingsError: the form is newer.
    """
    if type(version) is not int or version <= usable:
        return
    known = _known(writer)
    by = f"version {known} of AI Proxy Desktop" if known else "a newer version of AI Proxy Desktop"
    copy = _newest_copy(path)
    before = f" A copy from before, which this version can use, is {copy}." if copy is not None else ""
    raise NewerSettingsError(
        f"The settings in {path} were written by {by}; this is {__version__}",
        f"Install that version again, or move the file aside to begin with usual settings.{before}"
        " Nothing was changed.",
    )


def former_of(writer: object, data: bytes) -> Former | None:
    """What is to be kept of a file before this version writes it; None where this version wrote it."""
    known = _known(writer) or _EARLIEST
    return None if known == __version__ else Former(known, data)


def keep_former(path: Path, former: Former) -> None:
    """Write it beside the settings; the newest few stay.

    Raises:
        OSError: it cannot be written.
    """
    target = path.with_name(f"{path.name}.v{former.writer}.backup")
    write_whole(target, former.data)
    for old in _copies(path)[:-_KEPT]:
        with suppress(OSError):  # it is a few kilobytes, and looked at again next time
            old.unlink()


def _known(writer: object) -> str:
    return writer if isinstance(writer, str) and _WRITER.fullmatch(writer) else ""


def _newest_copy(path: Path) -> Path | None:
    own = path.with_name(f"{path.name}.v{__version__}.backup")
    if own.is_file():
        return own
    return next(reversed(_copies(path)), None)


def _copies(path: Path) -> list[Path]:
    """Oldest first."""
    found = [
        copy
        for copy in path.parent.iterdir()
        if copy.name.startswith(f"{path.name}.v") and copy.name.endswith(".backup")
    ]
    return sorted(found, key=lambda copy: (copy.stat().st_mtime, copy.name))
