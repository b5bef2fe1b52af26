"""Files that another program asked to open, brought to where they belong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeAlias

from PySide6.QtCore import QObject, Signal

from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.services.opening_files import MOST_FILES, sort_files
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.ui.shell.notice import Notice
from aiproxy_desktop.ui.translation import tr

TakeFiles: TypeAlias = Callable[[tuple[Path, ...]], None]


class FileOpening(QObject):
    """Sorts files on a thread, gives each kind to its place and shows that.

    Signals:
        noticed(Notice): what a person should know about it.
    """

    noticed = Signal(object)

    def __init__(
        self,
        scope: TaskScope,
        *,
        pictures: TakeFiles,
        models: TakeFiles,
        others: TakeFiles,
        parent: QObject | None = None,
    ) -> None:
        """Wire it up.

        Args:
            scope: owns the task.
            pictures: shows them in the image studio.
            models: takes GGUF files into the list of models.
            others: attaches them to what is being written.
            parent: of the QObject.
        """
        super().__init__(parent)
        self._scope = scope
        self._places = {"chat": others, "models.local": models, "images": pictures}

    def take(self, show_page: Callable[[str], None], files: Sequence[Path]) -> None:
        """Bring files to where they belong; the page of the last kind stays in front."""
        if not self._scope.closed:
            self._scope.start(self._bring(show_page, tuple(files)), "open files")

    async def _bring(self, show_page: Callable[[str], None], files: tuple[Path, ...]) -> None:
        found = await on_thread(partial(sort_files, files), "files")
        kinds = {"chat": found.others, "models.local": found.models, "images": found.pictures}
        for page, paths in kinds.items():
            if paths:
                show_page(page)
                self._places[page](paths)
        if found.left_out:
            # How many is not known here: the start that handed them over may have left some out itself.
            self.noticed.emit(Notice(tr("Only the first {most} files were taken.", most=MOST_FILES)))
