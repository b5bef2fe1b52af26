"""Which models others may use: all, or those that are ticked."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHBoxLayout, QListView, QVBoxLayout, QWidget

from aiproxy_desktop.ui.settings.api.model_list import ROW, OfferDelegate, OfferModel
from aiproxy_desktop.ui.settings.api.viewmodel import ApiViewModel
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr, tr_count
from aiproxy_desktop.ui.widgets.labels import Label, set_property
from aiproxy_desktop.ui.widgets.segmented import Segmented
from aiproxy_desktop.ui.widgets.text_field import TextField

_MOST_ROWS = 8
_KEYBOARD = {
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
}


class _Ticks(QListView):
    """Space or a click turns the tick of a row over."""

    def __init__(self, themes: ThemeController, rows: OfferModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._delegate = OfferDelegate(themes, rows, ticks=True)
        self._delegate.setParent(self)
        rows.setParent(self)
        self.setObjectName("settings.api.offered.list")
        self.setAccessibleName(tr("Models that are offered"))
        self.setProperty("layer", "raised")
        self.setModel(rows)
        self.setItemDelegate(self._delegate)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._delegate.ringed = event.reason() in _KEYBOARD
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self.model().rowCount():
            self.setCurrentIndex(self.model().index(0, 0))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._delegate.ringed = False
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._delegate.ringed = True
        if event.key() in {Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            if self.currentIndex().isValid() and not event.isAutoRepeat():
                self.clicked.emit(self.currentIndex())
            return
        super().keyPressEvent(event)
        self.viewport().update()


class OfferedCard(QFrame):
    """The choice, and below it the list where it matters."""

    def __init__(
        self, view_model: ApiViewModel, themes: ThemeController, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._view_model = view_model
        self.setObjectName("settings.api.offered")
        self.setProperty("card", True)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        self._head = self._make_head(themes)
        self._search = TextField(
            themes,
            name="settings.api.offered.search",
            placeholder=tr("Search models"),
            icon="search",
        )
        self._rows = OfferModel()
        self._list = _Ticks(themes, self._rows, self)
        self._nothing = Label(tr("No model matches"), "body", "muted")
        self._nothing.setContentsMargins(15, 4, 15, 8)
        self._body = QWidget(self)
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 8)
        body.setSpacing(8)
        around = QHBoxLayout()
        around.setContentsMargins(15, 12, 15, 0)
        around.addWidget(self._search)
        body.addLayout(around)
        body.addWidget(self._list)
        body.addWidget(self._nothing)
        column.addWidget(self._head)
        column.addWidget(self._body)
        QWidget.setTabOrder(self._search, self._list)
        self._list.clicked.connect(self._turn)
        self._search.textChanged.connect(self._show)
        view_model.settings_changed.connect(self._show)
        view_model.models_changed.connect(self._show)
        self._show()

    def _make_head(self, themes: ThemeController) -> QFrame:
        head = QFrame(self)
        line = QHBoxLayout(head)
        line.setContentsMargins(15, 10, 15, 10)
        line.setSpacing(12)
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(Label(tr("Models that others may use"), "body_medium"))
        self._note = Label("", "meta", "muted", wrap=True)
        names.addWidget(self._note)
        line.addLayout(names, 1)
        self._which = Segmented(
            themes,
            [("all", tr("All")), ("chosen", tr("Only chosen"))],
            name="settings.api.which",
            accessible_name=tr("Models that others may use"),
        )
        self._which.chosen.connect(lambda which: self._view_model.set_only_offered(which == "chosen"))
        line.addWidget(self._which)
        return head

    def _show(self, _text: str = "") -> None:
        vm = self._view_model
        only, count = vm.settings.only_offered, len(vm.settings.offered)
        self._which.set_value("chosen" if only else "all")
        if not only:
            self._note.setText(tr("Every model that this app can ask, and each that comes to it."))
        elif count:
            self._note.setText(tr_count("{n} model is offered.", "{n} models are offered.", count))
        else:
            self._note.setText(tr("No model is offered yet: every request is refused. Choose some below."))
        self._note.set_tone("warning" if only and not count else "muted")
        set_property(self._head, "edge", "bottom" if only else "none")
        self._body.setVisible(only)
        if not only:
            return
        rows = vm.offers(self._search.text())
        self._rows.show(rows)
        self._list.setVisible(bool(rows))
        self._list.setFixedHeight(ROW * min(max(len(rows), 1), _MOST_ROWS))
        self._nothing.setVisible(not rows)

    def _turn(self, index: QModelIndex) -> None:
        row = self._rows.rows[index.row()]
        self._view_model.set_offered(row.reference, not row.offered)
