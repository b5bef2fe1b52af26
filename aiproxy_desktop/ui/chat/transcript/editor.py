"""The person's own words as an editor, in the place where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QWidget

from aiproxy_desktop.ui.chat.transcript.pieces.chrome import BUBBLE_WIDTH, EditPiece
from aiproxy_desktop.ui.chat.transcript.sizes import BUTTON
from aiproxy_desktop.ui.chat.writing.prompt_edit import PromptEdit
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.tokens import RADIUS, Theme
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.focus import has_focus_inside
from aiproxy_desktop.ui.widgets.painting import rounded

if TYPE_CHECKING:
    from aiproxy_desktop.ui.chat.transcript.transcript import Transcript

_PAD_X: Final = 16
_TOP: Final = 10
_GAP: Final = 8
# Of the view's height, what the text may take before it scrolls in itself.
_MOST_SHARE: Final = 0.6


class EditField(PromptEdit):
    """The composer's field with the same keys; Esc gives up."""

    cancelled = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("chat.transcript.editor")
        self.setAccessibleName(tr("Edit message"))
        self.setAccessibleDescription("")

    def event(self, event: QEvent) -> bool:
        # The page's Escape stops answers; here it belongs to what is being edited.
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            event.accept()
            self.cancelled.emit()
            return
        enter = event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}
        if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier and not event.isAutoRepeat():
            event.accept()
            self.submitted.emit()
            return
        super().keyPressEvent(event)


class MessageEditor(QFrame):
    """The field in a frame, with Send and Cancel."""

    submitted = Signal()
    cancelled = Signal()
    height_wanted = Signal()

    def __init__(self, themes: ThemeController, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("chat.transcript.editorFrame")
        self._themes = themes
        self.field = EditField(self)
        self.cancel = Button(
            themes, tr("Cancel"), name="chat.transcript.cancelEdit", kind="quiet", parent=self
        )
        self.send = Button(themes, tr("Send"), name="chat.transcript.sendEdit", kind="primary", parent=self)
        QWidget.setTabOrder(self.field, self.cancel)
        QWidget.setTabOrder(self.cancel, self.send)
        self.field.submitted.connect(self._submit)
        self.field.cancelled.connect(self.cancelled)
        self.field.textChanged.connect(self._text_changed)
        self.field.height_wanted.connect(self.height_wanted)
        self.field.focus_changed.connect(self.update)
        self.send.clicked.connect(self._submit)
        self.cancel.clicked.connect(self.cancelled)
        themes.changed.connect(self._wear)
        self._wear(themes.theme)
        self.hide()

    @property
    def text(self) -> str:
        """What stands in it."""
        return self.field.toPlainText()

    def wanted_height(self) -> int:
        """Pixels, as wide as it is."""
        return _TOP + self.field.sizeHint().height() + _GAP + BUTTON + _GAP

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        bottom = self.height() - _GAP - BUTTON
        self.field.setGeometry(_PAD_X, _TOP, self.width() - _PAD_X - 8, bottom - _GAP - _TOP)
        x = self.width() - _GAP
        for button in (self.send, self.cancel):
            size = button.sizeHint()
            x -= size.width()
            button.setGeometry(x, bottom, size.width(), BUTTON)
            x -= _GAP

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._themes.theme
        focused = self.field.hasFocus()
        edge = theme.accent if focused else theme.border_strong
        box = QRectF(self.rect())
        rounded(QPainter(self), box, RADIUS.l, theme.surface_raised, edge, 2.0 if focused else 1.0)

    def _submit(self) -> None:
        if self.send.isEnabled():
            self.submitted.emit()

    def _text_changed(self) -> None:
        self.send.setEnabled(bool(self.text.strip()))

    def _wear(self, theme: Theme) -> None:
        self.field.set_text_colours(theme.text, theme.text_muted)
        self.update()


class Editing:
    """At most one message of a transcript is edited; what was written stays while it is out of view."""

    def __init__(self, area: Transcript, themes: ThemeController) -> None:
        self._area = area
        self._themes = themes
        self._editor: MessageEditor | None = None
        self.message = ""

    @property
    def widgets(self) -> list[QWidget]:
        """What Tab goes through, while it is in view."""
        editor = self._editor
        return [] if editor is None or editor.isHidden() else [editor.field, editor.cancel, editor.send]

    def begin(self, index: int) -> None:
        """Edit a message of the person's."""
        view = self._area.column.views[index]
        if not view.own:
            return
        if self.message != view.id:
            self.end()
            editor = MessageEditor(self._themes, self._area.viewport())
            editor.submitted.connect(self._submit)
            editor.cancelled.connect(self.cancel)
            editor.height_wanted.connect(self._grow)
            self._editor, self.message = editor, view.id
            self._fit()
            editor.field.replace_text(view.text)
            # What grows here must not move what is read.
            self._area.column.following = False
            self._grow()
        self._area.column.reveal(index)
        self._area.settle()
        if self._editor is not None:
            self._editor.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def cancel(self) -> None:
        """Give up: the words stand as they stood."""
        index = self._area.column.index_of(self.message)
        self.end()
        self._area.setFocus(Qt.FocusReason.OtherFocusReason)
        if index is not None:
            self._area.navigation.go_to(index)
        self._area.settle()

    def end(self) -> None:
        """Take the editor away."""
        editor, message = self._editor, self.message
        self._editor, self.message = None, ""
        if editor is None:
            return
        self._set_room(message, None)
        editor.hide()
        editor.deleteLater()

    def messages_changed(self) -> None:
        """Other messages are shown: go on where the one that is edited is among them."""
        if self._editor is None:
            return
        if self._area.column.index_of(self.message) is None:
            self.end()
        else:
            self._grow()

    def place(self) -> None:
        """Put the editor where its room is in view, or away; its text is kept."""
        editor = self._editor
        if editor is None:
            return
        self._fit()
        column = self._area.column
        for shown in column.shown:
            if column.views[shown.message].id == self.message and isinstance(
                column.piece(shown.message, shown.piece), EditPiece
            ):
                editor.move(self._area.column_left + column.width - editor.width(), shown.top)
                editor.show()
                return
        if not editor.isHidden():
            if has_focus_inside(editor):
                self._area.setFocus(Qt.FocusReason.OtherFocusReason)
            editor.hide()

    def _fit(self) -> None:
        editor = self._editor
        if editor is None:
            return
        most = int(self._area.viewport().height() * _MOST_SHARE)
        editor.field.set_bounds(0, max(most, 3 * editor.field.fontMetrics().lineSpacing()))
        width = min(BUBBLE_WIDTH, self._area.column.width)
        if width != editor.width():
            editor.resize(width, editor.height())
            self._grow()

    def _grow(self) -> None:
        editor = self._editor
        if editor is None:
            return
        height = editor.wanted_height()
        if editor.height() != height:
            editor.resize(editor.width(), height)
        if self._set_room(self.message, height):
            self._area.relayout()

    def _set_room(self, message: str, height: int | None) -> bool:
        index = self._area.column.index_of(message)
        if index is None:
            return False
        view = self._area.column.views[index]
        if view.edit_height == height:
            return False
        view.set_edit_height(height)
        self._area.column.changed(index)
        return True

    def _submit(self) -> None:
        # The editor stays until the message gives way to its new version: if that cannot be asked, no word
        # is lost.
        if self._editor is not None:
            self._area.edit_submitted.emit(self.message, self._editor.text)
