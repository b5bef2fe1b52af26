"""How images are written to files: format, quality, with or without what is known of them."""

from __future__ import annotations

from typing import get_args

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from aiproxy_desktop.services.images.exporting import ExportFormat, ExportOptions
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr, tr_count
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.check_box import CheckBox
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.segmented import Segmented
from aiproxy_desktop.ui.widgets.slider import Slider

_WIDTH = 328


class ExportForm(QWidget):
    """The content of a popover. Emits `wanted` with the options.

    Its last options are there again the next time: hand them to the next form.
    """

    wanted = Signal(object)  # ExportOptions
    resized = Signal()

    def __init__(self, themes: ThemeController, count: int, options: ExportOptions) -> None:
        """Make it for `count` images."""
        super().__init__()
        name = "images.gallery.export"
        self.setObjectName(name)
        self.setFixedWidth(_WIDTH)
        title = tr_count("Export {n} image", "Export {n} images", count) if count > 1 else tr("Export image")
        formats = (("original", tr("Original")), ("png", "PNG"), ("jpeg", "JPEG"), ("webp", "WebP"))
        self.format = Segmented(themes, formats, name=f"{name}.format", accessible_name=tr("Format"))
        self.format.set_value(options.format)
        self.quality = Slider(themes, name=f"{name}.quality", accessible_name=tr("Quality"))
        self.quality.setRange(1, 100)
        self.quality.setValue(options.quality)
        self._figure = Label("", "body", "secondary", tabular=True)
        self._quality_row = QWidget()
        row = QHBoxLayout(self._quality_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(Label(tr("Quality"), "body", "secondary"))
        row.addWidget(self.quality, 1)
        row.addWidget(self._figure)
        self.metadata = CheckBox(
            themes,
            tr("Write prompt, model and settings into it"),
            name=f"{name}.metadata",
            on=options.metadata,
        )
        self._note = Label("", "meta", "muted", wrap=True)
        words = tr("Choose a folder") if count > 1 else tr("Save as")
        self.go = Button(themes, f"{words}…", name=f"{name}.go", kind="primary")
        self._lay_out(title)
        self.format.chosen.connect(self._show)
        self.quality.valueChanged.connect(self._show)
        self.go.clicked.connect(lambda: self.wanted.emit(self.options))
        self._show()

    @property
    def options(self) -> ExportOptions:
        """As they are set."""
        chosen = next(kind for kind in get_args(ExportFormat) if kind == self.format.value)
        return ExportOptions(chosen, self.quality.value(), self.metadata.isChecked())

    def _lay_out(self, title: str) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(10)
        column.addWidget(Label(title, "body_strong"))
        column.addWidget(self.format)
        column.addWidget(self._quality_row)
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.addSpacing(-8)  # its box stands at the others' edge
        line.addWidget(self.metadata, 1)
        column.addLayout(line)
        column.addWidget(self._note)
        end = QHBoxLayout()
        end.addStretch(1)
        end.addWidget(self.go)
        column.addLayout(end)

    def _show(self) -> None:
        kind = self.format.value
        self._quality_row.setVisible(kind in {"jpeg", "webp"})
        self.metadata.setVisible(kind != "original")
        self._figure.setText(f"{self.quality.value()}")
        said = {
            "original": tr("The file as it came, byte for byte."),
            "jpeg": tr("What is see-through becomes white."),
        }.get(kind, "")
        self._note.setText(said)
        self._note.setVisible(bool(said))
        self.resized.emit()
