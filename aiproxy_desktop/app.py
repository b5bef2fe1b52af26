"""The front door with a window: show the frame, build what stands behind it, run, drain, leave."""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

# PySide6 reads the source of every module that is imported after it (for its `from __feature__ import`), so
# what needs no Qt comes first: a tenth of the time to the first paint.
from aiproxy_desktop import __version__
from aiproxy_desktop.core.errors import AIProxyError, ConfigurationError
from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.options import AppOptions
from aiproxy_desktop.project import COMMAND, NAME
from aiproxy_desktop.resources_dir import resources_dir
from aiproxy_desktop.storage.errors import DiskFullError, StorageError
from aiproxy_desktop.storage.first_look import first_look
from aiproxy_desktop.storage.folders_in_use import folders_to_use
from aiproxy_desktop.storage.logs import logging_to_file
from aiproxy_desktop.storage.paths import AppPaths
from aiproxy_desktop.system import display_missing, flatpak_id
from aiproxy_desktop.ui.shell.handing_over import Wish
from aiproxy_desktop.ui.theme.tokens import LAYOUT
from aiproxy_desktop.ui.translation import tr

# isort: split
from PySide6.QtWidgets import QApplication

from aiproxy_desktop.ui.language import take_up
from aiproxy_desktop.ui.shell.event_loop import run_on_qt, termination_signals
from aiproxy_desktop.ui.shell.first_paint import first_paint
from aiproxy_desktop.ui.shell.handed_files import DesktopApplication, HandedFiles
from aiproxy_desktop.ui.shell.main_window import MainWindow
from aiproxy_desktop.ui.shell.page import Page, PageWidget
from aiproxy_desktop.ui.shell.qt_messages import log_qt_messages
from aiproxy_desktop.ui.shell.single_instance import SingleInstance
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.icons import application_icon

if TYPE_CHECKING:  # half of what there is to import, and nothing of it can be seen at the first paint
    from aiproxy_desktop.assembly import Assembly
    from aiproxy_desktop.ui.shell.start_failure import WayOut

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
    wanted = AppPaths.resolve(options.data_dir, os.environ)
    sys.setswitchinterval(_SWITCH_INTERVAL)
    redactor = Redactor()
    keeping = True
    while True:
        with ExitStack() as opened:
            try:
                paths = opened.enter_context(folders_to_use(wanted, keeping=keeping))
                opened.enter_context(logging_to_file(paths, redactor))
                _log.info("version %s starts, folders: %s", __version__, paths.form)
                qt = _qt_application()
                instance = opened.enter_context(SingleInstance(paths.data))
                first = instance.acquire()
            except StorageError as error:
                keeping = _keep_on_trying(error, options)
                continue
            if not first:
                return _raise_the_first(instance, options)
            code = _run_first(qt, options, paths, redactor, instance, on_first_paint)
            if code is not None:
                return code
            keeping = False


def _run_first(
    qt: DesktopApplication,
    options: AppOptions,
    paths: AppPaths,
    redactor: Redactor,
    instance: SingleInstance,
    on_first_paint: Callable[[], None] | None,
) -> int | None:
    """The exit code; None to begin again in folders of which nothing is kept."""
    handed = HandedFiles(options.files)
    qt.files_handed.connect(handed.put)
    instance.files_handed.connect(handed.put)
    while True:
        application = Application(qt, options, paths, redactor, instance, handed)
        code = run_on_qt(qt, application.run(on_first_paint))
        if application.unkept:
            return None
        if not application.again:
            return code


def _keep_on_trying(error: StorageError, options: AppOptions) -> bool:
    """Say why nothing can be kept where it should be; whether to try again, or else to do without.

    Raises:
        StorageError: neither; or nobody is there to be asked.
    """
    at_a_terminal = options.data_dir is not None and not isinstance(error, DiskFullError)
    if options.smoke_file is not None or at_a_terminal:
        raise error
    from aiproxy_desktop.ui.shell.start_failure import explain_folders

    ways: list[WayOut] = []
    run_on_qt(_qt_application(), explain_folders(error, ways.append))
    if ways == ["close"]:
        raise error
    return ways == ["retry"]


