"""A token of the local API in a file, for a server without a keyring."""

from __future__ import annotations

import os
from pathlib import Path

from aiproxy_desktop.core.errors import ConfigurationError
from aiproxy_desktop.storage.errors import plain

_MOST_BYTES = 4096


def token_from(path: Path, fresh: str) -> tuple[str, bool]:
    """The token in a file, which is made where it is missing. Blocks on the disk.

    Args:
        path: the file; only its owner can read one that is made here.
        fresh: the token for a new file.

    Returns:
        the token, and whether the file was made.

    Raises:
        StorageError: it can be neither read nor made.
        ConfigurationError: it is there and holds no text.
    """
    made = False
    try:
        # Not named a second time to be written to: in a folder of others it may be another file by then.
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        made = True
        with os.fdopen(number, "w", encoding="ascii") as file:
            file.write(f"{fresh}\n")
    except FileExistsError:
        return _read(path), False
    except OSError as error:
        if made:
            path.unlink(missing_ok=True)
        raise plain(error, "The token", path, "written") from error
    return fresh, True


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise plain(error, "The token", path, "read") from error
    if len(data) > _MOST_BYTES or not data.strip():
        raise ConfigurationError(
            f"There is no token in {path}", "Write one line into it, or remove the file: a new one is made."
        )
    return data.decode("utf-8", "replace").strip()
