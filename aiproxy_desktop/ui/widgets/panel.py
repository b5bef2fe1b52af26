"""What stands beside the work: a panel with a title, a way out, and content that scrolls; facts in lines."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLayout, QScrollArea, QVBoxLayout, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.tokens import LAYOUT
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.breaking import breakable
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.focus import tab_stops
from aiproxy_desktop.ui.widgets.labels import ElidedLabel, Label
from aiproxy_desktop.ui.widgets.painting import margins

_PAD = 20
# How far the words of a quiet button and of a check box or a row stand inside it.
QUIET = 11
ROW = 8


class Panel(QFrame):
    """Base of the panels: fill `column`. Emits `closed` at its cross, and on Esc."""

    closed = Signal()

    def __init__(
        self, themes: ThemeController, title: str, *, name: str, parent: QWidget | None = None
    ) -> None:
        """Make an empty one.

        Args:
            themes: to paint with.
            title: what it is about; `set_title` changes it.
            name: its objectName, `<tab>.<room>`; the cross is `<name>.close`.
            parent: of the widget.
        """
        super().__init__(parent)
        self.themes = themes
        self.setObjectName(name)
        self.setProperty("layer", "sidebar")
        self.setMinimumWidth(LAYOUT.inspector)
        self._title = ElidedLabel(title, "title")
        self._close = Button(themes, name=f"{name}.close", kind="quiet", icon="close", tooltip=tr("Close"))
        self._close.clicked.connect(self.closed)
        self.head = QHBoxLayout()
        self.head.setContentsMargins(margins(_PAD, 16, 12, 0))
        self.head.setSpacing(4)
        self.head.addWidget(self._title, 1)
        self.head.addWidget(self._close)
        self.area = QScrollArea()
        self.area.setObjectName(f"{name}.content")
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget()
        inner.setProperty("layer", "sidebar")
        self.column = QVBoxLayout(inner)
        self.column.setContentsMargins(margins(_PAD, 8, _PAD, _PAD))
        self.column.setSpacing(8)
        self.area.setWidget(inner)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(self.head)
        whole.addWidget(self.area, 1)
        self.set_title(title)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._focus_changed)

    def set_title(self, title: str) -> None:
        """Say what it is about."""
        self._title.setText(title)
        self.setAccessibleName(title)

    def focus_start(self) -> None:
        """Put the keyboard where a person begins: the first thing in the content that takes it."""
        stops = tab_stops(self.area)
        (stops[0] if stops else self._close).setFocus(Qt.FocusReason.TabFocusReason)
        self.area.verticalScrollBar().setValue(0)  # with what stands above it

    def keep_in_sight(self, widgets: Sequence[QWidget]) -> None:
        """Scroll to whichever of these the keys reach."""
        for widget in widgets:
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusIn and isinstance(watched, QWidget):
            self.area.ensureWidgetVisible(watched, 0, _PAD)
        return False

    def _focus_changed(self, former: QWidget | None, now: QWidget | None) -> None:
        """What had the keys is gone or at work: they stay in here, where Esc and Tab go on from."""
        inside = former is not None and self.isVisible() and self.isAncestorOf(former)
        if former is None or not inside or (former.isVisible() and former.isEnabled()):
            return
        if now is None or not self.isAncestorOf(now):
            self._close.setFocus(Qt.FocusReason.TabFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
            return
        super().keyPressEvent(event)


class _Value(Label):
    """Ends where the line ends, in either direction of writing."""

    def _align(self) -> None:
        leftwards = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        end = Qt.AlignmentFlag.AlignLeft if leftwards else Qt.AlignmentFlag.AlignRight
        self.setAlignment(end | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter)


class FactRow(QWidget):
    """A name and a value on one line, as every panel lists facts; the value wraps where it is long."""

    def __init__(self, name: str, value: str, *, muted: bool = False) -> None:
        """Show both; `muted` for what is not known."""
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 0, 4)
        row.setSpacing(12)
        shown = _Value(breakable(value), "body", "muted" if muted else "text", wrap=True, tabular=True)
        label = Label(name, "body", "secondary")
        row.addWidget(label, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(shown, 1)
        self.setAccessibleName(f"{name}: {value}")


def reaching(part: QWidget | QLayout, by: int) -> QHBoxLayout:
    """A line for what reaches beyond the text's edges, so that its own padding does not set its words in."""
    line = QHBoxLayout()
    line.setSpacing(0)
    line.addSpacing(-by)
    if isinstance(part, QLayout):
        line.addLayout(part, 1)
    else:
        line.addWidget(part, 1)
    line.addSpacing(-by)
    return line


def inset(by: int) -> QVBoxLayout:
    """Inside of what reaches so far: a column for what stands at the text's edges."""
    column = QVBoxLayout()
    column.setContentsMargins(by, 0, by, 0)
    column.setSpacing(8)
    return column


def rule() -> QFrame:
    """The hairline between two groups of a panel."""
    line = QFrame()
    line.setProperty("edge", "top")
    line.setFixedHeight(1)
    return line


def keep_width(area: QScrollArea, column: QLayout, end: int) -> None:
    """Let a scroll bar take its room from the margin of a column, whose fields keep their width.

    Args:
        area: in which the column scrolls.
        column: its layout.
        end: the margin at its end without a scroll bar, px.
    """

    def fit(_least: int, most: int) -> None:
        taken = area.verticalScrollBar().sizeHint().width() if most > 0 else 0
        now, margin = column.contentsMargins(), max(end - taken, 0)
        if area.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            now.setLeft(margin)
        else:
            now.setRight(margin)
        column.setContentsMargins(now)

    area.verticalScrollBar().rangeChanged.connect(fit)
