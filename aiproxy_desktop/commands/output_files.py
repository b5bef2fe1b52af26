"""Files that a command is told to write: whether they may be, before anything is sent."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from aiproxy_desktop.storage.errors import StorageError

_LONGEST_SHOWN: Final = 200


def check_folder(folder: Path) -> None:
    """Look whether files can be written to a folder.

    Raises:
        StorageError: it is not there, or takes none.
    """
    if not os.path.isdir(folder):  # noqa: PTH112 - Path's own raises where it may not look
        raise StorageError(f"There is no folder “{folder}”", "Make it, or choose another one.")
    if not os.access(folder, os.W_OK):
        raise StorageError(f"Nothing can be written to “{folder}”", "Choose another folder.")


def check_free(path: Path, *, force: bool) -> None:
    """Look whether something is there that must stay.

    Raises:
        StorageError: it is.
    """
    try:
        kind = path.stat().st_mode
    except FileNotFoundError:
        if force or not path.is_symlink():
            return
        kind = stat.S_IFREG
    except OSError as error:
        raise StorageError(
            f"“{_shown(path)}” cannot be written",
            f"The system said: {error.strerror}. Choose another name.",
        ) from error
    if stat.S_ISDIR(kind):
        raise StorageError(f"“{path}” is a folder", "Name a file in it.")
    if not stat.S_ISREG(kind):
        raise StorageError(f"“{path}” is a device, a pipe or a socket", "Name a file.")
    if not force:
        raise StorageError(f"“{path}” is there already", "Choose another name, or add --force.")


def _shown(path: Path) -> str:
    """As much of a path as a sentence bears."""
    text = str(path)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
