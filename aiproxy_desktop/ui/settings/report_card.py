"""A text that can be looked at, copied and, where it may go, deleted."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from aiproxy_desktop.ui.settings.api.code_area import CodeArea
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import Label


class ReportRow(QFrame):
    """Title and note, with buttons; the text below them when it is shown.

    Signals:
        show_wanted(): the text is to be seen; `show_text` brings it.
        hide_wanted(): it was seen; `hide_text` closes it.
        copy_wanted(): it is to be copied.
        delete_wanted(): it is to be deleted.
    """

    show_wanted = Signal()
    hide_wanted = Signal()
    copy_wanted = Signal()
    delete_wanted = Signal()

    def __init__(
        self,
        themes: ThemeController,
        title: str,
        note: str,
        *,
        name: str,
        deletable: bool = False,
        button: Button | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """Build it, closed.

        Args:
            themes: to paint with.
            title: what the text is.
            note: what is in it, and what is not.
            name: its objectName; the buttons are `<name>.show`, `.copy` and `.delete`, the text `.text`.
            deletable: whether it can be deleted.
            button: stands in the place of the one that copies.
            parent: of the widget.
        """
        super().__init__(parent)
        self.setObjectName(name)
        self._name = name
        self._themes = themes
        self._title = Label(title, "body_medium")
        self._area: CodeArea | None = None
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(self._title)
        names.addWidget(Label(note, "meta", "muted", wrap=True))
        self.look = Button(themes, "", name=f"{name}.show", kind="quiet")
        self.look.clicked.connect(self._toggle)
        self._copy = button or Button(themes, tr("Copy"), name=f"{name}.copy")
        self._copies = button is None
        if self._copies:
            self._copy.clicked.connect(self.copy_wanted)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addLayout(names, 1)
        if deletable:
            delete = Button(
                *(themes, tr("Delete")),
                name=f"{name}.delete",
                kind="quiet",
                accessible_name=_of(tr("Delete: {name}"), title),
            )
            delete.clicked.connect(self.delete_wanted)
            line.addWidget(delete)
        line.addWidget(self.look)
        line.addWidget(self._copy)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(16, 10, 16, 10)
        self._column.setSpacing(12)
        self._column.addLayout(line)
        self._show_button()

    @property
    def is_open(self) -> bool:
        """Whether the text is in sight."""
        return self._area is not None and not self._area.isHidden()

    def set_title(self, title: str) -> None:
        """Say what the text is."""
        self._title.setText(title)
        self._show_button()

    def show_text(self, text: str) -> None:
        """Show this text."""
        if self._area is None:
            title = self._title.text()
            self._area = CodeArea(self._themes, name=f"{self._name}.text", accessible_name=title, wrap=True)
            self._column.addWidget(self._area)
            self.setTabOrder(self._copy, self._area.text_widget)
        self._area.show_text(text)
        self._area.show()
        self._show_button()

    def hide_text(self) -> None:
        """Close it."""
        if self._area is not None:
            self._area.hide()
        self._show_button()

    def _toggle(self) -> None:
        (self.hide_wanted if self.is_open else self.show_wanted).emit()

    def _show_button(self) -> None:
        words = tr("Hide: {name}") if self.is_open else tr("Show: {name}")
        self.look.set_label(tr("Hide") if self.is_open else tr("Show"))
        self.look.setAccessibleName(_of(words, self._title.text()))
        if self._copies:
            self._copy.setAccessibleName(_of(tr("Copy: {name}"), self._title.text()))


def _of(words: str, name: str) -> str:
    return words.format_map({"name": name})
