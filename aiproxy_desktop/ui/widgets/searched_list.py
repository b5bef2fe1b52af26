"""A search field over a list: letters narrow it, arrows choose, Enter takes. The keys stay with the field."""

from __future__ import annotations

from abc import abstractmethod

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyledItemDelegate, QVBoxLayout, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.widgets.announcing import announce
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.text_field import TextField


class ChoiceModel(QAbstractListModel):
    """Rows of which some can be chosen."""

    @abstractmethod
    def choices(self) -> list[int]:
        """The rows that can be chosen, in order."""


class SearchedList(QWidget):
    """The content of a popover.

    Signals:
        taken(QModelIndex): a row that can be chosen was, by Enter or a click.
        resized(): it needs another height.
    """

    taken = Signal(QModelIndex)
    resized = Signal()

    def __init__(
        self,
        themes: ThemeController,
        rows: ChoiceModel,
        delegate: QStyledItemDelegate,
        *,
        name: str,
        placeholder: str,
        accessible_name: str,
        nothing: str,
        width: int,
        row_height: int,
        most_rows: int,
        icon: str = "",
    ) -> None:
        """Make it; `show_rows` fills it.

        Args:
            themes: the look.
            rows: what is listed.
            delegate: how it is painted.
            name: of the parts: `<name>.search` and `<name>.list`.
            placeholder: of the field.
            accessible_name: of the list.
            nothing: said where no row is left.
            width: pixels.
            row_height: pixels.
            most_rows: shown without scrolling.
            icon: of the field.
        """
        super().__init__()
        self._rows = rows
        self._row_height = row_height
        self._most_rows = most_rows
        rows.setParent(self)
        delegate.setParent(self)
        self.search = TextField(themes, name=f"{name}.search", placeholder=placeholder, icon=icon)
        self.search.installEventFilter(self)
        self.setFocusProxy(self.search)
        self._nothing = Label(nothing, "body", "muted")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setFixedHeight(row_height)
        self.list = QListView(self)
        self.list.setObjectName(f"{name}.list")
        self.list.setAccessibleName(accessible_name)
        self.list.setProperty("layer", "raised")
        self.list.setModel(rows)
        self.list.setItemDelegate(delegate)
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.clicked.connect(self._take)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.search)
        column.addWidget(self._nothing)
        column.addWidget(self.list)
        column.addStretch(1)  # a search that leaves few rows leaves the field in its place
        self.setFixedWidth(width)

    def rows_changed(self, place: int | None = None) -> None:
        """There are other rows; the keys go to `place`, or to the first that can be chosen."""
        choices, count = self._rows.choices(), self._rows.rowCount()
        if place is None and choices:
            place = choices[0]
        if place is not None:
            self._point(place)
        else:
            self._tell(self._nothing.text())
        self._nothing.setVisible(count == 0)
        self.list.setVisible(count > 0)
        self.list.setFixedHeight(self._row_height * min(max(count, 1), self._most_rows))
        self.updateGeometry()
        self.resized.emit()

    def sizeHint(self) -> QSize:
        return QSize(self.width(), super().sizeHint().height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            page = self._most_rows - 1
            steps = {
                Qt.Key.Key_Down: 1,
                Qt.Key.Key_Up: -1,
                Qt.Key.Key_PageDown: page,
                Qt.Key.Key_PageUp: -page,
            }
            if event.key() in steps:
                self._step(steps[Qt.Key(event.key())])
                return True
            if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
                self._take(self.list.currentIndex())
                return True
        return super().eventFilter(watched, event)

    def _step(self, step: int) -> None:
        choices = self._rows.choices()
        if choices:
            current = self.list.currentIndex().row()
            place = choices.index(current) if current in choices else -1
            self._point(choices[max(0, min(place + step, len(choices) - 1))])

    def _point(self, place: int) -> None:
        """The field says which row is meant: the list itself never has the keyboard."""
        index = self._rows.index(place)
        self.list.setCurrentIndex(index)
        self.list.scrollTo(index)
        self._tell(str(index.data(Qt.ItemDataRole.AccessibleTextRole)))

    def _tell(self, said: str) -> None:
        if said != self.search.accessibleDescription():
            self.search.setAccessibleDescription(said)
            announce(self.search, said)

    def _take(self, index: QModelIndex) -> None:
        if index.isValid() and index.flags() & Qt.ItemFlag.ItemIsEnabled:
            self.taken.emit(index)
