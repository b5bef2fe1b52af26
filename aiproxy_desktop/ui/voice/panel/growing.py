"""Text areas of the panel: as high as what is written, folded away while there is nothing."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QHideEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.theme.tokens import CONTROL
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import PaintedButton
from aiproxy_desktop.ui.widgets.painting import mirrored
from aiproxy_desktop.ui.widgets.text_area import TextArea

_PAUSE_MS = 1000
_ICON, _GAP = 16, 4


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
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
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

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()  # lines break elsewhere, of which Qt does not tell

    def sizeHint(self) -> QSize:
        lines = max(self._least, min(self._lines_there(), self._most))
        return QSize(200, lines * self.fontMetrics().lineSpacing() + 18)

    def _lines_there(self) -> int:
        # Of a plain text Qt counts the size of the document in lines.
        return int(self.document().size().height())

    def _written(self) -> None:
        if self.toPlainText() == self._told:
            self._pause.stop()
        else:
            self._pause.start()

    def _paused(self) -> None:
        if self._pauses():
            self.tell()

    def _fit(self) -> None:
        scrolls = self._lines_there() > self._most
        # A bar that is there for a moment would break the lines elsewhere, and so on.
        needed, off = Qt.ScrollBarPolicy.ScrollBarAsNeeded, Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(needed if scrolls else off)
        self.updateGeometry()


class Fold(QWidget):
    """A field whose name opens and closes it."""

    def __init__(
        self, themes: ThemeController, words: str, content: QWidget, *, name: str, open_now: bool = False
    ) -> None:
        super().__init__()
        self._content = content
        self.button = _FoldButton(themes, words, name=name)
        self.button.clicked.connect(self._turn)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.button)
        column.addWidget(content)
        self.set_open(open_now)

    @property
    def is_open(self) -> bool:
        """Whether what stands below can be seen."""
        return not self._content.isHidden()

    def set_open(self, open_now: bool) -> None:
        """Open or close it."""
        self._content.setVisible(open_now)
        self.button.show_open(open_now)

    def _turn(self) -> None:
        self.set_open(not self.is_open)
        if self.is_open:
            self._content.setFocus(Qt.FocusReason.OtherFocusReason)


class _FoldButton(PaintedButton):
    """Looks like the name of any other field, with an arrow before it."""

    def __init__(self, themes: ThemeController, words: str, *, name: str) -> None:
        super().__init__(themes, words, name=name)
        self._icon = "chev-right"
        self.setFont(font("meta"))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_open(self, open_now: bool) -> None:
        """Turn the arrow."""
        leftwards = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        self._icon = "chev-down" if open_now else "chev-left" if leftwards else "chev-right"
        self.setAccessibleDescription(tr("Open") if open_now else tr("Closed"))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(_ICON + _GAP + self.fontMetrics().horizontalAdvance(self.text()) + 4, CONTROL.hit_min)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, painter = self.theme, QPainter(self)
        ink = theme.text if self.underMouse() else theme.text_secondary
        box = mirrored(self, QRect(-2, (self.height() - _ICON) // 2, _ICON, _ICON))
        painter.drawPixmap(box.topLeft(), icon_pixmap(self._icon, ink, _ICON, self.devicePixelRatioF()))
        painter.setFont(self.font())
        painter.setPen(ink)
        start = _ICON + _GAP - 2
        box = mirrored(self, QRect(start, 0, self.width() - start, self.height()))
        painter.setLayoutDirection(self.layoutDirection())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading, self.text())
