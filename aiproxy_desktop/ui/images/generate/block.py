"""One prompt with what every model made of it, side by side."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from aiproxy_desktop.ui.images.generate.blocks import Block
from aiproxy_desktop.ui.images.generate.card import CardParts
from aiproxy_desktop.ui.images.generate.column import ColumnView
from aiproxy_desktop.ui.images.generate.tiles import Tiles
from aiproxy_desktop.ui.moments import clock_time
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import ElidedLabel, Label

_LEAST_COLUMN = 200
_GAP = 24
# Below this width the prompt needs the room more.
_ROOM_FOR_TIME = 560
_MOST_PROMPT = 20_000


class BlockView(QWidget):
    """The prompt on one line, which opens to the whole, and a column for each model.

    Signals:
        cancel_wanted(list[str]): ids of runs.
        retry_wanted(str): a run's id.
        again_wanted(Block): put its prompt and settings into the panel.
        dismiss_wanted(str): show this block no more.
    """

    cancel_wanted = Signal(list)
    retry_wanted = Signal(str)
    again_wanted = Signal(object)
    dismiss_wanted = Signal(str)

    def __init__(self, parts: CardParts, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._parts = parts
        self._name = name
        self._block: Block | None = None
        self._columns: dict[str, ColumnView] = {}
        self._made = 0
        self._open = False
        self.setObjectName(name)
        themes = parts.themes
        self._prompt = ElidedLabel("", "reading")
        self._prompt.setObjectName(f"{name}.prompt")
        self._whole = Label("", "reading", wrap=True)
        self._whole.setObjectName(f"{name}.wholePrompt")
        self._time = Label("", "meta", "muted", tabular=True)
        self._more = Button(
            themes, name=f"{name}.expand", kind="quiet", icon="chev-down", tooltip=tr("Show all")
        )
        self._again = Button(themes, tr("Use again"), name=f"{name}.again", kind="quiet", icon="redo")
        self._cancel = Button(themes, tr("Cancel all"), name=f"{name}.cancelAll", kind="quiet")
        self._close = Button(
            themes, name=f"{name}.close", kind="quiet", icon="close", tooltip=tr("Hide this; pictures stay")
        )
        self._columns_row = Tiles(least=_LEAST_COLUMN, most=10_000, gap=_GAP, parent=self)
        self._more.clicked.connect(self._toggle)
        self._again.clicked.connect(lambda: self.again_wanted.emit(self._block))
        self._cancel.clicked.connect(self._cancel_all)
        self._close.clicked.connect(self._dismiss)
        self._lay_out()

    @property
    def block(self) -> Block | None:
        """What it shows."""
        return self._block

    @property
    def columns(self) -> list[ColumnView]:
        """In order."""
        shown = () if self._block is None else self._block.columns
        return [self._columns[column.run_id] for column in shown]

    @property
    def stops(self) -> list[QWidget]:
        """What Tab reaches, in the order in which it was made."""
        widgets = self.findChildren(QWidget)
        return [one for one in widgets if one.focusPolicy() & Qt.FocusPolicy.TabFocus]

    @property
    def last_stop(self) -> QWidget:
        """The last of them."""
        stops = self.stops
        return stops[-1] if stops else self

    def show_block(self, block: Block) -> bool:
        """Show this; whether that took new widgets."""
        if block == self._block:
            return False
        self._block = block
        made = self._made
        line = " ".join(block.prompt[:_MOST_PROMPT].split())
        self._prompt.setText(line)
        self._whole.setText(block.prompt[:_MOST_PROMPT] if self._open else "")
        self._fold()
        self._time.setText(clock_time(block.began_at))
        self.setAccessibleName(tr("Prompt: {prompt}", prompt=line[:200]))
        self._cancel.setVisible(len(block.running) > 1)
        self._close.setVisible(not block.running)
        for key in self._columns.keys() - {column.run_id for column in block.columns}:
            gone = self._columns.pop(key)
            gone.hide()
            gone.deleteLater()
        for column in block.columns:
            view = self._columns.get(column.run_id)
            if view is None:
                view = self._add(column.run_id)
            view.show_column(column, block)
        self._columns_row.show_tiles(self.columns)
        return made != self._made

    def show_time(self) -> None:
        """Figures of what goes on."""
        for view in self.columns:
            if view.column is not None and view.column.state == "running":
                view.show_time()

    def repaint_cards(self) -> None:
        """Pictures were decoded."""
        for view in self.columns:
            view.repaint_cards()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._time.setVisible(event.size().width() >= _ROOM_FOR_TIME)
        self._fold()

    def _fold(self) -> None:
        """Offer to open the prompt where one line does not hold it."""
        block, shown = self._block, self._prompt
        if block is not None and not self._open:
            whole = shown.fontMetrics().horizontalAdvance(shown.text())
            self._more.setVisible(whole > shown.width() or "\n" in block.prompt.strip())

    def _add(self, run_id: str) -> ColumnView:
        view = ColumnView(self._parts, f"{self._name}.model{self._made}", self._columns_row)
        self._made += 1
        view.cancel_wanted.connect(lambda one: self.cancel_wanted.emit([one]))
        view.retry_wanted.connect(self.retry_wanted)
        self._columns[run_id] = view
        view.show()
        return view

    def _toggle(self) -> None:
        self._open = not self._open
        block = self._block
        self._whole.setText(block.prompt[:_MOST_PROMPT] if self._open and block is not None else "")
        self._whole.setVisible(self._open)
        self._prompt.setVisible(not self._open)
        self._more.set_icon("chev-up" if self._open else "chev-down")
        self._more.setAccessibleName(tr("Show less") if self._open else tr("Show all"))

    def _cancel_all(self) -> None:
        if self._block is not None:
            self.cancel_wanted.emit(list(self._block.running))

    def _dismiss(self) -> None:
        if self._block is not None:
            self.dismiss_wanted.emit(self._block.key)

    def _lay_out(self) -> None:
        said = QVBoxLayout()
        said.setSpacing(0)
        said.setContentsMargins(0, 2, 0, 2)
        said.addWidget(self._prompt)
        said.addWidget(self._whole)
        self._whole.hide()
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addLayout(said, 1)
        head.addWidget(self._more)
        head.addSpacing(4)
        head.addWidget(self._time)
        head.addSpacing(4)
        for button in (self._again, self._cancel, self._close):
            head.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self._columns_row)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
