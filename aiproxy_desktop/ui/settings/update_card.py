"""Settings, About: new versions."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from aiproxy_desktop.ui.settings.setting_rows import setting_row
from aiproxy_desktop.ui.settings.updates_viewmodel import UpdatesViewModel
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.switch import Switch


class UpdateCard(QFrame):
    """Whether to look for new versions, and what is known of them."""

    def __init__(
        self,
        view_model: UpdatesViewModel,
        themes: ThemeController,
        open_url: Callable[[str], object],
        parent: QWidget | None = None,
    ) -> None:
        """Build both rows.

        Args:
            view_model: state and actions.
            themes: to paint with.
            open_url: hands an address to the browser.
            parent: of the widget.
        """
        super().__init__(parent)
        self.setProperty("card", True)
        self._vm = view_model
        self._on = Switch(
            themes, name="settings.about.updates", accessible_name=tr("Look for new versions once a day")
        )
        self._on.toggled.connect(lambda on: view_model.set_enabled(on=on))
        self._line = Label("", "body", wrap=True)
        self._skip = Button(themes, tr("Skip this version"), name="settings.about.updates.skip", kind="quiet")
        self._skip.clicked.connect(view_model.skip)
        self._new = Button(themes, tr("What is new"), name="settings.about.updates.page")
        self._new.clicked.connect(lambda: open_url(view_model.page))
        self._look = Button(
            themes,
            tr("Look now"),
            name="settings.about.updates.look",
            accessible_name=tr("Look for a new version now"),
        )
        self._look.clicked.connect(view_model.look)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        asked = setting_row(
            tr("Look for new versions once a day"),
            tr(
                "One request to GitHub, which holds nothing about you, this computer or this version."
                " Nothing is downloaded."
            ),
            self._on,
        )
        asked.setProperty("edge", "bottom")
        column.addWidget(asked)
        column.addWidget(self._state_row())
        view_model.changed.connect(self._show)
        self._show()

    def _state_row(self) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(16, 10, 16, 10)
        line.setSpacing(8)
        line.addWidget(self._line, 1)
        for button in (self._skip, self._new, self._look):
            line.addWidget(button)
        return row

    def _show(self) -> None:
        vm = self._vm
        self._on.set_on(vm.enabled)
        self._on.update()
        self._line.setText(vm.sentence)
        self._skip.setVisible(vm.can_skip)
        self._new.setVisible(vm.newest is not None)
        if vm.newest is not None and self._look.hasFocus():
            # Where one may act on it, in place of where Qt would go on to.
            self._new.setFocus(Qt.FocusReason.OtherFocusReason)
        self._look.setVisible(vm.newest is None)
