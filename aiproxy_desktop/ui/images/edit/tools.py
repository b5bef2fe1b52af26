"""The column of tools beside the canvas."""

from __future__ import annotations

from typing import NamedTuple, get_args

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QSizePolicy, QVBoxLayout, QWidget

from aiproxy_desktop.ui.images.canvas.tools import Tool as CanvasTool
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import PaintedButton
from aiproxy_desktop.ui.widgets.labels import set_tooltip
from aiproxy_desktop.ui.widgets.painting import mirrored, rounded

_WIDTH = 144
_NARROW = 52
_ROW = 36
_PAD = 10
_ICON = 20
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class Tool(NamedTuple):
    """One tool: its name on the canvas, its word, its icon, its key; `begins` a new group of the column."""

    id: str
    title: str
    icon: str
    key: str
    begins: bool = False


def tools() -> tuple[Tool, ...]:
    """All of them, in their order."""
    return (
        Tool("brush", tr("Brush"), "brush-20", "B"),
        Tool("eraser", tr("Eraser"), "eraser-20", "E"),
        Tool("rectangle", tr("Rectangle"), "rect-20", "R"),
        Tool("lasso", tr("Lasso"), "lasso-20", "L"),
        Tool("fill", tr("Fill"), "fill-20", "G"),
        Tool("crop", tr("Crop"), "crop-20", "C", begins=True),
        Tool("extend", tr("Extend"), "extend-20", "X"),
        Tool("pan", tr("Pan"), "hand-20", tr("Space"), begins=True),
    )


def tool_named(name: str) -> CanvasTool:
    """The canvas's own word for it; the brush where there is none."""
    return next((tool for tool in get_args(CanvasTool) if tool == name), "brush")


class _ToolRow(PaintedButton):
    def __init__(self, themes: ThemeController, tool: Tool, parent: QWidget) -> None:
        super().__init__(themes, tool.title, name=f"images.tool.{tool.id}", parent=parent)
        self._tool = tool
        self.bare = False
        self.setCheckable(True)
        self.setFont(font("body"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleDescription(tr("Key {key}", key=tool.key))

    def sizeHint(self) -> QSize:
        return QSize((_NARROW if self.bare else _WIDTH) - 16, _ROW)

    def set_bare(self, bare: bool) -> None:
        """Show the icon alone; what it is and its key are its tooltip then."""
        self.bare = bare
        set_tooltip(self, tr("{tool} ({key})", tool=self.text(), key=self._tool.key) if bare else "")
        self.updateGeometry()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, painter = self.theme, QPainter(self)
        if self.isChecked():
            rounded(painter, QRectF(self.rect()), RADIUS.s, theme.mixed.sidebar_selected)
        elif (overlay := self.overlay()) is not None:
            rounded(painter, QRectF(self.rect()), RADIUS.s, overlay)
        on = self.isChecked()
        ink = theme.accent_ink if on else theme.text_secondary if self.isEnabled() else theme.text_disabled
        icon = QRect((self.width() - _ICON) // 2 if self.bare else _PAD, (_ROW - _ICON) // 2, _ICON, _ICON)
        pixmap = icon_pixmap(self._tool.icon, ink, _ICON, self.devicePixelRatioF())
        painter.drawPixmap(mirrored(self, icon).topLeft(), pixmap)
        if not self.bare:
            self._write(painter, ink)

    def _write(self, painter: QPainter, ink: str) -> None:
        theme, on = self.theme, self.isChecked()
        painter.setFont(font("body_medium" if on else "body"))
        painter.setPen(QColor(theme.text if on and self.isEnabled() else ink))
        start = _PAD + _ICON + 8
        text = mirrored(self, QRect(start, 0, self.width() - start, _ROW))
        leading = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
        painter.drawText(text, leading, self.text())
        painter.setFont(font("caption"))
        painter.setPen(QColor(theme.text_muted if self.isEnabled() else theme.text_disabled))
        trailing = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignTrailing
        painter.drawText(self.rect().adjusted(8, 0, -8, 0), trailing, self._tool.key)


class ToolColumn(QFrame):
    """Choose a tool; the arrows move, Tab passes it in one step.

    Signals:
        chosen(str): a tool's name.
    """

    chosen = Signal(str)

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("images.tools")
        self.setAccessibleName(tr("Tools"))
        self.setProperty("layer", "sidebar")
        self.setProperty("edge", "end")
        self.setFixedWidth(_WIDTH)
        self._group = QButtonGroup(self)
        self._rows: dict[str, _ToolRow] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(2)
        for tool in tools():
            if tool.begins:
                column.addSpacing(4)
                column.addWidget(_hairline())
                column.addSpacing(4)
            row = _ToolRow(themes, tool, self)
            row.clicked.connect(lambda _checked=False, name=tool.id: self.chosen.emit(name))
            self._group.addButton(row)
            self._rows[tool.id] = row
            column.addWidget(row)
        column.addStretch(1)

    def set_narrow(self, narrow: bool) -> None:
        """Show icons alone, which leaves the canvas more room."""
        self.setFixedWidth(_NARROW if narrow else _WIDTH)
        for row in self._rows.values():
            row.set_bare(narrow)

    def show_tool(self, name: str) -> None:
        """Mark the tool in hand."""
        self._rows[name].setChecked(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        rows = list(self._rows.values())
        step = _STEPS.get(Qt.Key(event.key()))
        at = next((place for place, row in enumerate(rows) if row.hasFocus()), None)
        if step is None or at is None:
            super().keyPressEvent(event)
            return
        target = rows[(at + step) % len(rows)]
        target.setFocus(Qt.FocusReason.TabFocusReason)
        target.click()


def _hairline() -> QFrame:
    line = QFrame()
    line.setProperty("edge", "top")
    line.setFixedHeight(1)
    return line
