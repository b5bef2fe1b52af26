"""One column: whose answer, how far, how fast and how dear; the answer; what can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from aiproxy_desktop.storage.records import StoredMessage
from aiproxy_desktop.ui.chat.compare.badge import BadgeView
from aiproxy_desktop.ui.chat.compare.comparing import CompareColumn
from aiproxy_desktop.ui.chat.compare.facts_line import FactsLine
from aiproxy_desktop.ui.chat.compare.figures import Badge, column_facts
from aiproxy_desktop.ui.chat.compare.host import COLUMN_LEAST
from aiproxy_desktop.ui.chat.conversation.message_actions import can_go_on
from aiproxy_desktop.ui.chat.conversation.shown import shown
from aiproxy_desktop.ui.chat.transcript import Transcript, TranscriptMessage
from aiproxy_desktop.ui.chat.transcript.messages import MessageAction
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import ElidedLabel, set_tooltip
from aiproxy_desktop.ui.widgets.painting import rounded

_HEADER = 68
_FOOTER = 44
_PAD = 16


class ColumnView(QFrame):
    """Emits what the person wants of this column; shows what it is told."""

    keep_wanted = Signal()
    stop_wanted = Signal()
    again_wanted = Signal()
    more_wanted = Signal()

    def __init__(
        self,
        themes: ThemeController,
        place: int,
        parent: QWidget | None = None,
        *,
        path_of: Callable[[str], Path] | None = None,
        exports: Path | None = None,
    ) -> None:
        """Make it.

        Args:
            themes: the look.
            place: which column it is, from 0.
            parent: of the widget.
            path_of: where the bytes of an attachment's hash lie.
            exports: a folder for copies of images that are dragged into other programs.
        """
        super().__init__(parent)
        self._path_of = path_of
        self._themes = themes
        self._answer: StoredMessage | None = None
        number = place + 1
        self.setObjectName(f"chat.compare.column.{number}")
        self.setMinimumWidth(COLUMN_LEAST)
        self._model = ElidedLabel("", "reading_strong", parent=self)
        self._model.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._provider = ElidedLabel("", "meta", "muted", parent=self)
        self.badge = BadgeView(themes, f"chat.compare.badge.{number}", self)
        self._facts = FactsLine(f"chat.compare.facts.{number}", self)
        self.transcript = Transcript(themes, self, on_card=True, exports=exports)
        self.transcript.setObjectName(f"chat.compare.transcript.{number}")
        self.keep = Button(
            themes, tr("Keep this"), name=f"chat.compare.keep.{number}", icon="check", parent=self
        )
        set_tooltip(self.keep, f"Ctrl+Alt+{number}")
        self.copy = Button(
            themes, tr("Copy"), name=f"chat.compare.copy.{number}", kind="quiet", icon="copy", parent=self
        )
        self.again = Button(
            themes,
            tr("Ask again"),
            name=f"chat.compare.again.{number}",
            kind="quiet",
            icon="refresh",
            parent=self,
        )
        self.stop = Button(themes, tr("Stop"), name=f"chat.compare.stop.{number}", icon="stop", parent=self)
        self._lay_out()
        self.keep.clicked.connect(self.keep_wanted)
        self.stop.clicked.connect(self.stop_wanted)
        self.again.clicked.connect(self.again_wanted)
        self.copy.clicked.connect(self._copy)
        self.transcript.retry_requested.connect(self.again_wanted)
        self.transcript.continue_requested.connect(self.more_wanted)

    def show_column(self, column: CompareColumn) -> None:
        """Show another answer, or another conversation above it."""
        last = column.answer.id
        self.transcript.set_messages(
            [self._shown(message, message.id == last) for message in column.messages]
        )
        self._take(column.answer)

    def show_names(self, model: str, provider: str) -> None:
        """Say whose column it is."""
        if (model, provider) == (self._model.text(), self._provider.text()):
            return
        self._model.setText(model)
        self._model.updateGeometry()
        self._provider.setText(provider)
        self.setAccessibleName(tr("Answer of {model}", model=model))
        self.transcript.setAccessibleName(tr("Answer of {model}", model=model))
        for button, words in (
            (self.keep, tr("Keep the answer of {model}", model=model)),
            (self.copy, tr("Copy the answer of {model}", model=model)),
            (self.again, tr("Ask {model} again", model=model)),
            (self.stop, tr("Stop {model}", model=model)),
        ):
            button.setAccessibleName(words)

    def show_message(self, message: StoredMessage) -> None:
        """The answer changed."""
        self.transcript.update_message(self._shown(message, last=True))
        self._take(message)

    def append(self, message_id: str, text: str, reasoning: str) -> None:
        """More of the answer."""
        if reasoning:
            self.transcript.append_reasoning(message_id, reasoning)
        if text:
            self.transcript.append_text(message_id, text)

    def show_figures(self, badge: Badge, now: datetime) -> None:
        """How far it is, and the line of figures."""
        self.badge.set_badge(badge)
        if self._answer is not None:
            facts = column_facts(self._answer, now)
            if facts != self._facts.text():
                self._facts.setText(facts)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._themes.theme
        painter = QPainter(self)
        rounded(painter, QRectF(self.rect()), RADIUS.l, theme.surface_raised, theme.border)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(theme.border)
        for line in (_HEADER, self.height() - _FOOTER - 1):
            painter.drawLine(1, line, self.width() - 2, line)

    def _take(self, answer: StoredMessage) -> None:
        writing = answer.status == "streaming"
        self._answer = answer
        self.keep.setEnabled(not writing)
        self.copy.setVisible(not writing)
        self.copy.setEnabled(bool(answer.text))
        focused = self.stop.hasFocus() or self.again.hasFocus()
        self.again.setVisible(not writing)
        self.stop.setVisible(writing)
        if focused:  # the button that was pressed went away
            (self.stop if writing else self.again).setFocus(Qt.FocusReason.OtherFocusReason)

    def _shown(self, message: StoredMessage, last: bool) -> TranscriptMessage:
        """As in a conversation, but for the versions beside it, which are the other columns."""
        actions: Sequence[MessageAction] = ("copy", "continue") if last and can_go_on(message) else ("copy",)
        plain = replace(shown(message, "", path_of=self._path_of, actions=actions), version=0, versions=1)
        return replace(plain, footer="") if last else plain

    def _copy(self) -> None:
        if self._answer is not None:
            index = self.transcript.column.index_of(self._answer.id)
            if index is not None:
                self.transcript.copy_message(index)

    def _lay_out(self) -> None:
        name = QHBoxLayout()
        name.setSpacing(8)
        name.addWidget(self._model)
        name.addWidget(self._provider, 1)
        name.addWidget(self.badge)
        header = QWidget(self)
        header.setFixedHeight(_HEADER)
        lines = QVBoxLayout(header)
        lines.setContentsMargins(_PAD, 12, _PAD, 10)
        lines.setSpacing(2)
        lines.addLayout(name)
        lines.addWidget(self._facts)
        footer = QWidget(self)
        footer.setFixedHeight(_FOOTER)
        buttons = QHBoxLayout(footer)
        buttons.setContentsMargins(8, 0, 8, 0)
        buttons.setSpacing(4)
        buttons.addWidget(self.keep)
        buttons.addWidget(self.copy)
        buttons.addStretch(1)
        buttons.addWidget(self.again)
        buttons.addWidget(self.stop)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(header)
        column.addWidget(self.transcript, 1)
        column.addWidget(footer)
