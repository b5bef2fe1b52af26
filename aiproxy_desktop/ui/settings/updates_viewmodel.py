"""What is said of new versions, and what can be done about them. QtCore only."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

from PySide6.QtCore import QObject, Signal

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.project import REPOSITORY
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.services.updates import Release, UpdateService
from aiproxy_desktop.ui.shell.notice import Notice
from aiproxy_desktop.ui.translation import tr


class UpdatesViewModel(QObject):
    """State and actions. Every action returns at once. Await `close` at the end."""

    changed = Signal()  # every property
    found = Signal(object)  # Release: a newer version that the person has not skipped; once in a run
    noticed = Signal(object)  # Notice

    def __init__(
        self,
        updates: UpdateService,
        on_unexpected: Callable[[Exception], None],
        parent: QObject | None = None,
    ) -> None:
        """Wire the service up.

        Args:
            updates: looks for new versions; its owner starts and closes it.
            on_unexpected: told of errors nobody planned for.
            parent: of the QObject.
        """
        super().__init__(parent)
        self._updates = updates
        self._scope = TaskScope("updates view", on_unexpected)
        self._unsubscribe = [
            updates.on_changed(self.changed.emit),
            updates.on_found(self.found.emit),
        ]

    async def close(self) -> None:
        """Stop what runs."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe = []
        await self._scope.close()

    @property
    def enabled(self) -> bool:
        """Whether a request is sent once a day."""
        return self._updates.state.enabled

    @property
    def newest(self) -> Release | None:
        """A newer version than this one, skipped or not."""
        return self._updates.state.newest

    @property
    def can_skip(self) -> bool:
        """Whether there is a newer version which the person still hears of."""
        state = self._updates.state
        return state.newest is not None and not state.skipped

    @property
    def page(self) -> str:
        """The address where releases are told of: of the newer one, else of all."""
        newest = self.newest
        return newest.page if newest is not None else f"{REPOSITORY}/releases"

    @property
    def sentence(self) -> str:
        """How things stand."""
        state = self._updates.state
        if state.looking:
            return tr("Looking for a new version…")
        if state.newest is not None:
            if state.skipped:
                return tr("Version {version} is skipped.", version=state.newest.version)
            return tr("Version {version} is out.", version=state.newest.version)
        if state.failed is not None:
            return f"{state.failed.title}. {state.failed.advice}"
        if not state.told_at:
            return tr("No new version was looked for yet.")
        when = datetime.fromtimestamp(state.told_at).astimezone().strftime("%Y-%m-%d %H:%M")
        return tr("This is the newest version, as of {when}.", when=when)

    def set_enabled(self, *, on: bool) -> None:
        """Look once a day, or not."""
        self._run(lambda: self._updates.set_enabled(on=on), "enable")

    def look(self) -> None:
        """Ask now."""
        self._run(self._updates.look, "look")

    def skip(self) -> None:
        """Say no more about the newer version there is."""
        newest = self.newest
        if newest is not None:
            self._run(lambda: self._updates.skip(newest.version), "skip")

    def _run(self, work: Callable[[], Coroutine[Any, Any, None]], name: str) -> None:
        def told(error: AIProxyError) -> None:
            self.noticed.emit(Notice(str(error)))

        self._scope.attempt(work, told, name)
