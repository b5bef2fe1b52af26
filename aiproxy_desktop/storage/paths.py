"""Where the application keeps what it keeps."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from aiproxy_desktop.storage.errors import DiskFullError, ReadOnlyError, StorageError, plain
from aiproxy_desktop.system import beside_the_application

APP_NAME = "aiproxy-desktop"

# The folder that makes a frozen application portable, where it stands beside it.
PORTABLE_FOLDER = "data"

# Why the folders are where they are: the system's own places; chosen on the command line or by AIPROXY_HOME;
# beside the application; for this run alone, as nothing can be kept.
FoldersForm: TypeAlias = Literal["usual", "chosen", "portable", "temporary"]


@dataclass(frozen=True, slots=True)
class AppPaths:
    """Folders and files of one installation. All of them lie under `data` unless the form is `usual`.

    With the form `temporary` they stand in for those of `instead_of`, which can be read at the most.
    """

    data: Path
    cache: Path
    logs: Path
    form: FoldersForm = "usual"
    instead_of: AppPaths | None = None

    @property
    def settings_file(self) -> Path:
        """The person's settings, JSON."""
        return self.data / "settings.json"

    @property
    def known_models_file(self) -> Path:
        """The lists of models as they were last seen, JSON."""
        return self.data / "models.json"

    @property
    def database_file(self) -> Path:
        """Conversations, SQLite."""
        return self.data / "conversations.db"

    @property
    def attachments(self) -> Path:
        """The folder of attachments' bytes, see `blobs`."""
        return self.data / "attachments"

    @property
    def models(self) -> Path:
        """The folder of model files that were downloaded, see `model_files`.

        No run brings them along, nor takes gigabytes to where they would be gone after it.
        """
        return (self.instead_of or self).data / "models"

    @property
    def backups(self) -> Path:
        """The folder of the database's copies, see `backups`."""
        return self.data / "backups"

    @property
    def recordings(self) -> Path:
        """The folder of what was recorded of voice sessions."""
        return self.data / "recordings"

    @property
    def log_file(self) -> Path:
        """The current log; older ones stand beside it, numbered."""
        return self.logs / "aiproxy-desktop.log"

    @property
    def crash_file(self) -> Path:
        """Where a crash in native code leaves its stack."""
        return self.logs / "crash.txt"

    @classmethod
    def resolve(cls, data_dir: str | None, environ: Mapping[str, str]) -> AppPaths:
        """The folders in use.

        They are `data_dir`, else AIPROXY_HOME, else a folder `data` beside the frozen application, else the
        system's own places.
        """
        chosen = data_dir or environ.get("AIPROXY_HOME")
        if chosen:
            return cls.under(Path(chosen).expanduser().absolute(), "chosen")
        beside = beside_the_application(environ)
        if beside is not None and (beside / PORTABLE_FOLDER).is_dir():
            return cls.under(beside / PORTABLE_FOLDER, "portable")
        from platformdirs import PlatformDirs

        system = PlatformDirs(APP_NAME, appauthor=False)
        return cls(data=system.user_data_path, cache=system.user_cache_path, logs=system.user_log_path)

    @classmethod
    def under(cls, root: Path, form: FoldersForm) -> AppPaths:
        """Everything in one folder."""
        return cls(data=root, cache=root / "cache", logs=root / "logs", form=form)

    def ensure(self) -> None:
        """Make the folders, readable by their owner alone.

        Raises:
            StorageError: one cannot be made or written to.
        """
        for folder in (self.data, self.cache, self.logs):
            ensure_folder(folder)


def ensure_folder(folder: Path) -> None:
    """Make a folder, readable by its owner alone, and see whether files can be made in it.

    Raises:
        ReadOnlyError: it may not be written to.
        StorageError: it cannot be made for another reason, which is told.
    """
    try:
        str(folder).encode()
    except UnicodeEncodeError:  # Qt would take another folder in its place
        raise StorageError(
            f"The name of the folder {folder} is not text", "Choose another with --data-dir."
        ) from None
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Permissions do not tell on every system; whoever may make a file in it can use it.
        probe = folder / f".{os.getpid()}.part"
        probe.touch(mode=0o600)
        probe.unlink(missing_ok=True)
    except FileExistsError:
        raise StorageError(
            f"The folder {folder} cannot be made: there is a file of that name",
            "Move it aside, or choose another folder with --data-dir.",
        ) from None
    except OSError as error:
        raise _unusable(error, folder) from error


def _unusable(error: OSError, folder: Path) -> StorageError:
    failed = plain(error, "The folder", folder, "written to")
    if isinstance(failed, ReadOnlyError):
        return ReadOnlyError(
            f"The folder {folder} cannot be written to",
            "Make it writable, or choose another with --data-dir.",
        )
    if isinstance(failed, DiskFullError):
        return failed
    return StorageError(
        f"The folder {folder} cannot be made ({error.strerror})", "Choose another with --data-dir."
    )
