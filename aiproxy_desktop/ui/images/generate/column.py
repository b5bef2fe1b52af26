"""One model's answer: its name and how far it is, its pictures, what went wrong."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from aiproxy_desktop.ui.images.generate.blocks import Block, Column
from aiproxy_desktop.ui.images.generate.card import CardParts, CardView
from aiproxy_desktop.ui.images.generate.tiles import Tiles
from aiproxy_desktop.ui.images.generate.words import card_name, state_line
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import ElidedLabel, Label
from aiproxy_desktop.ui.widgets.progress_bar import ProgressBar

_LEAST_CARD = 200
_MOST_CARD = 420
_GAP = 16


class ColumnView(QWidget):
    """Signals: cancel_wanted(str), retry_wanted(str): a run's id."""

    cancel_wanted = Signal(str)
    retry_wanted = Signal(str)

    def __init__(self, parts: CardParts, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._parts = parts
        self._name = name
        self._column: Column | None = None
        self._cards: dict[str, CardView] = {}
        self.setObjectName(name)
        self._model = ElidedLabel("", "body_strong")
        self._state = ElidedLabel("", "meta", "muted")
        self._state.setObjectName(f"{name}.state")
        self._cancel = Button(parts.themes, tr("Cancel"), name=f"{name}.cancel", kind="quiet")
        self._retry = Button(parts.themes, tr("Retry"), name=f"{name}.retry", kind="quiet", icon="refresh")
        self._progress = ProgressBar(parts.themes, name=f"{name}.progress")
        self._progress.setFixedHeight(12)
        self._error = Label("", "body", "danger", wrap=True)
        self._error.setObjectName(f"{name}.error")
        self._words = Label("", "body", "secondary", wrap=True)
        self._words.setObjectName(f"{name}.words")
        self.tiles = Tiles(least=_LEAST_CARD, most=_MOST_CARD, gap=_GAP, parent=self)
        self._cancel.clicked.connect(self._want_cancel)
        self._retry.clicked.connect(self._want_retry)
        self._lay_out()

    @property
    def column(self) -> Column | None:
        """What it shows."""
        return self._column

    @property
    def cards(self) -> list[CardView]:
        """In order."""
        shown = () if self._column is None else self._column.cards
        return [self._cards[card.key] for card in shown if card.key in self._cards]

    def show_column(self, column: Column, block: Block) -> None:
        """Show this."""
        if column == self._column:
            return
        self._column = column
        self._model.setText(column.name)
        self.setAccessibleName(", ".join(filter(None, (column.name, column.provider))))
        running = column.state == "running"
        self._cancel.setVisible(running)
        self._cancel.setAccessibleName(tr("Cancel {model}", model=column.name))
        self._retry.setVisible(column.here and column.state in {"failed", "cancelled"})
        self._retry.setAccessibleName(tr("Retry {model}", model=column.name))
        self._progress.setVisible(running)
        self._progress.show_fraction(column.fraction, live=running)
        self._progress.setAccessibleName(tr("Progress of {model}", model=column.name))
        error = "" if column.error is None else str(column.error)
        self._error.setText(error)
        self._error.setVisible(bool(error))
        words = "\n".join(filter(None, (column.words.strip(), *column.notes)))
        self._words.setText(words)
        self._words.setVisible(bool(words))
        self.show_time()
        self._show_cards(column, block)

    def show_time(self) -> None:
        """Show how long it takes by now."""
        if self._column is not None:
            self._state.setText(state_line(self._column, datetime.now(UTC)))

    def repaint_cards(self) -> None:
        """Pictures were decoded."""
        for card in self._cards.values():
            card.picture.update()

    def height_for(self, width: int) -> int:
        """As high as it needs to be this wide."""
        layout = self.layout()
        if layout is None:
            return 0
        # The tiles settle their height by their width, which they are only given when this is.
        self.tiles.setFixedWidth(max(1, width))
        self.tiles.place()
        layout.invalidate()
        return layout.totalHeightForWidth(width) if layout.hasHeightForWidth() else layout.sizeHint().height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.tiles.setFixedWidth(max(1, event.size().width()))

    def _show_cards(self, column: Column, block: Block) -> None:
        wanted = [card for card in column.cards if not card.deleted]
        for key in self._cards.keys() - {card.key for card in column.cards}:
            gone = self._cards.pop(key)
            self._parts.pictures.forget(key)
            gone.hide()
            gone.deleteLater()
        tiles = []
        for number, card in enumerate(column.cards, 1):
            view = self._cards.get(card.key)
            if view is None:
                view = CardView(self._parts, f"{self._name}.picture{number}", self.tiles)
                self._cards[card.key] = view
            view.show_card(card, card_name(number, column.name, block.prompt))
            view.setVisible(card in wanted)
            if card in wanted:
                tiles.append(view)
        self.tiles.setVisible(bool(tiles))
        self.tiles.show_tiles(tiles)

    def _want_cancel(self) -> None:
        if self._column is not None:
            self.cancel_wanted.emit(self._column.run_id)

    def _want_retry(self) -> None:
        if self._column is not None:
            self.retry_wanted.emit(self._column.run_id)

    def _lay_out(self) -> None:
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(self._model)
        names.addWidget(self._state)
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addLayout(names, 1)
        head.addWidget(self._retry)
        head.addWidget(self._cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._progress)
        rest = QVBoxLayout()
        rest.setSpacing(8)
        # Words below the pictures: those of all models stand on one line, whatever a model says.
        for part in (self._error, self.tiles, self._words):
            rest.addWidget(part)
        column.addLayout(rest)
        column.addStretch(1)
        # It keeps its place when it is over: no picture moves because another one is finished.
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setRetainSizeWhenHidden(True)
        self._progress.setSizePolicy(policy)
