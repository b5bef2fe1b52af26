"""The conversation on the chat page: the transcript, made with the first one, and kept in step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from aiproxy_desktop.storage.records import StoredMessage
from aiproxy_desktop.ui.chat.conversation.reading import read_with
from aiproxy_desktop.ui.chat.viewmodel import ChatViewModel
from aiproxy_desktop.ui.theme.controller import ThemeController

if TYPE_CHECKING:
    from aiproxy_desktop.ui.chat.transcript import Transcript, TranscriptMessage


class ConversationPane(QWidget):
    """It shows what the view-model says of one conversation; columns of a comparison are shown elsewhere.

    Signals:
        made(Transcript): there is a transcript now; give it its place among the tab stops.
        asked(): an answer comes; the button that was pressed for it goes away.
        picker_wanted(QWidget, Callable[[str], None]): let the person choose a model beside this widget.
    """

    made = Signal(object)
    asked = Signal()
    picker_wanted = Signal(QWidget, object)

    def __init__(
        self,
        view_model: ChatViewModel,
        themes: ThemeController,
        parent: QWidget | None = None,
        *,
        blob_path: Callable[[str], Path] | None = None,
        exports: Path | None = None,
    ) -> None:
        """Wire it up.

        Args:
            view_model: what it shows.
            themes: the look.
            parent: as ever.
            blob_path: where the bytes of an attachment's hash lie.
            exports: a folder for copies of images that are dragged into other programs.
        """
        super().__init__(parent)
        self._vm = view_model
        self._themes = themes
        self._blob_path = blob_path
        self._exports = exports
        self.transcript: Transcript | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        view_model.branch_shown.connect(self._show_branch)
        view_model.earlier_read.connect(self._show_earlier)
        view_model.message_added.connect(self._add)
        view_model.message_changed.connect(self._change)
        view_model.text_arrived.connect(self._append)
        view_model.message_wanted.connect(self._reveal)
        view_model.zoom_changed.connect(self._show_zoom)

    @property
    def finding(self) -> bool:
        """Whether words are looked for."""
        return self.transcript is not None and self.transcript.finding.active

    def find_words(self) -> None:
        """Look for words."""
        if self.transcript is not None:
            self.transcript.finding.open()

    def stop_finding(self) -> None:
        """Look for nothing any more."""
        if self.transcript is not None:
            self.transcript.finding.close()

    def show_thread(self) -> None:
        """Show the conversation on the page from its end."""
        if self._vm.conversation is not None and self._alone:
            self._now().set_messages([self._shown(message) for message in self._vm.messages])
        elif self.transcript is not None:
            self.transcript.clear()

    # What the view-model says

    @property
    def _alone(self) -> bool:
        return not self._vm.comparing.active

    def _show_branch(self, index: int) -> None:
        if self._alone:
            messages = [self._shown(message) for message in self._vm.messages_from(index)]
            self._now().replace_from(index, messages)
            if index:  # more can be done with a question whose answer is gone
                self._change(self._vm.messages_from(index - 1)[0])

    def _show_earlier(self, messages: Sequence[StoredMessage]) -> None:
        if self._alone:
            self._now().prepend_messages([self._shown(message) for message in messages])

    def _add(self, message: StoredMessage) -> None:
        if self._alone:
            transcript = self._now()
            transcript.append_message(self._shown(message))
            transcript.scroll_to_end()

    def _change(self, message: StoredMessage) -> None:
        if self._alone:
            self._now().update_message(self._shown(message))

    def _append(self, message_id: str, text: str, reasoning: str) -> None:
        if not self._alone:
            return
        transcript = self._now()
        if reasoning:
            transcript.append_reasoning(message_id, reasoning)
        if text:
            transcript.append_text(message_id, text)

    def _reveal(self, message_id: str, words: tuple[str, ...]) -> None:
        if self._alone:
            self._now().reveal_message(message_id, words)

    def _show_zoom(self, zoom: int) -> None:
        if self.transcript is not None:
            self.transcript.set_zoom(zoom)

    def _shown(self, message: StoredMessage) -> TranscriptMessage:
        from aiproxy_desktop.ui.chat.conversation.message_actions import actions_for
        from aiproxy_desktop.ui.chat.conversation.shown import shown

        last = message.id == self._vm.shown.branch.last_id
        actions = actions_for(message, self._vm.is_answering(message), last=last)
        name = self._vm.models.name(message.model)
        return shown(message, name, path_of=self._blob_path, actions=actions)

    # What the person asks of the transcript

    def _now(self) -> Transcript:
        if self.transcript is None:
            # Markdown and its painting are loaded with the first conversation, not with the window.
            from aiproxy_desktop.ui.chat.transcript import Transcript

            self.transcript = made = Transcript(self._themes, exports=self._exports)
            branching = self._vm.branching
            made.retry_requested.connect(self._ask(self._vm.retry))
            made.regenerate_requested.connect(self._regenerate)
            made.another_model_requested.connect(self._pick_another)
            made.continue_requested.connect(self._ask(branching.resume))
            made.edit_submitted.connect(self._vm.edit)
            made.branch_requested.connect(branching.branch)
            made.delete_requested.connect(branching.delete)
            made.version_requested.connect(branching.show_version)
            read_with(made, self._vm, self)
            self._layout.addWidget(made)
            self.made.emit(made)
        return self.transcript

    def _ask(self, work: Callable[[str], None]) -> Callable[[str], None]:
        def run(answer_id: str) -> None:
            self.asked.emit()
            work(answer_id)

        return run

    def _regenerate(self, answer_id: str, model: str) -> None:
        self.asked.emit()
        self._vm.branching.regenerate(answer_id, model or None)

    def _pick_another(self, answer_id: str, anchor: QWidget) -> None:
        self.picker_wanted.emit(anchor, partial(self._regenerate, answer_id))
