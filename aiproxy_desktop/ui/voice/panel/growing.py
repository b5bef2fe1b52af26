"""Text areas of the panel: as high as what is written, folded away while there is nothing."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QHideEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.panel import QUIET, reaching
from aiproxy_desktop.ui.widgets.text_area import TextArea

_PAUSE_MS = 1000


class GrowingArea(TextArea):
    """From three lines to ten, then it scrolls.

    Signals:
        rested(str): what stands there, once the person has left it or paused; only where that is something
            else than before.
    """

    rested = Signal(str)

    def __init__(
        self,
        *,
        name: str,
        accessible_name: str,
        placeholder: str,
        pauses: Callable[[], bool] = lambda: True,
        least: int = 3,
        most: int = 10,
    ) -> None:
        """Make it.

        Args:
            name: its objectName.
            accessible_name: what a screen reader calls it.
            placeholder: shown while empty.
            pauses: whether a pause in writing is enough to tell; else the person has to leave it.
            least: lines it is high at least.
            most: lines it is high at most.
        """
        super().__init__(name=name, accessible_name=accessible_name, placeholder=placeholder, lines=least)
        self._pauses = pauses
        self._least, self._most = least, most
        self._told = ""
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._paused)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.textChanged.connect(self._written)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)

    def show_text(self, text: str) -> None:
        """Show what is in force, unless it is what was told last: the person may be writing on."""
        if text != self._told:
            self._told = text
            self.set_text(text)

    def tell(self) -> None:
        """Tell what stands there, without waiting for a pause."""
        self._pause.stop()
        text = self.toPlainText()
        if text != self._told:
            self._told = text
            self.rested.emit(text)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.tell()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.tell()

    def sizeHint(self) -> QSize:
        # Of a plain text Qt counts the size of the document in lines.
        lines = max(self._least, min(int(self.document().size().height()), self._most))
        return QSize(200, lines * self.fontMetrics().lineSpacing() + 18)

    def _written(self) -> None:
        if self.toPlainText() == self._told:
            self._pause.stop()
        else:
            self._pause.start()

    def _paused(self) -> None:
        if self._pauses():
            self.tell()

    def _fit(self) -> None:
        self.updateGeometry()


class Fold(QWidget):
    """A line that opens what stands below it; open from the start where `open_now`."""

    opened = Signal()

    def __init__(
        self, themes: ThemeController, words: str, content: QWidget, *, name: str, open_now: bool = False
    ) -> None:
        super().__init__()
        self._content = content
        self._button = Button(
            themes, words, name=name, kind="quiet", icon="chev-right", align_start=True, accessible_name=words
        )
        self._button.clicked.connect(self._turn)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(reaching(self._button, QUIET))
        column.addWidget(content)
        self.set_open(open_now)

    @property
    def is_open(self) -> bool:
        """Whether what stands below can be seen."""
        return not self._content.isHidden()

    def set_open(self, open_now: bool) -> None:
        """Open or close it."""
        self._content.setVisible(open_now)
        self._button.set_icon("chev-down" if open_now else "chev-right")
        self._button.setAccessibleDescription(tr("Open") if open_now else tr("Closed"))

    def _turn(self) -> None:
        self.set_open(not self.is_open)
        if self.is_open:
            self._content.setFocus(Qt.FocusReason.OtherFocusReason)
            self.opened.emit()
