"""The transcript of a voice session."""

from __future__ import annotations

from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from aiproxy_desktop.services.voice.values import VoiceTurn
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.voice.viewmodel import VoiceViewModel


class VoiceTranscript(QWidget):
    """What was said so far."""

    def __init__(
        self, themes: ThemeController, view_model: VoiceViewModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._view_model = view_model
        self.setObjectName("voice.transcript")
        self.setAccessibleName(tr("Conversation"))
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        QVBoxLayout(self).addWidget(self._text)
        view_model.entries_changed.connect(self._show)

    def _show(self) -> None:
        self._text.setPlainText(
            "\n".join(entry.text for entry in self._view_model.entries if isinstance(entry, VoiceTurn))
        )
