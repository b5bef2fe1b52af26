"""The window: rail, pages, banners, toasts, and the keys that go everywhere."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from aiproxy_desktop.ui.shell.actions import Action
from aiproxy_desktop.ui.shell.page import Page, PageWidget
from aiproxy_desktop.ui.shell.rail import Rail
from aiproxy_desktop.ui.shell.regions import focus_next_region
from aiproxy_desktop.ui.shell.window_actions import window_actions
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.tokens import LAYOUT
from aiproxy_desktop.ui.widgets.focus_ring import FocusRing

if TYPE_CHECKING:
    # None of these is there at the first paint, so none is imported before it.
    from aiproxy_desktop.ui.shell.command_palette import PaletteOpener
    from aiproxy_desktop.ui.widgets.banner import Banner, BannerKind
    from aiproxy_desktop.ui.widgets.toast import Toast, ToastArea, ToastMessage

_WIDTH, _HEIGHT = 1280, 800
# What a title bar takes; how much is known only once there is one.
_TITLE = 40


class MainWindow(QMainWindow):
    """The one window. It shows pages and takes their requests; it decides nothing else.

    Signals:
        closing: the person closed it. The window stays until the application has drained and hides it.
        page_changed(str): another page is in front.
    """

    closing = Signal()
    page_changed = Signal(str)

    def __init__(
        self, themes: ThemeController, pages: Sequence[Page], *, sidebar_width: int = LAYOUT.sidebar
    ) -> None:
        """An empty frame; `show_page` fills it.

        Args:
            themes: to paint with.
            pages: entries of the rail, from top to bottom.
            sidebar_width: logical pixels of the ground that stands in for a page's sidebar until then.
        """
        super().__init__()
        self._themes = themes
        self._pages = {page.id: page for page in pages}
        self._built: dict[str, PageWidget] = {}
        self._current = ""
        self._may_close = False
        self.setObjectName("shell.window")
        self.setWindowTitle("AI Proxy Desktop")
        self.setMinimumSize(LAYOUT.window_min_w, LAYOUT.window_min_h)
        self.resize(first_size(self.screen().availableSize()))
        keys = _page_keys(pages)
        central = QWidget(self)
        row = QHBoxLayout(central)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._rail = Rail(
            themes,
            [(page, _written(keys[page.id])) for page in pages],
            central,
        )
        row.addWidget(self._rail)
        content = QWidget(central)
        content.setProperty("layer", "surface")
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._banners = QVBoxLayout()
        self._banners.setSpacing(8)
        column.addLayout(self._banners)
        self._stack = QStackedWidget(content)
        self._stack.setObjectName("shell.pages")
        self._stack.addWidget(_ground(sidebar_width))
        column.addWidget(self._stack, 1)
        row.addWidget(content, 1)
        self.setCentralWidget(central)
        self._content = content
        self._toasts: ToastArea | None = None
        self._shown_banners: list[Banner] = []
        self._ring = FocusRing(themes, self)
        self._palette: PaletteOpener | None = None
        self._rail.chosen.connect(self.go)
        self._actions = window_actions(self, pages, keys)
        for action in self._actions:
            self._add_keys(self, action)

    @property
    def current_page(self) -> str:
        """Id of the page in front, empty before the first."""
        return self._current

    @property
    def toasts(self) -> ToastArea:
        """Where toasts stand."""
        if self._toasts is None:
            from aiproxy_desktop.ui.widgets.toast import ToastArea

            self._toasts = ToastArea(self._themes, self._content)
        return self._toasts

    @property
    def focus_ring(self) -> FocusRing:
        """The one focus ring of the window."""
        return self._ring

    def page(self, page_id: str) -> PageWidget:
        """A page's widget, made now if it was never shown."""
        if page_id not in self._built:
            widget = self._pages[page_id].build()
            widget.toast_requested.connect(self.show_toast)
            widget.clearance_changed.connect(self._clear_toasts)
            widget.page_requested.connect(self.show_page)
            self._stack.addWidget(widget)
            self._built[page_id] = widget
            for action in widget.actions_here():
                self._add_keys(widget, action)
        return self._built[page_id]

    def show_page(self, target: str) -> None:
        """Bring a page to the front: `chat`, or a part of one such as `settings.providers`."""
        page_id, _, part = target.partition(".")
        widget = self.page(page_id)
        changed = page_id != self._current
        self._current = page_id
        self._stack.setCurrentWidget(widget)
        self._rail.set_current(page_id)
        self._clear_toasts()
        if part:
            widget.show_part(part)
        if changed:
            widget.focus_start()
            self.page_changed.emit(page_id)

    def _clear_toasts(self) -> None:
        """Keep the toasts off what the page in front has at its bottom."""
        if self._toasts is not None and self._current:
            self._toasts.set_bottom(self.page(self._current).toast_clearance())

    def show_toast(self, message: ToastMessage) -> Toast:
        """Say what happened and, with an action, how to take it back."""
        self.toasts.set_bottom(self.page(self._current).toast_clearance() if self._current else 24)
        return self.toasts.show_toast(message)

    def show_banner(
        self,
        kind: BannerKind,
        text: str,
        action: str = "",
        on_action: Callable[[], None] | None = None,
        *,
        other_action: str = "",
        on_other: Callable[[], None] | None = None,
    ) -> Banner:
        """Show a notice above the pages until the person closes it or acts on it."""
        from aiproxy_desktop.ui.widgets.banner import Banner

        banner = Banner(self._themes, kind, text, action=action, other_action=other_action)
        banner.closed.connect(lambda: self.drop_banner(banner))
        for signal, wanted in ((banner.acted, on_action), (banner.acted_otherwise, on_other)):
            if wanted is not None:
                signal.connect(wanted)
            signal.connect(lambda: self.drop_banner(banner))
        self._banners.addWidget(banner)
        self._shown_banners.append(banner)
        self._banners.setContentsMargins(16, 12, 16, 0)
        return banner

    def drop_banner(self, banner: Banner) -> None:
        """Take a notice away; one that is gone already stays so."""
        if banner not in self._shown_banners:
            return
        self._shown_banners.remove(banner)
        self._banners.removeWidget(banner)
        banner.hide()
        banner.deleteLater()
        if not self._shown_banners:
            self._banners.setContentsMargins(0, 0, 0, 0)

    def geometry_state(self) -> bytes:
        """Place and size, for `restore_geometry` at the next start."""
        return bytes(self.saveGeometry().data())

    def restore_geometry(self, state: bytes) -> bool:
        """Take place and size from an earlier run; Qt keeps the window on a screen that is there."""
        return self.restoreGeometry(QByteArray(state))

    def raise_up(self, token: str = "") -> None:
        """Come to the front, as when the application is started again.

        Args:
            token: that a Wayland compositor gave for it. Qt takes it from the environment, and out of it
                (QWaylandXdgSurface::requestActivate).
        """
        if token:
            os.environ["XDG_ACTIVATION_TOKEN"] = token
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def close_for_good(self) -> None:
        """Close without asking anybody; for the end of the application."""
        self._may_close = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._may_close:
            event.accept()
            return
        # What runs is drained first; the application closes the window when that is done.
        event.ignore()
        self.closing.emit()

    def go(self, page_id: str) -> None:
        """Bring a page to the front, as the rail does."""
        # Until the first page is there, nothing stands behind the rail.
        if self._current:
            self.show_page(page_id)

    def quit(self) -> None:
        """Close, after what runs has ended."""
        self.closing.emit()

    def actions_here(self) -> Sequence[Action]:
        """What can be done on the page in front, then what can be done anywhere in the window."""
        page = self.page(self._current).actions_here() if self._current else ()
        return (*page, *self._actions)

    def open_palette(self) -> None:
        """Show everything that can be done now."""
        if not self._current:
            return
        if self._palette is None:
            from aiproxy_desktop.ui.shell.command_palette import PaletteOpener

            self._palette = PaletteOpener(self._themes, self)
        self._palette.open(self.actions_here())

    def _add_keys(self, owner: QWidget, action: Action) -> None:
        if action.shown_only:
            return
        for key in action.keys:
            # A shortcut of a page that is hidden does not fire.
            QShortcut(QKeySequence(key), owner).activated.connect(partial(_run, action))

    def cycle(self, step: int) -> None:
        """Take the keyboard to the next region, or with -1 to the one before."""
        regions: list[QWidget] = [self._rail, *self._shown_banners]
        regions += self.page(self._current).regions() if self._current else []
        regions += self._toasts.toasts if self._toasts is not None else ()
        focus_next_region(regions, step)


def first_size(room: QSize) -> QSize:
    """How large the window is where no earlier run left a size.

    Args:
        room: what panels leave of the screen, logical pixels.
    """
    return QSize(min(_WIDTH, room.width()), min(_HEIGHT, room.height() - _TITLE))


def _page_keys(pages: Sequence[Page]) -> dict[str, str]:
    numbered = [page.id for page in pages if not page.at_bottom]
    keys = {page_id: f"Ctrl+{number}" for number, page_id in enumerate(numbered, 1)}
    return keys | {page.id: "Ctrl+," for page in pages if page.at_bottom}


def _written(key: str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def _run(action: Action) -> None:
    if action.enabled():
        action.run()


def _ground(sidebar_width: int) -> QWidget:
    """What a page is laid on: its sidebar and its surface, still empty."""
    ground, sidebar = QWidget(), QWidget()
    sidebar.setProperty("layer", "sidebar")
    sidebar.setFixedWidth(sidebar_width)
    row = QHBoxLayout(ground)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(sidebar)
    row.addStretch(1)
    return ground
