"""The chat tab: sidebar, header, transcript or first page, composer. It only shows and asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from aiproxy_desktop.storage.records import StoredMessage
from aiproxy_desktop.ui.chat.composer import Composer
from aiproxy_desktop.ui.chat.facts import conversation_totals, total_cost
from aiproxy_desktop.ui.chat.first_run import Suggestions, Welcome
from aiproxy_desktop.ui.chat.layout import Centred, Header
from aiproxy_desktop.ui.chat.page_actions import chat_actions
from aiproxy_desktop.ui.chat.sidebar import Sidebar
from aiproxy_desktop.ui.chat.viewmodel import ChatViewModel
from aiproxy_desktop.ui.chat.welcome import InfoRow
from aiproxy_desktop.ui.shell.actions import Action
from aiproxy_desktop.ui.shell.page import PageWidget
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.tokens import LAYOUT
from aiproxy_desktop.ui.widgets.banner import Banner
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.popover import Popover
from aiproxy_desktop.ui.widgets.toast import ToastMessage

if TYPE_CHECKING:
    from aiproxy_desktop.ui.chat.model_picker import ModelPicker
    from aiproxy_desktop.ui.chat.transcript import Transcript, TranscriptMessage

_WELCOME_WIDTH = 640
_BOTTOM = 16
_ABOVE_COMPOSER = 8
_SETTINGS = "settings.providers"


class ChatPage(PageWidget):
    """The widgets of the chat tab, kept in step with a view-model."""

    def __init__(
        self,
        view_model: ChatViewModel,
        themes: ThemeController,
        parent: QWidget | None = None,
        *,
        blob_path: Callable[[str], Path] | None = None,
        exports: Path | None = None,
    ) -> None:
        """Make it.

        Args:
            view_model: what it shows.
            themes: the look.
            parent: as ever.
            blob_path: where the bytes of an attachment's hash lie.
            exports: a folder for copies of images that are dragged into other programs.
        """
        super().__init__(parent)
        self._blob_path = blob_path
        self._exports = exports
        self._vm = view_model
        self._themes = themes
        self._transcript: Transcript | None = None
        self._popover: Popover | None = None
        self._picker: ModelPicker | None = None
        self.setObjectName("chat.page")
        self.sidebar = Sidebar(themes, view_model.history, self)
        self.header = Header(self)
        self.welcome = Welcome(self)
        self.composer = Composer(themes, self)
        self.suggestions = Suggestions(themes, self)
        self._notice = Label("", "body", "danger", wrap=True)
        self._notice.setObjectName("chat.notice")
        self._no_model = Banner(
            themes,
            "warning",
            "No model is ready. Add a key, or start Ollama on this computer.",
            action="Add a key",
            closable=False,
            name="chat.noModel",
        )
        self._lay_out()
        self._follow_view_model()
        self._take_orders()
        self._keys()
        self._show_all()

    # The shell's questions

    def regions(self) -> Sequence[QWidget]:
        shown: list[QWidget] = [self.sidebar]
        if self._transcript is not None and self._transcript.isVisible():
            shown.append(self._transcript)
        return [*shown, self.composer, self.suggestions]

    def focus_start(self) -> None:
        self.composer.take_focus()

    def actions_here(self) -> Sequence[Action]:
        return chat_actions(self)

    def toast_clearance(self) -> int:
        return 24 if self._vm.conversation is None else self.composer.height() + _BOTTOM + 12

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._give_room()

    # Building

    def _lay_out(self) -> None:
        content = QWidget(self)
        content.setProperty("layer", "surface")
        self._column = QVBoxLayout(content)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._composer_column = Centred(self.composer, LAYOUT.composer_max)
        self._welcome_column = Centred(self.welcome, _WELCOME_WIDTH)
        self._suggestions_column = Centred(self.suggestions, _WELCOME_WIDTH)
        self._notice_column = Centred(self._notice, LAYOUT.column_max, _ABOVE_COMPOSER)
        self._no_model_column = Centred(self._no_model, LAYOUT.composer_max, _ABOVE_COMPOSER)
        self._top, self._bottom = QWidget(), QWidget()
        self._body = QWidget()
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        for widget, stretch in (
            (self.header, 0),
            (self._top, 1),
            (self._welcome_column, 0),
            (self._body, 1),
            (self._no_model_column, 0),
            (self._notice_column, 0),
            (self._composer_column, 0),
            (self._suggestions_column, 0),
            (self._bottom, 1),
        ):
            self._column.addWidget(widget, stretch)
        self._splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(self.sidebar)
        self._splitter.addWidget(content)
        self._splitter.setStretchFactor(0, 0)
        self._splitter.setStretchFactor(1, 1)
        # The hairline of the handle belongs to the sidebar's width.
        self._splitter.setSizes([self._vm.sidebar_width - 1, 10_000])
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._splitter)
        for first, second in (
            (self.sidebar.new_button, self.sidebar.search),
            (self.sidebar.search, self.sidebar.view),
            (self.sidebar.view, self.composer.edit),
            (self.composer.edit, self.composer.model_button),
        ):
            QWidget.setTabOrder(first, second)

    def _follow_view_model(self) -> None:
        vm = self._vm
        vm.thread_shown.connect(self._show_thread)
        vm.message_added.connect(self._add_message)
        vm.message_changed.connect(self._change_message)
        vm.text_arrived.connect(self._append)
        vm.title_changed.connect(self._show_title)
        vm.answering_changed.connect(self._show_answering)
        vm.draft_changed.connect(self._show_draft)
        vm.notice_changed.connect(self._show_notice)
        vm.models.changed.connect(self._show_models)
        vm.delete_offered.connect(self._offer_undo)
        vm.history.changed.connect(self._show_mode)

    def _take_orders(self) -> None:
        vm = self._vm
        self.sidebar.new_wanted.connect(self.begin_new)
        self.sidebar.view.opened.connect(self._open)
        self.composer.edited.connect(vm.edit_draft)
        self.composer.edit.height_wanted.connect(self._give_room)
        self.composer.send_pressed.connect(vm.send)
        self.composer.edit.refused.connect(vm.say)
        self.composer.stop_pressed.connect(vm.stop)
        self.composer.picker_wanted.connect(self.open_picker)
        self.suggestions.acted.connect(self._act_on)
        self.suggestions.starter_chosen.connect(self._use_starter)
        self._no_model.acted.connect(lambda: self.page_requested.emit(_SETTINGS))
        self._splitter.splitterMoved.connect(lambda position, _index: vm.keep_sidebar_width(position + 1))

    def _keys(self) -> None:
        rename = QShortcut(QKeySequence(Qt.Key.Key_F2), self)
        rename.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        rename.activated.connect(self._rename)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self._escape)

    # What the person does

    def open_picker(self) -> None:
        """Open the model picker over its button."""
        self._open_picker(self.composer.model_button, self._choose)

    def _pick_another(self, answer_id: str, anchor: QWidget) -> None:
        self._open_picker(anchor, partial(self._retry_with, answer_id))

    def _retry_with(self, answer_id: str, reference: str) -> None:
        self._choose(reference)
        self._vm.retry(answer_id)

    def _open_picker(self, button: QWidget, picked: Callable[[str], None]) -> None:
        from aiproxy_desktop.ui.chat.model_picker import ModelPicker

        if self._popover is not None:
            return
        choice = self._vm.models.choice
        self._picker = ModelPicker(
            self._themes, self._vm.models.rows, None if choice is None else choice.reference
        )
        self._popover = Popover(self._themes, button, self._picker, name="chat.modelPicker.popover")
        self._picker.picked.connect(picked)
        self._picker.key_wanted.connect(self._add_key)
        self._picker.resized.connect(self._popover.refit)
        self._popover.closed.connect(self._picker_closed)
        self._popover.open("above")

    def _picker_closed(self) -> None:
        self._popover = self._picker = None

    def _close_picker(self) -> None:
        if self._popover is not None:
            self._popover.close_popover()

    def _choose(self, reference: str) -> None:
        self._close_picker()
        self._vm.models.pick(reference)
        self.composer.take_focus()

    def _add_key(self, _provider: str) -> None:
        self._close_picker()
        self.page_requested.emit(_SETTINGS)

    def begin_new(self) -> None:
        """Show an empty page to write on."""
        self._vm.new_conversation()
        self.composer.take_focus()

    def _open(self, conversation_id: str) -> None:
        self._vm.open(conversation_id)
        self.composer.take_focus()

    def _rename(self) -> None:
        view, current = self.sidebar.view, self._vm.conversation
        if view.hasFocus() and view.pointed_id() is not None:
            view.rename(view.pointed_id())
        elif current is not None:
            view.rename(current.id)

    def _escape(self) -> None:
        if self._vm.answering:
            self._vm.stop()
        else:
            self.composer.take_focus()

    def _retry(self, answer_id: str) -> None:
        # The button that was pressed goes away; without a place the keyboard could not stop the answer.
        self.composer.take_focus()
        self._vm.retry(answer_id)

    def _act_on(self, row: InfoRow) -> None:
        if row.action == "use":
            self._vm.models.pick(row.argument)
            self.composer.take_focus()
        elif row.action == "look":
            self._vm.models.look_again(row.argument)
        else:
            self.page_requested.emit(_SETTINGS)

    def _use_starter(self, text: str) -> None:
        self.composer.set_draft(text)
        self.composer.take_focus()

    def _offer_undo(self, conversation_id: str, title: str) -> None:
        self.toast_requested.emit(
            ToastMessage(
                f"“{title}” deleted",
                "Undo",
                on_action=lambda: self._vm.undo_delete(conversation_id),
                on_gone=lambda: self._vm.history.confirm_delete(conversation_id),
            )
        )

    # What is shown

    def _show_all(self) -> None:
        self._show_thread()
        self._show_draft()
        self._show_title()
        self._show_answering()
        self._show_notice()
        self._show_models()

    def _show_thread(self) -> None:
        self._show_mode()
        if self._vm.conversation is not None:
            self._transcript_now().set_messages([self._shown(message) for message in self._vm.messages])
        elif self._transcript is not None:
            self._transcript.clear()

    def _add_message(self, message: StoredMessage) -> None:
        self._show_mode()
        transcript = self._transcript_now()
        transcript.append_message(self._shown(message))
        transcript.scroll_to_end()

    def _change_message(self, message: StoredMessage) -> None:
        self._transcript_now().update_message(self._shown(message))

    def _append(self, message_id: str, text: str, reasoning: str) -> None:
        transcript = self._transcript_now()
        if reasoning:
            transcript.append_reasoning(message_id, reasoning)
        if text:
            transcript.append_text(message_id, text)

    def _shown(self, message: StoredMessage) -> TranscriptMessage:
        from aiproxy_desktop.ui.chat.shown import shown

        return shown(message, self._vm.models.name(message.model), path_of=self._blob_path)

    @property
    def transcript(self) -> Transcript | None:
        """The messages, once a conversation was shown."""
        return self._transcript

    def _transcript_now(self) -> Transcript:
        if self._transcript is None:
            # Markdown and its painting are loaded with the first conversation, not with the window.
            from aiproxy_desktop.ui.chat.transcript import Transcript

            self._transcript = Transcript(self._themes, exports=self._exports)
            self._transcript.retry_requested.connect(self._retry)
            self._transcript.regenerate_requested.connect(lambda answer, _model: self._retry(answer))
            self._transcript.another_model_requested.connect(self._pick_another)
            self._transcript.failed.connect(self._vm.say)
            self._transcript.version_requested.connect(self._vm.show_version)
            self._transcript.link_activated.connect(_open_link)
            layout = self._body.layout()
            assert layout is not None
            layout.addWidget(self._transcript)
            QWidget.setTabOrder(self.sidebar.view, self._transcript)
            QWidget.setTabOrder(self._transcript, self.composer.edit)
        return self._transcript

    def _show_mode(self) -> None:
        talking = self._vm.conversation is not None
        self.header.setVisible(talking)
        self._body.setVisible(talking)
        self._top.setVisible(not talking)
        self._welcome_column.setVisible(not talking)
        self._composer_column.set_width(LAYOUT.composer_max if talking else _WELCOME_WIDTH)
        self._notice_column.set_width(LAYOUT.column_max if talking else _WELCOME_WIDTH)
        self._no_model_column.set_width(LAYOUT.composer_max if talking else _WELCOME_WIDTH)
        self._column.setStretchFactor(self._bottom, 0 if talking else 1)
        self._bottom.setMinimumHeight(_BOTTOM)
        self._bottom.setMaximumHeight(_BOTTOM if talking else 10_000)
        self._give_room()

    def _give_room(self) -> None:
        talking = self._vm.conversation is not None
        self.composer.set_room(self.height(), roomy=not talking)
        # What is written comes before what is offered, where there is no room for both.
        taken = self.welcome.sizeHint().height() + self.composer.sizeHint().height() + _BOTTOM
        fits = taken + self.suggestions.sizeHint().height() <= self.height()
        self._suggestions_column.setVisible(not talking and self._vm.first_run and fits)

    def _show_title(self) -> None:
        totals = conversation_totals(self._vm.total_tokens, total_cost(self._vm.messages))
        self.header.show_facts(self._vm.title, totals)

    def _show_answering(self) -> None:
        self.composer.set_answering(self._vm.answering)

    def _show_draft(self) -> None:
        self.composer.set_draft(self._vm.draft)

    def _show_notice(self) -> None:
        self._notice.setText(self._vm.notice)
        self._notice_column.setVisible(bool(self._vm.notice))

    def _show_models(self) -> None:
        self.composer.set_choice(self._vm.models.choice)
        self.welcome.set_line(self._vm.models.welcome_line)
        self.suggestions.show_rows(self._vm.models.info_rows)
        self._no_model_column.setVisible(self._vm.models.nothing_usable and self._vm.conversation is not None)
        if self._picker is not None:
            self._picker.refresh()


def _open_link(url: str) -> None:
    from aiproxy_desktop.ui.shell.open_url import open_url

    open_url(url)
