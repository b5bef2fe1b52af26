"""The front door with a window: build every object, run, drain, leave."""

from __future__ import annotations

import asyncio
import base64
import logging
import os
import sys
from collections.abc import Callable

from PySide6.QtWidgets import QApplication

from aiproxy_desktop import __version__
from aiproxy_desktop.core.errors import AIProxyError, ConfigurationError
from aiproxy_desktop.core.provider import Warmable
from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.options import AppOptions
from aiproxy_desktop.runtime import Runtime
from aiproxy_desktop.services.chat import ChatService
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.errors import StorageError
from aiproxy_desktop.storage.logs import logging_to_file
from aiproxy_desktop.storage.paths import AppPaths
from aiproxy_desktop.system import display_missing
from aiproxy_desktop.ui.chat.viewmodel import ChatViewModel
from aiproxy_desktop.ui.settings.viewmodel import SettingsViewModel
from aiproxy_desktop.ui.shell.event_loop import run_on_qt, termination_signals
from aiproxy_desktop.ui.shell.first_paint import first_paint
from aiproxy_desktop.ui.shell.main_window import MainWindow
from aiproxy_desktop.ui.shell.page import Page, PageWidget
from aiproxy_desktop.ui.shell.qt_messages import log_qt_messages
from aiproxy_desktop.ui.shell.single_instance import SingleInstance
from aiproxy_desktop.ui.theme.controller import ThemeController

# A drain that takes longer has met something that will not end; the process then ends without it.
_DRAIN_SECONDS = 20.0

# Seconds; a tenth of the default, so that an import on a thread does not stall the window.
_SWITCH_INTERVAL = 0.0005

_log = logging.getLogger(__name__)


def run(options: AppOptions, on_first_paint: Callable[[], None] | None = None) -> int:
    """Open the window and stay until it is closed.

    Args:
        options: what was asked for on the command line.
        on_first_paint: called once the window has painted itself; a benchmark measures there.

    Returns:
        the exit code.

    Raises:
        AIProxyError: the window cannot be opened, or what `--smoke` asked for did not work.
    """
    if display_missing(os.environ):
        raise ConfigurationError(
            "No display was found", "Start it in a desktop session, or ask from here: aiproxy-desktop ask …"
        )
    paths = AppPaths.resolve(options.data_dir, os.environ)
    paths.ensure()
    sys.setswitchinterval(_SWITCH_INTERVAL)
    redactor = Redactor()
    with logging_to_file(paths, redactor):
        _log.info("version %s starts", __version__)
        log_qt_messages()
        application = _application()
        with SingleInstance(paths.data) as instance:
            if not instance.acquire():
                return _raise_the_first(instance, options)
            window = Application(application, options, paths, redactor, instance)
            return run_on_qt(application, window.run(on_first_paint))


def _application() -> QApplication:
    QApplication.setApplicationName("aiproxy-desktop")
    QApplication.setApplicationDisplayName("AI Proxy Desktop")
    QApplication.setApplicationVersion(__version__)
    QApplication.setDesktopFileName("aiproxy-desktop")
    return QApplication(sys.argv[:1])


def _raise_the_first(instance: SingleInstance, options: AppOptions) -> int:
    if options.smoke_file is None and instance.ask_first_to_raise():
        return 0
    raise StorageError(
        "AI Proxy Desktop is already running with this data folder",
        "Use its window, close it, or choose another folder with --data-dir.",
    )


