"""The model picker: a search field over every detected model, by keyboard or pointer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QVBoxLayout, QWidget

from aiproxy_desktop.ui.chat.models import ModelRow
from aiproxy_desktop.ui.chat.picker_list import ROW, PickerDelegate, PickerModel
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.announcing import announce
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.text_field import TextField

_WIDTH = 384
_MOST_ROWS = 10


class ModelPicker(QWidget):
    """The content of the picker's popover. Emits a reference, or a provider whose key is to be added."""

    picked = Signal(str)
    key_wanted = Signal(str)
    resized = Signal()

    def __init__(
        self,
        themes: ThemeController,
        rows: Callable[[str], Sequence[ModelRow]],
        chosen: str | None,
    ) -> None:
        """Make it.

        Args:
            themes: the look.
            rows: gives the rows for a search text.
            chosen: the reference in use, which the keys start from.
        """
        super().__init__()
        self._rows = rows
        self._model = PickerModel(self)
        self._model.chosen = chosen
        self.search = TextField(themes, name="chat.modelPicker.search", placeholder=tr("Search models"))
        self.search.installEventFilter(self)
        self.setFocusProxy(self.search)
        self._nothing = Label(tr("No model matches"), "body", "muted")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setFixedHeight(ROW)
        self.list = QListView(self)
        self.list.setObjectName("chat.modelPicker.list")
        self.list.setAccessibleName(tr("Models"))
        self.list.setProperty("layer", "raised")
        self.list.setModel(self._model)
        self.list.setItemDelegate(PickerDelegate(themes, self.list))
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keys stay with the search field
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.search)
        column.addWidget(self._nothing)
        column.addWidget(self.list)
        column.addStretch(1)  # a search that leaves few rows leaves the field in its place
        self.setFixedWidth(_WIDTH)
        self.search.textChanged.connect(self._search)
        self.list.clicked.connect(self._pick)
        self.refresh()

    def refresh(self) -> None:
        """Read the rows again, as when a provider was found meanwhile; the keys stay where they were."""
        index = self.list.currentIndex()
        self._show(self._model.row(index.row()).reference if index.isValid() else self._model.chosen)

    def _search(self, text: str) -> None:
        # The best match while searching; the model in use when the field is empty again.
        self._show(None if text.strip() else self._model.chosen)

    def _show(self, wanted: str | None) -> None:
        self._model.show(self._rows(self.search.text()))
        enabled = self._model.enabled_rows()
        place = self._model.position_of(wanted)
        if place is None and enabled:
            place = enabled[0]
        if place is not None:
            self.list.setCurrentIndex(self._model.index(place))
            self.list.scrollTo(self._model.index(place))
        count = self._model.rowCount()
        self._nothing.setVisible(count == 0)
        self._tell()
        self.list.setVisible(count > 0)
        self.list.setFixedHeight(ROW * min(max(count, 1), _MOST_ROWS))
        self.updateGeometry()
        self.resized.emit()

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, super().sizeHint().height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
            if event.key() in steps:
                self._step(steps[Qt.Key(event.key())])
                return True
            if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
                self._pick(self.list.currentIndex())
                return True
        return super().eventFilter(watched, event)

    def _step(self, step: int) -> None:
        enabled = self._model.enabled_rows()
        if not enabled:
            return
        current = self.list.currentIndex().row()
        place = enabled.index(current) if current in enabled else -1
        target = enabled[max(0, min(place + step, len(enabled) - 1))]
        self.list.setCurrentIndex(self._model.index(target))
        self._tell()

    def _tell(self) -> None:
        """What has the keyboard says which row is meant: the list itself never has it."""
        index = self.list.currentIndex()
        said = (
            str(index.data(Qt.ItemDataRole.AccessibleTextRole)) if index.isValid() else self._nothing.text()
        )
        if said != self.search.accessibleDescription():
            self.search.setAccessibleDescription(said)
            announce(self.search, said)

    def _pick(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        row = self._model.row(index.row())
        if row.reference is not None:
            self.picked.emit(row.reference)
        elif row.add_key:
            self.key_wanted.emit(row.provider)
