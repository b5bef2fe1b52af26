"""The line of figures above a column."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from aiproxy_desktop.ui.chat.compare.figures import facts_that_fit
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.widgets.labels import ElidedLabel


class FactsLine(ElidedLabel):
    """Where a column is narrow, what it took and what it cost stay; the tooltip has the rest."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__("", "meta", "muted", parent=parent)
        self.setObjectName(name)
        self.setFont(font("meta", tabular=True))

    def shown_text(self) -> str:
        metrics, width = self.fontMetrics(), self.width()
        line = facts_that_fit(self.text(), lambda text: metrics.horizontalAdvance(text) <= width)
        return metrics.elidedText(line, Qt.TextElideMode.ElideRight, width)
