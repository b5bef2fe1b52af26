"""The page of columns: a header, the question, and a column for each model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from aiproxy_desktop.storage.records import StoredMessage
from aiproxy_desktop.ui.chat.compare.column import ColumnView
from aiproxy_desktop.ui.chat.compare.comparing import Comparing
from aiproxy_desktop.ui.chat.compare.figures import badges
from aiproxy_desktop.ui.chat.compare.header import CompareHeader
from aiproxy_desktop.ui.chat.compare.host import GAP, SIDE
from aiproxy_desktop.ui.chat.compare.scrolling import ScrollTogether
from aiproxy_desktop.ui.chat.models.choice import ModelChoice
from aiproxy_desktop.ui.chat.transcript import Transcript
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.translation import tr, tr_count
from aiproxy_desktop.ui.widgets.focus import has_focus_inside
from aiproxy_desktop.ui.widgets.labels import ElidedLabel, Label
from aiproxy_desktop.ui.widgets.painting import rounded

_TICK_MS = 250
_QUESTION = 40


class CompareView(QWidget):
    """Keeps the columns in step with what is compared."""

    made = Signal(object)  # Transcript: of one more column
    kept = Signal(int)  # which column

    def __init__(
        self,
        themes: ThemeController,
        comparing: Comparing,
        models: ModelChoice,
        parent: QWidget | None = None,
        *,
        path_of: Callable[[str], Path] | None = None,
        exports: Path | None = None,
    ) -> None:
        """Make it.

        Args:
            themes: the look.
            comparing: what is compared.
            models: what models are called.
            parent: of the widget.
            path_of: where the bytes of an attachment's hash lie.
            exports: a folder for copies of images that are dragged into other programs.
        """
        super().__init__(parent)
        self._themes = themes
        self._path_of = path_of
        self._exports = exports
        self._comparing = comparing
        self._models = models
        self.columns: list[ColumnView] = []
        self.setObjectName("chat.compare")
        self.setAccessibleName(tr("Models side by side"))
        self.header = CompareHeader(themes, self)
        self._question = _Question(themes, self)
        self._empty = Label("", "body", "muted", wrap=True, parent=self)
        self._empty.setObjectName("chat.compare.empty")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._row_widget = QWidget()
        self._row_widget.setProperty("scrolled", True)
        self._row = QHBoxLayout(self._row_widget)
        self._row.setContentsMargins(SIDE, GAP, SIDE, GAP)
        self._row.setSpacing(GAP)
        self._area = QScrollArea(self)
        self._area.setObjectName("chat.compare.columns")
        self._area.setAccessibleName(tr("Columns"))
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(self._row_widget)
        self._scrolling = ScrollTogether(self)
        self._tick = QTimer(self, interval=_TICK_MS)
        self._tick.timeout.connect(self._show_figures)
        self._lay_out()
        comparing.changed.connect(self.show_all)
        comparing.message_changed.connect(self._change_message)
        comparing.text_arrived.connect(self._append)
        models.changed.connect(self._show_names)
        self.header.together.toggled.connect(self._set_together)
        self.show_all()

    def show_all(self) -> None:
        """Read everything again."""
        shown = self._comparing.columns
        while len(self.columns) > len(shown):
            self._drop(self.columns.pop())
        while len(self.columns) < len(shown):
            self._add(len(self.columns))
        for view, column in zip(self.columns, shown, strict=True):
            view.show_column(column)
            view.transcript.scroll_to_end()
        question = self._comparing.question
        self._question.setVisible(question is not None and bool(shown))
        self._question.show_message(question)
        self._empty.setVisible(not shown)
        self._area.setVisible(bool(shown))
        self._empty.setText(
            tr("The next question goes to all models below, with all that was said.\nChoose two to four.")
            if self._comparing.begun
            else tr("Nothing is compared yet.\nChoose two to four models below, and ask all of them at once.")
        )
        self.header.together.setChecked(self._comparing.together)
        self.header.together.setVisible(bool(shown))
        self._scrolling.follow([view.transcript for view in self.columns])
        self._show_names()
        self._show_figures()

    def focus_stops(self) -> list[QWidget]:
        """The transcripts, for F6."""
        return [view.transcript for view in self.columns]

    def reading(self) -> Transcript | None:
        """The transcript that the keyboard is in, else the first."""
        inside = (view.transcript for view in self.columns if has_focus_inside(view))
        return next(inside, self.columns[0].transcript if self.columns else None)

    def stop_finding(self) -> bool:
        """Look for no words any more, in any column; whether some were looked for."""
        found = [view.transcript for view in self.columns if view.transcript.finding.active]
        for transcript in found:
            transcript.finding.close()
        return bool(found)

    def reveal(self, message_id: str, words: Sequence[str]) -> None:
        """Bring a message into view, the words in it marked."""
        for view in self.columns:
            view.transcript.finding.forget()
            if view.transcript.column.index_of(message_id) is not None:
                view.transcript.reveal_message(message_id, words)

    def _add(self, place: int) -> None:
        view = ColumnView(self._themes, place, self._row_widget, path_of=self._path_of, exports=self._exports)
        comparing = self._comparing
        view.keep_wanted.connect(lambda: self.kept.emit(place))
        view.stop_wanted.connect(lambda: comparing.stop(place))
        view.again_wanted.connect(lambda: comparing.ask_again(place))
        view.more_wanted.connect(lambda: comparing.go_on(place))
        self.columns.append(view)
        self._row.addWidget(view, 1)
        self.made.emit(view.transcript)

    def _drop(self, view: ColumnView) -> None:
        self._row.removeWidget(view)
        view.hide()
        view.deleteLater()

    def _change_message(self, place: int, message: StoredMessage) -> None:
        if place < len(self.columns):
            self.columns[place].show_message(message)
            self._show_figures()

    def _append(self, place: int, message_id: str, text: str, reasoning: str) -> None:
        if place < len(self.columns):
            self.columns[place].append(message_id, text, reasoning)

    def _show_names(self) -> None:
        for view, column in zip(self.columns, self._comparing.columns, strict=False):
            view.show_names(self._models.name(column.model), self._models.provider(column.model))

    def _show_figures(self) -> None:
        """Four times a second at most: figures that change faster are read by nobody."""
        now = datetime.now(UTC)
        answers = self._comparing.answers
        for view, badge in zip(self.columns, badges(answers, now), strict=False):
            view.show_figures(badge, now)
        writing = any(answer.status == "streaming" for answer in answers)
        if writing and not self._tick.isActive():
            self._tick.start()
        elif not writing:
            self._tick.stop()

    def _set_together(self, together: bool) -> None:
        self._comparing.together = together
        self._scrolling.enabled = together

    def _lay_out(self) -> None:
        asked = QHBoxLayout()
        asked.setContentsMargins(SIDE, GAP, SIDE, 0)
        asked.addWidget(self._question)
        asked.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addLayout(asked)
        column.addWidget(self._empty, 1)
        column.addWidget(self._area, 1)


class _Question(QFrame):
    """The question in a bubble, on one line; its tooltip has the whole."""

    def __init__(self, themes: ThemeController, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes
        self.setObjectName("chat.compare.question")
        self.setFixedHeight(_QUESTION)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._text = ElidedLabel("", "reading", parent=self)
        self._text.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 0)
        self._files = Label("", "meta", "muted", parent=self)
        row.setSpacing(12)
        row.addWidget(self._text)
        row.addWidget(self._files)

    def show_message(self, question: StoredMessage | None) -> None:
        """Show this question, and how much went with it."""
        text = "" if question is None else question.text
        files = 0 if question is None else len(question.attachments)
        said = tr_count("{n} attachment", "{n} attachments", files) if files else ""
        self._text.setText(" ".join(text[:2000].split()))
        self._files.setText(said)
        self._files.setVisible(bool(said))
        self.setAccessibleName(
            tr("Question: {text}", text=", ".join(filter(None, (self._text.text(), said))))
        )
        self._text.updateGeometry()

    def paintEvent(self, _event: QPaintEvent) -> None:
        rounded(QPainter(self), QRectF(self.rect()), RADIUS.l, self._themes.theme.bubble)
