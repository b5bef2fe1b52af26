"""Compare mode on the chat page: what gives way to the columns, and what comes in its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from aiproxy_desktop.ui.chat.compare.figures import ask_all, heading, still_writing
from aiproxy_desktop.ui.chat.conversation.reading import read_with
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.popover import Popover

if TYPE_CHECKING:
    from aiproxy_desktop.ui.chat.compare.chips import Recipients
    from aiproxy_desktop.ui.chat.compare.view import CompareView
    from aiproxy_desktop.ui.chat.transcript import Transcript
    from aiproxy_desktop.ui.chat.viewmodel import ChatViewModel
    from aiproxy_desktop.ui.chat.writing.composer import Composer
    from aiproxy_desktop.ui.theme.controller import ThemeController

# Pixels beside the columns, and between them.
SIDE, GAP = 24, 16
COLUMN_LEAST = 320


class CompareHost(QObject):
    """Owns the columns and the chips; both are made when models are first compared."""

    mode_changed = Signal()  # on or off
    key_wanted = Signal()
    made = Signal(object)  # CompareView, with the first comparison

    def __init__(
        self,
        view_model: ChatViewModel,
        themes: ThemeController,
        sidebar: QWidget,
        composer: Composer,
        place: QVBoxLayout,
        parent: QWidget,
        *,
        path_of: Callable[[str], Path] | None = None,
        exports: Path | None = None,
    ) -> None:
        """Wire it up.

        Args:
            view_model: of the chat tab.
            themes: the look.
            sidebar: gives way when there is no room for it beside the columns.
            composer: asks all models at once.
            place: where the columns go; they take all the room.
            parent: the page.
            path_of: where the bytes of an attachment's hash lie.
            exports: a folder for copies of images that are dragged into other programs.
        """
        super().__init__(parent)
        self._vm = view_model
        self._comparing = view_model.comparing
        self._themes = themes
        self._sidebar = sidebar
        self._composer = composer
        self._place = place
        self._page = parent
        self._path_of = path_of
        self._exports = exports
        self._was_active = False
        # What the person chose of the sidebar; None leaves it to the room there is.
        self._sidebar_wanted: bool | None = None
        self.view: CompareView | None = None
        self._recipients: Recipients | None = None
        self._popover: Popover | None = None
        self._comparing.changed.connect(self.show)
        self._comparing.message_changed.connect(lambda _place, _message: self._show_facts())
        view_model.title_changed.connect(self._show_facts)
        view_model.answering_changed.connect(self._show_facts)
        view_model.models.changed.connect(self._show_models)
        view_model.zoom_changed.connect(self._show_zoom)
        view_model.message_wanted.connect(self._reveal)

    @property
    def active(self) -> bool:
        """Whether columns are shown."""
        return self._comparing.active

    def begin(self) -> None:
        """Choose models to compare, once what is being answered here is there."""
        if self._vm.answering:
            return
        choice = self._vm.models.choice
        self._comparing.enter(None if choice is None else choice.reference)
        self._composer.take_focus()

    def leave(self) -> None:
        """Show one conversation again."""
        self._comparing.leave()
        self._composer.take_focus()

    def toggle(self) -> None:
        """Begin, or leave."""
        (self.leave if self.active else self.begin)()

    def keep(self, place: int) -> Callable[[], None]:
        """What goes on from one column."""
        return lambda: self._keep(place)

    def can_keep(self, place: int) -> Callable[[], bool]:
        """Whether there is such a column."""
        return lambda: self.active and place < len(self._comparing.ends)

    def toggle_together(self) -> None:
        """Scroll the columns together, or each alone."""
        if self.view is not None:
            self.view.header.together.toggle()

    def reading(self) -> Transcript | None:
        """The column that the keyboard is in, else the first."""
        return self.view.reading() if self.view is not None and self.active else None

    def stop_finding(self) -> bool:
        """Look for no words any more; whether some were looked for."""
        return self.view is not None and self.active and self.view.stop_finding()

    def regions(self) -> list[QWidget]:
        """What F6 visits between sidebar and composer."""
        if self.view is None or not self.active:
            return []
        return [self.view.header, *self.view.focus_stops()]

    def show(self) -> None:
        """Bring the page in step."""
        active = self.active
        if active:
            self._build()
        if self.view is not None:
            self.view.setVisible(active)
        if not active:
            self._close_picker()
        self._composer.set_recipients(
            self._recipients if active else None, tr("Send to all") if active else tr("Send")
        )
        self._composer.edit.set_hint(ask_all(len(self._comparing.models)) if active else "")
        if active != self._was_active:
            self._was_active = active
            self._sidebar_wanted = None
            self.mode_changed.emit()
        self._show_models()
        self.fit()

    def fit(self) -> None:
        """Let the sidebar give way where a column would be too narrow beside it, or bring it back."""
        if not self.active:
            self._sidebar.setVisible(True)
            return
        columns = max(len(self._comparing.models), 2)
        needed = columns * COLUMN_LEAST + (columns - 1) * GAP + 2 * SIDE
        room = self._page.width() - self._vm.sidebar_width
        wanted = room >= needed if self._sidebar_wanted is None else self._sidebar_wanted
        self._sidebar.setVisible(wanted)

    def _build(self) -> None:
        if self.view is not None:
            return
        # With the first comparison, not with the window.
        from aiproxy_desktop.ui.chat.compare.chips import Recipients
        from aiproxy_desktop.ui.chat.compare.view import CompareView

        self.view = CompareView(
            self._themes,
            self._comparing,
            self._vm.models,
            self._page,
            path_of=self._path_of,
            exports=self._exports,
        )
        for column in self.view.columns:
            self._follow(column.transcript)
        self.view.made.connect(self._follow)
        self.view.kept.connect(self._keep)
        self.view.header.leave.clicked.connect(self.leave)
        self.view.header.conversations.clicked.connect(self._toggle_sidebar)
        self._place.addWidget(self.view, 1)
        self._recipients = Recipients(self._themes)
        self._recipients.add_wanted.connect(self.open_picker)
        self._recipients.remove_wanted.connect(self._comparing.remove_model)
        self.made.emit(self.view)

    def _follow(self, transcript: Transcript) -> None:
        """Do what a column's transcript asks for, as that of one conversation."""
        read_with(transcript, self._vm, self._page)

    def _keep(self, place: int) -> None:
        self._comparing.keep(place)
        self._composer.take_focus()

    def _show_zoom(self, zoom: int) -> None:
        for column in () if self.view is None else self.view.columns:
            column.transcript.set_zoom(zoom)

    def _reveal(self, message_id: str, words: Sequence[str]) -> None:
        if self.view is not None and self.active:
            self.view.reveal(message_id, words)

    def _toggle_sidebar(self) -> None:
        self._sidebar_wanted = not self._sidebar.isVisible()
        self.fit()

    def _show_models(self) -> None:
        if self._recipients is None or not self.active:
            return
        names = [self._vm.models.name(one) for one in self._comparing.models]
        self._recipients.show_models(
            names, can_add=self._comparing.can_add, can_remove=self._comparing.can_remove
        )
        self._show_facts()

    def _show_facts(self) -> None:
        if self.view is None or self._recipients is None or not self.active:
            return
        answers = self._comparing.all_answers
        title = self._vm.title or tr("New chat")
        self.view.header.show_facts(title, heading(len(self._comparing.models), answers))
        self._recipients.show_state(still_writing(self._comparing.writing, len(self._comparing.ends)))

    # One more model

    def open_picker(self) -> None:
        """Open the model picker over “Add a model”."""
        from aiproxy_desktop.ui.chat.models.picker import ModelPicker

        if self._popover is not None or self._recipients is None or not self._comparing.can_add:
            return
        picker = ModelPicker(self._themes, self._vm.models.rows, None)
        self._popover = Popover(
            self._themes, self._recipients.add_button, picker, name="chat.compare.picker.popover"
        )
        picker.picked.connect(self._picked)
        picker.key_wanted.connect(self._wants_key)
        picker.resized.connect(self._popover.refit)
        self._popover.closed.connect(self._picker_closed)
        self._popover.open("above")

    def _picked(self, reference: str) -> None:
        self._close_picker()
        self._vm.say("")  # that one more is needed
        self._comparing.add_model(reference)
        self._composer.take_focus()

    def _wants_key(self, _provider: str) -> None:
        self._close_picker()
        self.key_wanted.emit()

    def _picker_closed(self) -> None:
        self._popover = None

    def _close_picker(self) -> None:
        if self._popover is not None:
            self._popover.close_popover()
