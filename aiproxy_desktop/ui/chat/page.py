"""The chat tab: sidebar, header, transcript or first page, composer. It only shows and asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from aiproxy_desktop.storage.records import DeletedBranch
from aiproxy_desktop.ui.chat.attachments.controls import AttachmentControls
from aiproxy_desktop.ui.chat.compare.host import SIDE as COMPARE_SIDE
from aiproxy_desktop.ui.chat.compare.host import CompareHost
from aiproxy_desktop.ui.chat.conversation.facts import conversation_totals
from aiproxy_desktop.ui.chat.conversation.pane import ConversationPane
from aiproxy_desktop.ui.chat.exporting import Exporting
from aiproxy_desktop.ui.chat.first_run import Suggestions, Welcome
from aiproxy_desktop.ui.chat.layout import Centred, Header
from aiproxy_desktop.ui.chat.models.picking import Picking
from aiproxy_desktop.ui.chat.page_actions import chat_actions
from aiproxy_desktop.ui.chat.sidebar.library import Offer
from aiproxy_desktop.ui.chat.sidebar.sidebar import Sidebar
from aiproxy_desktop.ui.chat.viewmodel import ChatViewModel
from aiproxy_desktop.ui.chat.welcome import InfoRow
from aiproxy_desktop.ui.chat.writing.composer import Composer
from aiproxy_desktop.ui.chat.writing.controls import Writing
from aiproxy_desktop.ui.shell.actions import Action
from aiproxy_desktop.ui.shell.page import PageWidget
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.tokens import LAYOUT
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.banner import Banner
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.toast import ToastMessage

if TYPE_CHECKING:
    from aiproxy_desktop.ui.chat.transcript import Transcript
    from aiproxy_desktop.ui.exchange.viewmodel import DataViewModel

_WELCOME_WIDTH = 640
_BOTTOM = 16
_UNBOUNDED = 10_000
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
        data: DataViewModel | None = None,
        blob_path: Callable[[str], Path] | None = None,
        exports: Path | None = None,
    ) -> None:
        """Build the page.

        Args:
            view_model: what it shows.
            themes: the look.
            parent: as ever.
            data: exports and imports conversations.
            blob_path: where the bytes of an attachment's hash lie.
            exports: a folder for copies of images that are dragged into other programs.
        """
        super().__init__(parent)
        self._vm = view_model
        self._themes = themes
        self._blob_path = blob_path
        self._exports = exports
        self._picking = Picking(view_model.models, themes, self)
        self.setObjectName("chat.page")
        self.sidebar = Sidebar(themes, view_model.library, self)
        self.header = Header(self)
        self.welcome = Welcome(self)
        self.composer = Composer(themes, self)
        self.suggestions = Suggestions(themes, self)
        self._find = Button(themes, tr("Find"), name="chat.find", kind="quiet", icon="search")
        self.pane = ConversationPane(view_model, themes, self, blob_path=blob_path, exports=exports)
        self._find.clicked.connect(self.pane.find_words)
        self.writing = Writing(view_model, themes, self.composer, self._open_picker_at, self)
        self.welcome.add_button(self.writing.new_persona)
        self.welcome.add_button(self.writing.new_options_button)
        self._notice = Label("", "body", "danger", wrap=True)
        self._notice.setObjectName("chat.notice")
        self._no_model = Banner(
            themes,
            "warning",
            tr("No model is ready. Add a key or a model file, or start Ollama on this computer."),
            action=tr("Add a key"),
            closable=False,
            name="chat.noModel",
        )
        self._lay_out()
        self.attachments = AttachmentControls(
            themes, view_model.attaching, self.composer, self, view_model.say, view_model.scope
        )
        self._follow_view_model()
        self._take_orders()
        self._keys()
        self.exporting = None if data is None else Exporting(self, themes, view_model, data)
        self._show_all()

    @property
    def view_model(self) -> ChatViewModel:
        """State and actions."""
        return self._vm

    # The shell's questions

    def regions(self) -> Sequence[QWidget]:
        shown: list[QWidget] = [self.sidebar, *self.compare.regions()]
        if self.transcript is not None and self.transcript.isVisible():
            shown.append(self.transcript)
        return [*shown, self.composer, self.suggestions]

    def focus_start(self) -> None:
        self.composer.take_focus()

    def actions_here(self) -> Sequence[Action]:
        return chat_actions(self)

    @property
    def transcript(self) -> Transcript | None:
        """The conversation as it is shown, once there was one."""
        return self.pane.transcript

    @property
    def reading(self) -> Transcript | None:
        """What is read: the conversation, or while models are compared the column that the keyboard is in."""
        return self.compare.reading() if self.compare.active else self.transcript

    def zoom(self, direction: int) -> None:
        """Larger text (1), smaller (-1), the usual (0)."""
        self._vm.step_zoom(direction)

    @property
    def _talking(self) -> bool:
        """Whether there are messages, above the composer at the bottom; else it stands in the middle."""
        return self._vm.conversation is not None or self.compare.active

    def toast_clearance(self) -> int:
        if not self._talking:
            return 24
        # Above all that is written with: a notice stands on the composer, and files make that grow.
        columns = (self._no_model_column, self._notice_column, self._composer_column)
        return self.height() - min(column.y() for column in columns if not column.isHidden()) + 12

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.compare.fit()
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
        for widget, stretch in (
            (self.header, 0),
            (self._top, 1),
            (self._welcome_column, 0),
            (self.pane, 1),
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
        self._compare_place = QVBoxLayout()
        self._column.insertLayout(1, self._compare_place)
        self.compare = CompareHost(
            self._vm,
            self._themes,
            self.sidebar,
            self.composer,
            self._compare_place,
            self,
            path_of=self._blob_path,
            exports=self._exports,
        )
        self._compare_button = Button(
            self._themes, tr("Compare"), name="chat.compare.begin", kind="quiet", icon="columns"
        )
        self._compare_new = Button(
            self._themes, tr("Compare"), name="chat.firstRun.compare", kind="quiet", icon="columns"
        )
        self.welcome.add_button(self._compare_new)
        for button in (self._find, self._compare_button, self.writing.options_button):
            self.header.add_button(button)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._splitter)
        for first, second in (
            *pairwise([*self.sidebar.tab_stops(), self._find]),
            (self._find, self._compare_button),
            (self._compare_button, self.writing.options_button),
            (self.writing.options_button, self.writing.new_persona),
            (self.writing.new_persona, self.writing.new_options_button),
            (self.writing.new_options_button, self._compare_new),
            (self._compare_new, self.composer.edit),
            (self.composer.edit, self.composer.model_button),
            (self.composer.model_button, self.composer.effort),
        ):
            QWidget.setTabOrder(first, second)

    def _follow_view_model(self) -> None:
        vm = self._vm
        vm.thread_shown.connect(self._show_thread)
        vm.message_added.connect(self._show_mode)
        vm.title_changed.connect(self._show_title)
        vm.answering_changed.connect(self._show_answering)
        vm.draft_changed.connect(self._show_draft)
        vm.notice_changed.connect(self._show_notice)
        for column in (self._no_model_column, self._notice_column, self._composer_column):
            column.moved.connect(self.clearance_changed)
        vm.models.changed.connect(self._show_models)
        vm.delete_offered.connect(self._offer_undo)
        vm.branch_delete_offered.connect(self._offer_branch_undo)
        vm.library.offered.connect(self._offer)
        vm.file_saved.connect(self._say_saved)
        vm.image_wanted.connect(lambda _image: self.page_requested.emit("images"))
        vm.history.changed.connect(self._show_mode)

    def _take_orders(self) -> None:
        vm = self._vm
        self.sidebar.new_wanted.connect(self.begin_new)
        self.sidebar.opened.connect(self._open)
        self.sidebar.message_chosen.connect(vm.open_message)
        self.composer.edited.connect(vm.edit_draft)
        self.composer.edit.height_wanted.connect(self._give_room)
        self.composer.send_pressed.connect(vm.send)
        self.composer.edit.refused.connect(vm.say)
        self.composer.stop_pressed.connect(vm.stop)
        self.composer.picker_wanted.connect(self.open_picker)
        self.pane.asked.connect(self.composer.take_focus)
        self.pane.picker_wanted.connect(self._picking.open)
        self.pane.made.connect(self._order_transcript)
        self._picking.key_wanted.connect(lambda: self.page_requested.emit(_SETTINGS))
        self.suggestions.acted.connect(self._act_on)
        self.suggestions.starter_chosen.connect(self._use_starter)
        self._no_model.acted.connect(lambda: self.page_requested.emit(_SETTINGS))
        self._compare_button.clicked.connect(self.compare.begin)
        self._compare_new.clicked.connect(self.compare.begin)
        self.compare.mode_changed.connect(self._show_thread)
        self.compare.made.connect(lambda view: self.writing.add_options_button(view.header.options))
        self.compare.key_wanted.connect(lambda: self.page_requested.emit(_SETTINGS))
        self._splitter.splitterMoved.connect(lambda position, _index: vm.keep_sidebar_width(position + 1))

    def _keys(self) -> None:
        rename = QShortcut(QKeySequence(Qt.Key.Key_F2), self)
        rename.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        rename.activated.connect(self.rename)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self._escape)

    # What the person does

    def open_picker(self) -> None:
        """Open the model picker over its button."""
        self._open_picker_at(self.composer.model_button)

    def _open_picker_at(self, button: QWidget) -> None:
        if not self.compare.active:
            self._picking.open(button, self._choose)

    def toggle_enter(self) -> None:
        """Let Enter send where it made a line, and the other way round."""
        self._vm.writing.toggle_enter()

    def _choose(self, reference: str) -> None:
        self._vm.models.pick(reference)
        self.composer.take_focus()

    def begin_new(self) -> None:
        """Show an empty page to write on."""
        self._vm.new_conversation()
        self.composer.take_focus()

    def _open(self, conversation_id: str) -> None:
        self._vm.open(conversation_id)
        self.composer.take_focus()

    def rename(self) -> None:
        """Edit the title of the conversation that the keys are on, else of the open one."""
        shown, current = self.sidebar.shown_list(), self._vm.conversation
        if shown.hasFocus() and shown.pointed_key() is not None:
            shown.rename(shown.pointed_key())
        elif current is not None:
            self.sidebar.rename(current.id)

    def _escape(self) -> None:
        if self._vm.answering:
            self._vm.stop()
        elif self.pane.finding:
            self.pane.stop_finding()
        elif not self.compare.stop_finding():
            self.composer.take_focus()

    def _act_on(self, row: InfoRow) -> None:
        if row.action == "use":
            self._vm.models.pick(row.argument)
            self.composer.take_focus()
        elif row.action == "look":
            self._vm.models.look_again(row.argument)
        else:
            self.page_requested.emit(_SETTINGS)

    def _use_starter(self, text: str) -> None:
        self.composer.edit.write_instead(text)
        self.composer.take_focus()

    def _offer_undo(self, conversation_id: str, title: str) -> None:
        self.toast_requested.emit(
            ToastMessage(
                tr("“{title}” deleted", title=title),
                tr("Undo"),
                on_action=lambda: self._vm.undo_delete(conversation_id),
                on_gone=lambda: self._vm.history.confirm_delete(conversation_id),
            )
        )

    def _offer_branch_undo(self, branch: DeletedBranch) -> None:
        self.toast_requested.emit(
            ToastMessage(
                tr("The message and what follows it were deleted"),
                tr("Undo"),
                on_action=lambda: self._vm.branching.undo_delete(branch),
                on_gone=lambda: self._vm.branching.confirm_delete(branch),
            )
        )

    def _offer(self, offer: Offer) -> None:
        self.toast_requested.emit(ToastMessage(offer.text, tr("Undo"), offer.undo, offer.gone))

    def _say_saved(self, name: str) -> None:
        self.toast_requested.emit(ToastMessage(tr("Saved as “{name}”", name=name)))

    # What is shown

    def _show_all(self) -> None:
        self._show_thread()
        self._show_draft()
        self._show_title()
        self._show_answering()
        self._show_notice()
        self._show_models()

    def _show_thread(self) -> None:
        self.compare.show()
        self._show_mode()
        self.pane.show_thread()

    def _order_transcript(self, transcript: QWidget) -> None:
        before = self.writing.options_button if self.exporting is None else self.exporting.button
        QWidget.setTabOrder(before, transcript)
        QWidget.setTabOrder(transcript, self.composer.edit)

    def _show_mode(self) -> None:
        comparing = self.compare.active
        talking = self._talking
        self.header.setVisible(talking and not comparing)
        self.pane.setVisible(talking and not comparing)
        self._top.setVisible(not talking)
        self._welcome_column.setVisible(not talking)
        if comparing:
            self._composer_column.set_width(_UNBOUNDED, COMPARE_SIDE)
            self._notice_column.set_width(_UNBOUNDED, COMPARE_SIDE + 16)  # in line with the composer's text
        else:
            self._composer_column.set_width(LAYOUT.composer_max if talking else _WELCOME_WIDTH)
            self._notice_column.set_width(LAYOUT.column_max if talking else _WELCOME_WIDTH)
        self._no_model_column.set_width(LAYOUT.composer_max if talking else _WELCOME_WIDTH)
        self._column.setStretchFactor(self._bottom, 0 if talking else 1)
        self._bottom.setMinimumHeight(_BOTTOM)
        self._bottom.setMaximumHeight(_BOTTOM if talking else _UNBOUNDED)
        self._give_room()
        self.clearance_changed.emit()

    def _give_room(self) -> None:
        talking = self._talking
        self.composer.set_room(self.height(), roomy=not talking)
        # What is written comes before what is offered, where there is no room for both.
        taken = self.welcome.sizeHint().height() + self.composer.sizeHint().height() + _BOTTOM
        fits = taken + self.suggestions.sizeHint().height() <= self.height()
        self._suggestions_column.setVisible(not talking and self._vm.first_run and fits)

    def _show_title(self) -> None:
        totals = self._vm.totals
        known = (None, None) if totals is None else (totals.known_tokens, totals.known_cost)
        self.header.show_facts(self._vm.title, conversation_totals(*known))

    def _show_answering(self) -> None:
        self.composer.set_answering(self._vm.answering)
        self._compare_button.setEnabled(not self._vm.answering)

    def _show_draft(self) -> None:
        self.composer.set_draft(self._vm.draft, self._vm.writing.place)

    def _show_notice(self) -> None:
        self._notice.setText(self._vm.notice)
        self._notice_column.setVisible(bool(self._vm.notice))
        self.clearance_changed.emit()

    def _show_models(self) -> None:
        self.composer.set_choice(self._vm.models.choice)
        self._vm.writing.count.touch()
        self.welcome.set_line(self._vm.models.welcome_line)
        self._compare_new.setVisible(self._vm.models.comparable)
        self.suggestions.show_rows(self._vm.models.info_rows)
        self._no_model_column.setVisible(self._vm.models.nothing_usable and self._vm.conversation is not None)
        self._picking.refresh()
