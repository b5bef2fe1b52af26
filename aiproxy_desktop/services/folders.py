"""The text files of a folder that a person chose: a bounded walk without what nobody means to send. No Qt."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from aiproxy_desktop.core.errors import AIProxyError, RequestError
from aiproxy_desktop.core.media import MIB
from aiproxy_desktop.services.chosen_files import ChosenFile, clean_name, read_chosen, unreadable

MAX_FILES = 500
MAX_BYTES = 8 * MIB
MAX_DEPTH = 16

# Entries looked at, so that a folder of millions ends as well.
_MAX_ENTRIES = 50_000
# Of one file: larger ones are data, not something to read.
_MAX_FILE_BYTES = MIB
# What tools put there, not people. Hidden ones are skipped as well.
_SKIPPED = {"node_modules", "__pycache__", "venv", "site-packages"}


@dataclass(frozen=True, slots=True)
class FolderFiles:
    """What was read of a folder, by path. Names are paths that begin with the folder's own name.

    `left_out` counts the entries that were met and not taken: hidden, no text, too large, links. `cut` is
    a sentence about a bound that ended the walk, or empty.
    """

    name: str
    files: tuple[ChosenFile, ...]
    left_out: int
    cut: str = ""


def read_folder(folder: Path) -> FolderFiles:
    """Read the text files below a folder. It blocks: call it on a thread.

    Links inside are not followed, so nothing is met twice and nothing outside is taken.

    Raises:
        RequestError: the folder cannot be read, or no text is in it.
    """
    walk = _Walk(folder)
    files = tuple(walk.files())
    if not files:
        raise RequestError(f"“{walk.name}” holds no text files", "Choose another folder, or single files.")
    return FolderFiles(walk.name, files, walk.left_out, walk.cut)


class _Walk:
    def __init__(self, folder: Path) -> None:
        self._root = folder
        self.name = clean_name(folder.name or folder.resolve().name or "folder")
        self.left_out = 0
        self.cut = ""
        self._met = 0

    def files(self) -> Iterator[ChosenFile]:
        taken, size = 0, 0
        for path, relative in self._paths():
            if taken == MAX_FILES:
                self.cut = f"only the first {MAX_FILES} were taken"
                return
            try:
                file = read_chosen(
                    path,
                    name=f"{self.name}/{relative}",
                    text_limit=min(_MAX_FILE_BYTES, MAX_BYTES - size),
                    text_only=True,
                )
            except AIProxyError:  # counted: one sentence for each would be noise
                self.left_out += 1
                continue
            taken, size = taken + 1, size + len(file.data)
            yield file

    def _paths(self) -> Iterator[tuple[Path, str]]:
        """Regular files, each folder's own before those of its folders, by name."""
        waiting = [(self._root, "", 0)]
        while waiting and not self.cut:
            folder, prefix, depth = waiting.pop()
            entries = self._entries(folder, first=not depth)
            deeper = []
            for entry in entries:
                if self._skipped(entry):
                    self.left_out += 1
                elif entry.is_dir(follow_symlinks=False):
                    deeper.append((folder / entry.name, f"{prefix}{entry.name}/", depth + 1))
                else:
                    yield folder / entry.name, f"{prefix}{entry.name}"
            if depth < MAX_DEPTH:
                waiting.extend(reversed(deeper))
            else:
                self.left_out += len(deeper)

    def _entries(self, folder: Path, *, first: bool) -> list[os.DirEntry[str]]:
        found: list[os.DirEntry[str]] = []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    self._met += 1
                    if self._met > _MAX_ENTRIES:
                        self.cut = f"only the first {_MAX_ENTRIES:,} entries were looked at"
                        break
                    found.append(entry)
        except OSError as error:
            if first:
                raise unreadable(error, f"“{self.name}”") from error
            self.left_out += 1
        return sorted(found, key=lambda entry: entry.name)

    @staticmethod
    def _skipped(entry: os.DirEntry[str]) -> bool:
        return entry.name.startswith(".") or entry.name in _SKIPPED or entry.is_symlink()
