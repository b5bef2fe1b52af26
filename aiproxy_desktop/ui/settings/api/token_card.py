"""The token: shown, copied, replaced."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from aiproxy_desktop.ui.settings.api.copying import put_text
from aiproxy_desktop.ui.settings.api.viewmodel import ApiViewModel
from aiproxy_desktop.ui.shell.notice import Notice
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.focus import has_focus_inside
from aiproxy_desktop.ui.widgets.labels import ElidedLabel, Label


class TokenCard(QFrame):
    """One row. It hides the token again when it goes out of sight."""

    def __init__(
        self, view_model: ApiViewModel, themes: ThemeController, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._view_model = view_model
        self._themes = themes
        self.setObjectName("settings.api.token")
        self.setProperty("card", True)
        line = QHBoxLayout(self)
        line.setContentsMargins(16, 10, 16, 10)
        line.setSpacing(8)
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(Label(tr("Token"), "body_medium"))
        self._text = ElidedLabel("", "code", "secondary")
        self._place = Label("", "meta", "muted", wrap=True)
        names.addWidget(self._text)
        names.addWidget(self._place)
        line.addLayout(names, 1)
        self._show_it = self._button("show", tr("Show"), tr("Show the token"), kind="quiet")
        self._replace = self._button("replace", tr("Replace…"), tr("Replace the token"), kind="quiet")
        self._copy = self._button("copy", tr("Copy"), tr("Copy the token"), icon="copy")
        self._keep = self._button("keep", tr("Cancel"), tr("Keep the token"), kind="quiet")
        self._confirm = self._button("confirm", tr("Replace token"), tr("Replace token"), kind="danger")
        for button in (self._show_it, self._replace, self._copy, self._keep, self._confirm):
            line.addWidget(button)
        self._connect()
        self._asked = False
        view_model.token_changed.connect(self._show)
        self._show()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():
            self._view_model.show_token(False)
            self._view_model.ask_to_replace(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._view_model.token.confirming:
            self._view_model.ask_to_replace(False)
        else:
            super().keyPressEvent(event)

    def _connect(self) -> None:
        vm = self._view_model
        self._show_it.clicked.connect(lambda: vm.show_token(not vm.token.shown))
        self._replace.clicked.connect(lambda: vm.ask_to_replace(True))
        self._keep.clicked.connect(lambda: vm.ask_to_replace(False))
        self._confirm.clicked.connect(vm.replace_token)
        self._copy.clicked.connect(self._put_on_clipboard)

    def _button(
        self, part: str, text: str, spoken: str, *, kind: str = "secondary", icon: str = ""
    ) -> Button:
        return Button(
            self._themes,
            text,
            name=f"settings.api.token.{part}",
            kind=kind,  # type: ignore[arg-type]  # one of ButtonKind, as written above
            icon=icon,
            accessible_name=spoken,
            parent=self,
        )

    def _show(self) -> None:
        token = self._view_model.token
        had_focus = has_focus_inside(self)
        by_keyboard = any(one.hasFocus() and one.keyboard_focus for one in self.findChildren(Button))
        asked = token.confirming
        self._text.setText(token.text)
        question = tr("Programs that have the old token are refused from then on.")
        self._place.setText(question if asked else token.place)
        self._place.set_tone("danger" if asked else "muted")
        self._show_it.set_label(tr("Hide") if token.shown else tr("Show"))
        self._show_it.setAccessibleName(tr("Hide the token") if token.shown else tr("Show the token"))
        self._show_it.updateGeometry()
        for button in (self._show_it, self._replace, self._copy):
            button.setEnabled(token.known)
            button.setVisible(not asked)
        for button in (self._keep, self._confirm):
            button.setVisible(asked)
        if asked != self._asked and had_focus:
            reason = Qt.FocusReason.TabFocusReason if by_keyboard else Qt.FocusReason.OtherFocusReason
            (self._keep if asked else self._replace).setFocus(reason)
        self._asked = asked

    def _put_on_clipboard(self) -> None:
        put_text(self._view_model.secret, secret=True)
        self._view_model.noticed.emit(Notice(tr("The token is on the clipboard.")))
