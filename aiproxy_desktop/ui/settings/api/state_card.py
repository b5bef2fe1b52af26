"""On or off, and where."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from aiproxy_desktop.ui.settings.api.copying import put_text
from aiproxy_desktop.ui.settings.api.viewmodel import ApiViewModel
from aiproxy_desktop.ui.shell.notice import Notice
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.announcing import announce
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.dot import Dot
from aiproxy_desktop.ui.widgets.labels import ElidedLabel, Label, set_property
from aiproxy_desktop.ui.widgets.painting import margins
from aiproxy_desktop.ui.widgets.switch import Switch


class StateCard(QFrame):
    """The switch with what became of it; while it is on, the address that programs are given.

    Emits `address_wanted` where it is to be changed.
    """

    address_wanted = Signal()

    def __init__(
        self,
        view_model: ApiViewModel,
        themes: ThemeController,
        open_url: Callable[[str], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._view_model = view_model
        self.setObjectName("settings.api.state")
        self.setProperty("card", True)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        self._first = self._make_first(themes)
        self._second = self._make_second(themes, open_url)
        column.addWidget(self._first)
        column.addWidget(self._second)
        view_model.status_changed.connect(self._show)
        self._show()

    def copy(self) -> None:
        """Put the base URL on the clipboard."""
        put_text(self._base.text())
        self._view_model.noticed.emit(Notice(tr("The base URL is on the clipboard.")))

    def _make_first(self, themes: ThemeController) -> QFrame:
        row = QFrame(self)
        line = QHBoxLayout(row)
        line.setContentsMargins(15, 9, 15, 9)
        line.setSpacing(8)
        self._dot = Dot(themes)
        line.addWidget(self._dot)
        line.addSpacing(8)
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(Label(tr("Let other programs ask"), "body_medium"))
        self._line = Label("", "meta", "muted", wrap=True)
        names.addWidget(self._line)
        line.addLayout(names, 1)
        self._change = Button(
            themes, tr("Change the address"), name="settings.api.changeAddress", kind="quiet"
        )
        self._change.clicked.connect(self.address_wanted)
        line.addWidget(self._change)
        self._again = Button(themes, tr("Try again"), name="settings.api.tryAgain")
        self._again.clicked.connect(self._view_model.try_again)
        line.addWidget(self._again)
        self._switch = Switch(
            themes, name="settings.api.enabled", accessible_name=tr("Let other programs ask")
        )
        self._switch.toggled.connect(self._view_model.set_enabled)
        line.addWidget(self._switch)
        return row

    def _make_second(self, themes: ThemeController, open_url: Callable[[str], object]) -> QFrame:
        row = QFrame(self)
        line = QHBoxLayout(row)
        line.setContentsMargins(margins(39, 9, 15, 9))
        line.setSpacing(8)
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(Label(tr("Base URL"), "meta", "muted"))
        self._base = ElidedLabel("", "code")
        self._base.setFont(font("code"))
        names.addWidget(self._base)
        line.addLayout(names, 1)
        demo = Button(
            themes, tr("Open the demo page"), name="settings.api.demo", kind="quiet", icon="external"
        )
        demo.clicked.connect(lambda: open_url(self._view_model.demo_url))
        copy = Button(
            themes,
            tr("Copy"),
            name="settings.api.copyBase",
            icon="copy",
            accessible_name=tr("Copy the base URL"),
        )
        copy.clicked.connect(self.copy)
        line.addWidget(demo)
        line.addWidget(copy)
        return row

    def _show(self) -> None:
        vm = self._view_model
        said = vm.line
        if said.text != self._line.text() and self.isVisible():
            announce(self, said.text)
        self._dot.set_state(said.dot)
        self._line.setText(said.text)
        self._line.set_tone(said.tone)
        for button in (self._change, self._again):
            button.setVisible(said.can_retry)
        self._switch.set_on(vm.settings.enabled)
        self._switch.setAccessibleDescription(said.text)
        self._switch.update()
        self._base.setText(f"{vm.url}/v1")
        on = bool(vm.demo_url)
        self._second.setVisible(on)
        set_property(self._first, "edge", "bottom" if on else "none")
