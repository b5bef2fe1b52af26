"""The backups there are, with what can be done with each."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from aiproxy_desktop.ui.exchange.viewmodel import BackupRow, DataViewModel
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.focus import focused_widget, has_focus_inside
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.painting import margins


class BackupList(QFrame):
    """A card: a row for each, the newest first, and “Back up now” at the end."""

    def __init__(
        self, view_model: DataViewModel, themes: ThemeController, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._view_model = view_model
        self._themes = themes
        self._shown: tuple[BackupRow, ...] | None = None
        self._rows: list[QWidget] = []
        self.setObjectName("settings.data.list")
        self.setProperty("card", True)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(1, 1, 1, 1)
        self._column.setSpacing(0)
        self._footer = QWidget(self)
        row = QHBoxLayout(self._footer)
        row.setContentsMargins(16, 8, 16, 8)
        self._none = Label(tr("There is no backup yet"), "body", "muted")
        row.addWidget(self._none)
        row.addStretch(1)
        now = Button(themes, tr("Back up now"), name="settings.data.backUp")
        now.clicked.connect(view_model.back_up)
        row.addWidget(now)
        self._now = now
        self._column.addWidget(self._footer)
        view_model.backups_changed.connect(self._show)
        self._show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._asked():
            self._view_model.ask_to_restore("")
        else:
            super().keyPressEvent(event)

    def _show(self) -> None:
        rows = self._view_model.backups
        if rows == self._shown:
            return
        before, reason = self._asked(), self._reason()
        self._shown = rows
        for gone in self._rows:
            gone.hide()
            gone.deleteLater()
        self._rows = [self._row(one) for one in rows]
        for position, row in enumerate(self._rows):
            self._column.insertWidget(position, row)
            row.show()
        self._none.setVisible(not rows)
        self._footer.setProperty("edge", "none")
        asked = self._asked()
        if asked:
            self._focus(f"{asked}.keep", reason or Qt.FocusReason.OtherFocusReason)
        elif reason is not None:
            self._focus(f"{before}.restore", reason)

    def _asked(self) -> str:
        """The backup whose restoring waits for a yes; empty when none does."""
        return next((one.id for one in self._shown or () if one.confirming), "")

    def _reason(self) -> Qt.FocusReason | None:
        """Whether the focus is on a row, and so must go on to another button: the way it came there."""
        if not any(has_focus_inside(row) for row in self._rows):
            return None
        button = focused_widget()
        keyboard = isinstance(button, Button) and button.keyboard_focus
        return Qt.FocusReason.TabFocusReason if keyboard else Qt.FocusReason.OtherFocusReason

    def _focus(self, name: str, reason: Qt.FocusReason) -> None:
        found = self.findChildren(Button, f"settings.data.{name}")
        shown = [button for button in found if button.isVisibleTo(self)]
        (shown[-1] if shown else self._now).setFocus(reason)

    def _row(self, one: BackupRow) -> QFrame:
        row = QFrame(self)
        row.setProperty("edge", "bottom")
        line = QHBoxLayout(row)
        line.setContentsMargins(margins(16, 8, 16 if one.confirming else 5, 8))
        line.setSpacing(8)
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(Label(one.title, "body_medium", tabular=True))
        note = one.detail
        if one.confirming:
            note = tr("The app starts again with this backup. What it replaces is kept as a backup.")
        names.addWidget(Label(note, "meta", "muted", wrap=True, tabular=True))
        line.addLayout(names, 1)
        for button in self._confirm(one) if one.confirming else self._offer(one):
            line.addWidget(button)
        return row

    def _offer(self, one: BackupRow) -> list[Button]:
        ask = Button(
            self._themes,
            tr("Restore…"),
            name=f"settings.data.{one.id}.restore",
            kind="quiet",
            accessible_name=tr("Restore the backup of {day}", day=one.title),
        )
        ask.clicked.connect(lambda: self._view_model.ask_to_restore(one.id))
        return [ask]

    def _confirm(self, one: BackupRow) -> list[Button]:
        keep = Button(self._themes, tr("Cancel"), name=f"settings.data.{one.id}.keep", kind="quiet")
        keep.clicked.connect(lambda: self._view_model.ask_to_restore(""))
        restore = Button(
            self._themes, tr("Restore and restart"), name=f"settings.data.{one.id}.confirm", kind="danger"
        )
        restore.clicked.connect(lambda: self._view_model.restore(one.id))
        return [keep, restore]
