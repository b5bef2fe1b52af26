"""Labels: always plain text, in a step of the type scale and a tone of the theme."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.tokens import TYPE, TypeName
from aiproxy_desktop.ui.widgets.painting import elided

Tone = Literal["text", "secondary", "muted", "disabled", "accent", "danger", "warning", "success"]

_SIDES = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignRight


def repolish(widget: QWidget) -> None:
    """Let the style sheet look again at a widget whose dynamic property changed."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()


def set_property(widget: QWidget, name: str, value: object) -> None:
    """Set a dynamic property the style sheet selects by."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        repolish(widget)


def plain_tooltip(text: str) -> str:
    """What Qt shows as this text; some texts it would take for HTML."""
    return f"<span>{text.replace('&', '&amp;').replace('<', '&lt;')}</span>" if "<" in text else text


def set_tooltip(widget: QWidget, text: str) -> None:
    """A tooltip that shows its text as it is."""
    text = plain_tooltip(text)
    if text != widget.toolTip():
        widget.setToolTip(text)


class Label(QLabel):
    """One text. `wrap` lets it grow downwards."""

    def __init__(
        self,
        text: str = "",
        style: TypeName = "body",
        tone: Tone = "text",
        *,
        wrap: bool = False,
        tabular: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(font(style, tabular=tabular))
        self.setProperty("tone", tone)
        self.setWordWrap(wrap)
        self.setMinimumHeight(TYPE[style].line_height)
        self.setText(text)
        self._align()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._align()

    def _align(self) -> None:
        """Begin where the window begins, whatever the text's own direction is: QLabel goes by the text."""
        side = self.alignment() & Qt.AlignmentFlag.AlignHorizontal_Mask
        if side & ~(_SIDES | Qt.AlignmentFlag.AlignAbsolute):
            return
        leftwards = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        begin = Qt.AlignmentFlag.AlignRight if leftwards else Qt.AlignmentFlag.AlignLeft
        rest = self.alignment() & ~Qt.AlignmentFlag.AlignHorizontal_Mask
        self.setAlignment(rest | begin | Qt.AlignmentFlag.AlignAbsolute)

    def set_tone(self, tone: Tone) -> None:
        """Change the colour."""
        set_property(self, "tone", tone)


class ElidedLabel(Label):
    """A label of one line that ends in an ellipsis where it does not fit; the tooltip has the whole."""

    def __init__(
        self,
        text: str = "",
        style: TypeName = "body",
        tone: Tone = "text",
        *,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, style, tone, parent=parent)
        self._mode = mode
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def shown_text(self) -> str:
        """What stands there: as much as fits."""
        return self.fontMetrics().elidedText(self.text(), self._mode, self.width())

    def paintEvent(self, _event: QPaintEvent) -> None:
        shown = self.shown_text()
        set_tooltip(self, self.text() if shown != self.text() else "")
        painter = QPainter(self)
        # The style sheet keeps the tone in the palette of the widget once it is polished.
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        fitting = elided(self.fontMetrics(), self.text(), self.width(), self._mode)
        painter.drawText(self.rect(), self.alignment() | Qt.AlignmentFlag.AlignVCenter, fitting)
