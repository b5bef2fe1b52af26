"""A table of lines of one height, one of them chosen. What a line looks like is for its owner to say."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractItemView, QFrame, QTableView, QWidget


class LineTable(QTableView):
    """A table without a grid, in which nothing is typed and Tab leads out."""

    def __init__(
        self, *, name: str, accessible_name: str, layer: str, row_height: int, parent: QWidget | None = None
    ) -> None:
        """Make it.

        Args:
            name: its objectName.
            accessible_name: what a screen reader calls it.
            layer: the surface it lies on, as the style sheet knows it.
            row_height: of each line, in pixels.
            parent: of the widget.
        """
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(accessible_name)
        self.setProperty("layer", layer)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(row_height)
        self.verticalHeader().setDefaultSectionSize(row_height)