class Application:
    """Every object of a run with a window, and the order in which they come and go."""

    def __init__(
        self,
        application: QApplication,
        options: AppOptions,
        paths: AppPaths,
        redactor: Redactor,
        instance: SingleInstance,
    ) -> None:
        self._application = application
        self._options = options
        self._paths = paths
        self._instance = instance
        self._runtime = Runtime.build(paths, os.environ, redactor)
        self._scope = TaskScope("application", _log_unexpected)
        self._closing = asyncio.Event()

    async def run(self, on_first_paint: Callable[[], None] | None) -> int:
        """From the first read of a file to the last task's end."""
        try:
            notice = await self._runtime.settings.load()
            database = await Database.open(self._paths.database_file)
        except AIProxyError as error:
            await self._explain(error)
            raise
        themes = ThemeController(self._application, self._runtime.settings.current.theme)
        store = ConversationStore(database)
        chat = ChatService(store, self._runtime.client)
        providers, settings, keys = self._runtime.providers, self._runtime.settings, self._runtime.keys
        chat_view = ChatViewModel(chat, store, providers, settings, keys, _log_unexpected)
        settings_view = SettingsViewModel(providers, settings, keys, _log_unexpected)
        window = self._build_window(themes, chat_view, settings_view)
        try:
            with termination_signals(self._closing.set):
                return await self._show(window, chat_view, notice, on_first_paint)
        finally:
            window.hide()
            leaving = self._leave(window, chat, chat_view, settings_view, database)
            try:
                await asyncio.wait_for(leaving, _DRAIN_SECONDS)
            except TimeoutError:
                _log.error("something did not end within %s s of closing", _DRAIN_SECONDS)

    def _build_window(
        self, themes: ThemeController, chat_view: ChatViewModel, settings_view: SettingsViewModel
    ) -> MainWindow:
        def chat_page() -> PageWidget:
            from aiproxy_desktop.ui.chat.page import ChatPage

            return ChatPage(chat_view, themes)

        def settings_page() -> PageWidget:
            from aiproxy_desktop.ui.settings.about import AboutFacts
            from aiproxy_desktop.ui.settings.page import SettingsPage
            from aiproxy_desktop.ui.shell.open_url import open_folder

            facts = AboutFacts(__version__, self._paths.data, self._paths.logs)
            return SettingsPage(settings_view, themes, facts, open_folder)

        window = MainWindow(
            themes,
            [
                Page("chat", "Chat", "chat-20", chat_page),
                Page("settings", "Settings", "settings-20", settings_page, at_bottom=True),
            ],
        )
        window.restore_geometry(base64.b64decode(self._runtime.settings.current.window_geometry))
        window.closing.connect(self._closing.set)
        self._instance.raise_requested.connect(window.raise_up)
        return window

    async def _show(
        self,
        window: MainWindow,
        chat_view: ChatViewModel,
        notice: str,
        on_first_paint: Callable[[], None] | None,
    ) -> int:
        painted = asyncio.ensure_future(first_paint(window))
        await asyncio.sleep(0)  # let it begin to watch
        window.show_page("chat")
        window.show()
        if notice:
            window.show_banner("warning", notice)
        await painted
        if on_first_paint is not None:
            on_first_paint()
        chat_view.start()
        if not self._instance.listen():
            _log.warning("other starts cannot raise this window")
        self._scope.start(self._detect(), "detect providers")
        if self._options.smoke_file is None:
            await self._closing.wait()
            return 0
        from aiproxy_desktop.ui.shell.smoke import ask_through_window

        await ask_through_window(window, chat_view, self._options.smoke_prompt, self._options.smoke_file)
        return 0

    async def _detect(self) -> None:
        """Find out who can answer; the built-in model loads meanwhile if it is the one to be asked."""
        providers = self._runtime.providers
        await providers.start()
        await providers.refresh()
        model = providers.default_model()
        if model is None:
            return
        provider: object = self._runtime.registry.get(model.provider)
        if isinstance(provider, Warmable):
            await provider.warm(model.id)

    async def _leave(
        self,
        window: MainWindow,
        chat: ChatService,
        chat_view: ChatViewModel,
        settings_view: SettingsViewModel,
        database: Database,
    ) -> None:
        """Whoever owns tasks ends them, from the window inwards; the database comes last."""
        await self._keep_geometry(window)
        await self._scope.close()
        await settings_view.close()
        await chat_view.close()
        await chat.drain()
        await self._runtime.aclose()
        await database.close()
        window.close_for_good()
        window.deleteLater()
        _log.info("ended")

    async def _keep_geometry(self, window: MainWindow) -> None:
        geometry = base64.b64encode(window.geometry_state()).decode("ascii")
        try:
            await self._runtime.settings.update(window_geometry=geometry)
        except StorageError as error:
            _log.warning("the window's place was not kept: %s", error)

    async def _explain(self, error: AIProxyError) -> None:
        """Say in a window why there will be none; whoever started it from a menu sees no terminal."""
        _log.error("%s", error)
        if self._options.smoke_file is not None:
            return
        from aiproxy_desktop.ui.shell.start_failure import StartFailure

        failure = StartFailure(error.title, error.advice)
        failure.finished.connect(self._closing.set)
        failure.open()
        with termination_signals(failure.reject):
            await self._closing.wait()
        failure.deleteLater()


def _log_unexpected(error: Exception) -> None:
    _log.error("unexpected", exc_info=error)