def _qt_application() -> DesktopApplication:
    made = QApplication.instance()
    if isinstance(made, DesktopApplication):
        return made
    log_qt_messages()
    QApplication.setApplicationName(COMMAND)
    QApplication.setApplicationDisplayName(NAME)
    QApplication.setApplicationVersion(__version__)
    QApplication.setDesktopFileName(flatpak_id() or COMMAND)
    qt = DesktopApplication(sys.argv[:1])
    take_up(qt, resources_dir() / "locale", os.environ)
    return qt


def _raise_the_first(instance: SingleInstance, options: AppOptions) -> int:
    if options.smoke_file is None and instance.ask_first_to_raise(_wish(options)):
        return 0
    raise StorageError(
        "AI Proxy Desktop is already running with this data folder",
        "Use its window, close it, or choose another folder with --data-dir.",
    )


def _wish(options: AppOptions) -> Wish:
    return Wish(options.files, os.environ.get("XDG_ACTIVATION_TOKEN", ""))


class Application:
    """One run with a window."""

    def __init__(
        self,
        qt: QApplication,
        options: AppOptions,
        paths: AppPaths,
        redactor: Redactor,
        instance: SingleInstance,
        handed: HandedFiles | None = None,
    ) -> None:
        self._qt = qt
        self._options = options
        self._paths = paths
        self._redactor = redactor
        self._instance = instance
        self._handed = handed or HandedFiles(options.files)
        self._closing = asyncio.Event()
        self._assembly: Assembly | None = None
        # Whether to begin again once this run has ended: a backup is to be restored.
        self.again = False
        # Whether to do so in folders of which nothing is kept.
        self.unkept = False

    async def run(self, on_first_paint: Callable[[], None] | None = None) -> int:
        """From the first paint to the last task's end.

        Raises:
            AIProxyError: what `--smoke` asked for did not work, or a file cannot be used.
        """
        look = first_look(self._paths.settings_file)
        themes = ThemeController(self._qt, look.theme)
        chat = Page("chat", tr("Chat"), "chat-20", lambda: self._page("chat", themes))
        models = Page("models", tr("Models"), "models-20", lambda: self._page("models", themes))
        images = Page("images", tr("Images"), "images-20", lambda: self._page("images", themes))
        voice = Page("voice", tr("Voice"), "voice-20", lambda: self._page("voice", themes))
        settings = Page(
            "settings", tr("Settings"), "settings-20", lambda: self._page("settings", themes), at_bottom=True
        )
        pages = [chat, models, images, voice, settings]
        window = MainWindow(themes, pages, sidebar_width=look.sidebar_width or LAYOUT.sidebar)
        window.restore_geometry(_decoded(look.window_geometry))
        window.closing.connect(self._closing.set)
        self._instance.raise_requested.connect(window.raise_up)
        painted = asyncio.ensure_future(first_paint(window))
        await asyncio.sleep(0)  # it begins to watch
        window.show()
        try:
            with termination_signals(self._closing.set):
                # One that starts minimised may never paint, and can be closed all the same.
                if not await self._unless_closed(painted):
                    return self._left_early()
                if on_first_paint is not None:
                    on_first_paint()
                self._qt.setWindowIcon(application_icon())
                return await self._furnish(window)
        finally:
            window.close_for_good()
            window.deleteLater()
            _log.info("ended")

    def _page(self, page_id: str, themes: ThemeController) -> PageWidget:
        assert self._assembly is not None, "no page is asked for before there is something to show"
        return self._assembly.page(page_id, themes)

    async def _furnish(self, window: MainWindow) -> int:
        """Put the pages into the frame and live in it."""
        from aiproxy_desktop.assembly import Assembly

        try:
            assembly = await Assembly.open(self._paths, self._redactor)
        except AIProxyError as error:
            await self._explain(error)
            if self.again or self.unkept:
                return 0
            raise
        try:
            self._assembly = assembly
            window.show_page("chat")
            self._tell(window, assembly)
            if not self._instance.listen():
                _log.warning("other starts cannot raise this window")
            assembly.start()
            self._handed.begin(partial(assembly.opening.take, window.show_page))
            return await self._stay(window, assembly)
        finally:
            self._handed.end()
            window.hide()
            geometry = base64.b64encode(window.geometry_state()).decode("ascii")
            try:
                await asyncio.wait_for(assembly.close(geometry), _DRAIN_SECONDS)
            except TimeoutError:
                _log.error("something did not end within %s s of closing", _DRAIN_SECONDS)

    def _tell(self, window: MainWindow, assembly: Assembly) -> None:
        """Have the window say what the parts have to say."""
        from aiproxy_desktop.ui.exchange.telling import tell_of_data
        from aiproxy_desktop.ui.settings.about_banners import tell_about
        from aiproxy_desktop.ui.settings.update_banner import tell_of_new_versions
        from aiproxy_desktop.ui.widgets.toast import ToastMessage

        if self._paths.instead_of is not None:
            window.show_banner("warning", _nothing_is_kept(self._paths.instead_of))
        if assembly.notice:
            window.show_banner("warning", assembly.notice)
        tell_about(window, assembly.about_view)
        tell_of_new_versions(window, assembly.updates_view)
        tell_of_data(window, assembly.data_view, assembly.backups)
        assembly.data_view.restart_wanted.connect(self._begin_again)
        assembly.opening.noticed.connect(lambda notice: _ignore(window.show_toast(ToastMessage(notice.text))))

    def _begin_again(self) -> None:
        self.again = True
        self._closing.set()

    async def _stay(self, window: MainWindow, assembly: Assembly) -> int:
        """Until the window is closed, or the one question of `--smoke` is answered."""
        if self._options.smoke_file is None:
            await self._closing.wait()
            return 0
        from aiproxy_desktop.ui.shell.smoke import ask_through_window

        asking = ask_through_window(
            window, assembly.chat_view, self._options.smoke_prompt, self._options.smoke_file
        )
        return 0 if await self._unless_closed(asyncio.ensure_future(asking)) else self._left_early()

    async def _unless_closed(self, task: asyncio.Future[None]) -> bool:
        """Wait for a task, and cancel it when the window is closed first; whether it was done."""
        both: tuple[asyncio.Future[Any], ...] = (task, asyncio.ensure_future(self._closing.wait()))
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                task.result()
                return True
            return False
        finally:
            for left in both:
                left.cancel()
            await asyncio.wait(both)

    def _left_early(self) -> int:
        """The exit code of a window that was closed before anything was done in it.

        Raises:
            AIProxyError: `--smoke` asked for an answer.
        """
        if self._options.smoke_file is not None:
            raise AIProxyError("The window was closed before the answer was there", "Start it again.")
        return 0

    async def _explain(self, error: AIProxyError) -> None:
        """Say in a window why it will not open; whoever started it from a menu sees no terminal."""
        _log.error("%s", error)
        if self._options.smoke_file is not None or self._closing.is_set():
            return
        from aiproxy_desktop.storage.backups import BackupFolder
        from aiproxy_desktop.ui.shell.start_failure import explain

        backups = BackupFolder(self._paths.database_file, self._paths.backups)
        way = await explain(error, self._closing, backups)
        self.again = way in {"retry", "restore"}
        self.unkept = way == "unkept"


def _nothing_is_kept(wanted: AppPaths) -> str:
    return tr(
        "Nothing can be kept in {folder}. You work on a copy of what is there,"
        " which is gone once you close the window.",
        folder=wanted.data,
    )


def _ignore(_value: object) -> None:
    pass


def _decoded(geometry: str) -> bytes:
    try:
        return base64.b64decode(geometry, validate=True)
    except binascii.Error:
        return b""
