"""The folders a run really uses: those that are wanted, or for this run alone a copy of what is in them.

A home that cannot be written to, a stick that is write-protected or a full disk is no reason not to start:
settings are read, the history is there, keys are in the keyring all the same. Only nothing is kept.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from aiproxy_desktop.storage.errors import ReadOnlyError, StorageError
from aiproxy_desktop.storage.paths import AppPaths, ensure_folder

# The copy of the history is brought up to date beside its log: as much room again for each.
_ROOM = 3


@contextmanager
def folders_to_use(wanted: AppPaths, *, keeping: bool = True) -> Iterator[AppPaths]:
    """Folders that can be written to.

    What is only convenience (cache, logs) moves into the data folder where its own place cannot be used.

    Args:
        wanted: the folders as they should be.
        keeping: False does without them whether they can be written to or not.

    Yields:
        the same, or with the form `temporary` those of this run alone, which are gone after it.

    Raises:
        StorageError: there are none, or what is wanted makes no sense (a file in the way, say).
    """
    if keeping:
        try:
            settled = _settled(wanted)
        except ReadOnlyError:
            settled = None
        if settled is not None:
            yield settled
            return
    with _for_this_run(wanted) as paths:
        yield paths


def bring_history(paths: AppPaths) -> str:
    """Into temporary folders, copy the history they stand in for. Blocks on the disk.

    Returns:
        why it is not there, a sentence for the person; empty where it is.
    """
    if paths.instead_of is None:
        return ""
    source = paths.instead_of.database_file
    # What a killed process left in the log belongs to it.
    both = (source, source.with_name(f"{source.name}-wal"))
    try:
        files = [path for path in both if path.is_file()]  # which a folder that is closed to us refuses
        needed = sum(path.stat().st_size for path in files) * _ROOM
        if needed > shutil.disk_usage(paths.data).free:
            return "Your conversations are not shown: there is no room for a copy of them."
        for path in files:
            _copy(path, paths.data)
    except OSError as error:
        paths.database_file.unlink(missing_ok=True)
        return f"Your conversations are not shown: they cannot be read ({error.strerror})."
    return ""


def _settled(wanted: AppPaths) -> AppPaths:
    ensure_folder(wanted.data)
    cache = _or_else(wanted.cache, wanted.data / "cache")
    return replace(wanted, cache=cache, logs=_or_else(wanted.logs, wanted.data / "logs"))


def _or_else(folder: Path, other: Path) -> Path:
    try:
        ensure_folder(folder)
    except StorageError:
        ensure_folder(other)
        return other
    return folder


@contextmanager
def _for_this_run(wanted: AppPaths) -> Iterator[AppPaths]:
    import tempfile

    try:
        made = tempfile.TemporaryDirectory(prefix="aiproxy-desktop-", ignore_cleanup_errors=True)
    except OSError as error:
        raise StorageError(
            f"Neither the folder {wanted.data} nor the one for temporary files can be written to",
            "Make one of them writable, or choose another with --data-dir.",
        ) from error
    with made as name:
        paths = replace(AppPaths.under(Path(name), "temporary"), instead_of=wanted)
        paths.ensure()
        for file in (wanted.settings_file, wanted.known_models_file):
            with suppress(OSError):  # without them everything has its default
                if file.is_file():
                    _copy(file, paths.data)
        yield paths


def _copy(path: Path, folder: Path) -> None:
    target = folder / path.name
    target.touch(mode=0o600)  # as private as what it is made of
    try:
        shutil.copyfile(path, target)
    except OSError:
        target.unlink()
        raise
