"""What stands in the grid's place while there is nothing in it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import Label

_WIDTH = 420


class GalleryEmpty(QFrame):
    """One line what is absent, one line what to do, one button: `acted`."""

    acted = Signal()

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("images.gallery.empty")
        self.setProperty("layer", "surface")
        self._title = Label("", "body_strong")
        self._text = Label("", "body", "muted", wrap=True)
        self.button = Button(themes, tr("Clear search and filters"), name="images.gallery.empty.clear")
        self.button.clicked.connect(self.acted)
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addStretch(2)
        for label in (self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setFixedWidth(_WIDTH)
            column.addWidget(label, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(4)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)

    def show_state(self, *, narrowed: bool) -> None:
        """Nothing fits what is asked for, or nothing is there at all."""
        if narrowed:
            self._title.setText(tr("No image matches"))
            self._text.setText(tr("Search for other words, or take a filter away."))
        else:
            self._title.setText(tr("No images yet"))
            self._text.setText(
                tr("Write what you want to see in Generate, or drop a picture here to change it in Edit.")
            )
        self.button.setVisible(narrowed)
