"""A field of entries, one a line, with what is wrong below."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from aiproxy_desktop.ui.widgets.labels import Label, set_property
from aiproxy_desktop.ui.widgets.text_area import TextArea


class LinesField(QWidget):
    """Label above, help or a refusal below. `edited` tells of what the person typed, not of `set_lines`."""

    edited = Signal()

    def __init__(
        self, label: str, help_text: str, *, name: str, placeholder: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._help = help_text
        self._filling = False
        self.area = TextArea(name=name, accessible_name=label, placeholder=placeholder, lines=2)
        self._message = Label("", "meta", "muted", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        caption = Label(label, "meta", "secondary")
        caption.setBuddy(self.area)
        column.addWidget(caption)
        column.addWidget(self.area)
        column.addWidget(self._message)
        self.area.textChanged.connect(self._changed)
        self.set_error("")

    @property
    def text(self) -> str:
        """As typed."""
        return self.area.toPlainText()

    def set_lines(self, lines: tuple[str, ...]) -> None:
        """Show these entries."""
        self._filling = True
        self.area.set_text("\n".join(lines))
        self._filling = False
        self.set_error("")

    def set_error(self, sentence: str) -> None:
        """Say what is wrong, or with an empty text that nothing is."""
        set_property(self.area, "invalid", bool(sentence))
        self._message.setText(sentence or self._help)
        self._message.set_tone("danger" if sentence else "muted")
        self.area.setAccessibleDescription(sentence or self._help)

    def _changed(self) -> None:
        if not self._filling:
            self.set_error("")
            self.edited.emit()
