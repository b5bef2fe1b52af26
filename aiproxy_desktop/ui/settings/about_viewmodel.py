"""What About finds out: licences, diagnostics, a crash, what is missing here. QtCore only."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.services.about import AboutService
from aiproxy_desktop.services.components import Component
from aiproxy_desktop.services.surroundings import Surroundings
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.storage.crashes import CrashReport
from aiproxy_desktop.storage.errors import StorageError
from aiproxy_desktop.ui.settings.about import lacks_sentence
from aiproxy_desktop.ui.shell.notice import Notice
from aiproxy_desktop.ui.translation import tr


class AboutViewModel(QObject):
    """State and actions. Every action returns at once. Await `close` at the end."""

    changed = Signal()  # every property
    diagnostics_ready = Signal(str)  # text, once for each `gather`
    licence_ready = Signal(object, str)  # Component, text
    crashed = Signal(object)  # CrashReport: of the run before this one
    lacking = Signal(str)  # a sentence: something is missing that was not told before
    noticed = Signal(object)  # Notice

    def __init__(
        self,
        about: AboutService,
        on_unexpected: Callable[[Exception], None],
        crash: CrashReport | None = None,
        parent: QObject | None = None,
    ) -> None:
        """Wire it up.

        Args:
            about: knows.
            on_unexpected: told of errors nobody planned for.
            crash: what the last run left, if anything.
            parent: of the QObject.
        """
        super().__init__(parent)
        self._about = about
        self._scope = TaskScope("about", on_unexpected)
        self._components: tuple[Component, ...] = ()
        self._exchange = ""
        self._crash = crash
        self._surroundings = Surroundings()
        self._platform = ""
        self._gathering = False
        self._crash_open = False

    async def close(self) -> None:
        """Stop what runs."""
        await self._scope.close()

    # What is shown

    @property
    def components(self) -> tuple[Component, ...]:
        """What the application is made of; empty until it is read."""
        return self._components

    @property
    def exchange(self) -> str:
        """How Qt's libraries are exchanged; empty where nothing more is told than the page says."""
        return self._exchange

    @property
    def crash(self) -> CrashReport | None:
        """The newest report of a crash."""
        return self._crash

    @property
    def crash_open(self) -> bool:
        """Whether its text is in sight."""
        return self._crash_open and self._crash is not None

    @property
    def surroundings(self) -> Surroundings:
        """What is missing here, as last looked at."""
        return self._surroundings

    # Actions

    def start(self, platform: str) -> None:
        """Tell of a crash of the last run, and of what is missing that was not told before.

        Args:
            platform: of the window, as Qt calls it.
        """
        self._platform = platform
        if self._crash is not None and self._crash.ended:
            self.crashed.emit(self._crash)
        self._run(self._look_around, "look around")

    def load(self) -> None:
        """Read what the page shows."""
        self._run(self._load, "load")

    def gather(self, window: Sequence[tuple[str, str]]) -> None:
        """Gather the diagnostics; `diagnostics_ready` brings them."""
        if not self._gathering:
            self._gathering = True
            self._run(lambda: self._gather(tuple(window)), "diagnostics")

    def read_licence(self, component: Component) -> None:
        """Read a licence; `licence_ready` brings it."""
        self._run(lambda: self._read_licence(component), "licence")

    def open_crash(self, *, is_open: bool = True) -> None:
        """Show the text of the report, or hide it."""
        self._crash_open = is_open
        self.changed.emit()

    def forget_crash(self) -> None:
        """Delete the reports of crashes."""
        self._run(self._forget, "forget")

    def say_copied(self, what: str) -> None:
        """Say that something is on the clipboard."""
        self.noticed.emit(Notice(what))

    # How they go

    async def _look_around(self) -> None:
        self._surroundings = await self._about.surroundings(self._platform)
        self.changed.emit()
        try:
            news = await self._about.is_news(self._surroundings)
        except StorageError:
            news = self._surroundings.untold  # and again at the next start
        if news:
            self.lacking.emit(lacks_sentence(news))

    async def _load(self) -> None:
        self._crash = await self._about.crash_report()
        self._components = await self._about.components()
        self._exchange = await self._about.exchange()
        self._surroundings = await self._about.surroundings(self._platform)
        self.changed.emit()

    async def _gather(self, window: tuple[tuple[str, str], ...]) -> None:
        try:
            text = await self._about.diagnostics(window)
        finally:
            self._gathering = False
        self.diagnostics_ready.emit(text)

    async def _read_licence(self, component: Component) -> None:
        text = await self._about.licence(component)
        self.licence_ready.emit(component, text or tr("The text of this licence did not come along."))

    async def _forget(self) -> None:
        await self._about.forget_crashes()
        self._crash = None
        self.changed.emit()
        self.noticed.emit(Notice(tr("The crash report is deleted")))

    def _run(self, work: Callable[[], Coroutine[Any, Any, object]], name: str) -> None:
        if not self._scope.closed:
            self._scope.attempt(work, self._told, name)

    def _told(self, error: AIProxyError) -> None:
        self.noticed.emit(Notice(str(error)))
