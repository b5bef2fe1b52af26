"""What was asked: the table, and everything about the one that is chosen."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from aiproxy_desktop.services.local_api.values import ApiRequest
from aiproxy_desktop.ui.settings.api.log_table import LogTable
from aiproxy_desktop.ui.settings.api.viewmodel import ApiViewModel
from aiproxy_desktop.ui.settings.api.words import request_details
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr, tr_count
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.empty_state import EmptyState
from aiproxy_desktop.ui.widgets.labels import ElidedLabel, Label
from aiproxy_desktop.ui.widgets.painting import margins

_TICK_MS = 1000
# What a line cannot be broken in, as clients name themselves.
_LONG_RUN = re.compile(r"[^\s/-]{36}")


class LogView(QWidget):
    """Looks at the log only while it is seen."""

    def __init__(
        self, view_model: ApiViewModel, themes: ThemeController, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._view_model = view_model
        self._themes = themes
        self._chosen = 0
        self._requests: tuple[ApiRequest, ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(self._make_head())
        card = QFrame(self)
        card.setProperty("card", True)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(1, 1, 1, 1)
        self._table = LogTable(themes, card)
        self._empty = EmptyState(themes, name="settings.api.log.empty", parent=card)
        self._empty.setProperty("layer", "raised")
        self._empty.acted.connect(lambda _id: view_model.set_enabled(True))
        inside.addWidget(self._table)
        inside.addWidget(self._empty)
        column.addWidget(card, 1)
        self._details = RequestCard(themes)
        column.addWidget(self._details)
        self._table.chosen.connect(self._choose)
        self._details.closed.clicked.connect(self._let_go)
        # Of a request that runs the time goes on, whether or not anything comes of it.
        self._clock = QTimer(self, interval=_TICK_MS)
        self._clock.timeout.connect(self._show)
        view_model.requests_changed.connect(self._changed)
        view_model.status_changed.connect(self._changed)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._clock.stop()

    def _make_head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        self._count = Label("", "meta", "muted", wrap=True, tabular=True)
        self._clear = Button(
            self._themes,
            tr("Clear"),
            name="settings.api.log.clear",
            kind="quiet",
            accessible_name=tr("Clear the list of requests"),
        )
        self._clear.clicked.connect(self._view_model.clear_requests)
        head.addWidget(self._count, 1)
        head.addWidget(self._clear)
        return head

    def _changed(self) -> None:
        if self.isVisible():
            self._show()

    def _show(self) -> None:
        self._requests = self._view_model.requests
        listed = bool(self._requests)
        self._table.show_requests(self._requests)
        self._table.setVisible(listed)
        self._empty.setVisible(not listed)
        if not listed:
            self._show_empty()
        running = sum(request.seconds is None for request in self._requests)
        words = [tr("Kept in memory alone, without what was said.")]
        if running:
            words.insert(0, tr_count("{n} request is running.", "{n} requests are running.", running))
        self._count.setText(" ".join(words))
        self._clear.setEnabled(len(self._requests) > running)
        if running and not self._clock.isActive():
            self._clock.start()
        elif not running:
            self._clock.stop()
        self._show_details()

    def _show_empty(self) -> None:
        title, phase = tr("Nothing was asked yet"), self._view_model.status.phase
        if phase == "failed":
            self._empty.show_state(title, tr("No program can ask. Why is said above."), ())
        elif self._view_model.settings.enabled:
            text = tr("Copy a piece of code under Connect and run it: it is listed here at once.")
            self._empty.show_state(title, text, ())
        else:
            text = tr("Switch the local API on, and other programs can ask.")
            self._empty.show_state(title, text, (("on", tr("Switch on")),))

    def _choose(self, number: int) -> None:
        self._chosen = number
        self._show_details()

    def _let_go(self) -> None:
        self._table.choose_none()
        self._table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_details(self) -> None:
        chosen = next((one for one in self._requests if one.number == self._chosen), None)
        self._details.setVisible(chosen is not None)
        if chosen is not None:
            self._details.show_request(chosen)


class RequestCard(QFrame):
    """All that is known of one request, in two columns of titles and words."""

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("settings.api.request")
        self.setAccessibleName(tr("Request"))
        self.setProperty("card", True)
        self._shown: tuple[tuple[str, str], ...] = ()
        self._facts: list[Label] = []
        self.closed = Button(
            themes, name="settings.api.request.close", kind="quiet", icon="close", tooltip=tr("Close")
        )
        head = QHBoxLayout()
        self._title = Label(tr("Request"), "body_strong")
        head.addWidget(self._title, 1)
        head.addWidget(self.closed)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnStretch(3, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(margins(16, 8, 8, 12))
        column.setSpacing(4)
        column.addLayout(head)
        column.addLayout(self._grid)

    def show_request(self, request: ApiRequest) -> None:
        """Show one; the same words keep what is selected in them."""
        facts = request_details(request)
        if facts == self._shown:
            return
        self._shown = facts
        for gone in self._facts:
            gone.hide()
            gone.deleteLater()
        self._facts = []
        self._title.setText(tr("Request {number}", number=request.number))
        long = [pair for pair in facts if pair[1] == request.error]
        short = [pair for pair in facts if pair[1] != request.error]
        for place, pair in enumerate(short):
            self._add(*pair, row=place // 2 + len(long), column=place % 2 * 2, span=1)
        for place, pair in enumerate(long):
            self._add(*pair, row=place, column=0, span=3)

    def _add(self, title: str, said: str, *, row: int, column: int, span: int) -> None:
        name = Label(title, "meta", "muted")
        if _LONG_RUN.search(said) and span == 1:
            words: Label = ElidedLabel(said, "meta", mode=Qt.TextElideMode.ElideMiddle)
        else:
            broken = _LONG_RUN.sub(lambda run: f"{run[0]}\u200b", said)
            words = Label(broken, "meta", "danger" if span > 1 else "text", wrap=True, tabular=True)
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        top = Qt.AlignmentFlag.AlignTop
        self._grid.addWidget(name, row, column, top)
        self._grid.addWidget(words, row, column + 1, 1, span)
        self._facts += [name, words]
