"""What is done with a message: by its bar, its context menu, its keys, and the buttons that stand on it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from aiproxy_desktop.ui.chat.transcript.controls import CopyButton, Key
from aiproxy_desktop.ui.chat.transcript.images.image_piece import ImagePiece
from aiproxy_desktop.ui.chat.transcript.messages import MessageAction, ShownAttachment
from aiproxy_desktop.ui.chat.transcript.offers import key_of, offer
from aiproxy_desktop.ui.chat.transcript.pieces.attachment_piece import AttachmentsPiece
from aiproxy_desktop.ui.chat.transcript.pieces.tool_piece import ToolPiece
from aiproxy_desktop.ui.chat.transcript.pressing import press, reflow
from aiproxy_desktop.ui.translation import tr

if TYPE_CHECKING:
    from aiproxy_desktop.ui.chat.transcript.transcript import Transcript


class Doing:
    """Turns an action on a message into what the transcript does itself, or a signal of it."""

    def __init__(self, area: Transcript) -> None:
        self._area = area
        # Stands where a menu or a popover belongs: buttons of the bar come and go.
        self._anchor = QWidget(area.viewport())
        self._anchor.setFocusProxy(area)
        self._anchor.hide()

    def offers(self, index: int, action: MessageAction) -> bool:
        """Whether an action can be done with a message now."""
        view = self._area.column.views[index]
        return action in view.message.actions and not view.editing

    def do(self, index: int, action: MessageAction) -> None:
        """Do it."""
        area = self._area
        message = area.column.views[index].id
        match action:
            case "edit":
                area.editing.begin(index)
            case "copy":
                area.copy_message(index)
                area.action_bar.confirm_copy()
            case "answer":
                area.retry_requested.emit(message)
            case "regenerate":
                area.regenerate_requested.emit(message, "")
            case "continue":
                area.continue_requested.emit(message)
            case "branch":
                area.branch_requested.emit(message)
            case "delete":
                area.delete_requested.emit(message)

    def from_bar(self, action: MessageAction, message: str) -> None:
        """A button of the bar was pressed."""
        index = self._area.column.index_of(message)
        if index is None:
            return
        button = self._area.action_bar.button(action)
        if action == "regenerate" and button is not None:
            self._choose_model(message, button)
        else:
            self.do(index, action)

    def _choose_model(self, message: str, button: QWidget) -> None:
        menu = QMenu(self._area)
        menu.setObjectName("chat.transcript.regenerate.menu")
        self._add_models(menu, message, self._place(button))
        menu.aboutToHide.connect(menu.deleteLater)
        self._area.action_bar.follow_menu(menu)
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))

    def _add_models(self, menu: QMenu, message: str, at: QRect) -> None:
        area = self._area
        same = menu.addAction(tr("With the same model"), lambda: area.regenerate_requested.emit(message, ""))
        same.setObjectName("chat.transcript.sameModel")
        other = menu.addAction(tr("With another model…"), lambda: self._another(message, at))
        other.setObjectName("chat.transcript.otherModel")

    def add_to(self, menu: QMenu, index: int, at: QPoint) -> None:
        """The message's actions, but for Copy, at the end of its context menu; `at` is in the viewport."""
        view = self._area.column.views[index]
        if view.editing:
            return
        for action in view.message.actions:
            if action == "copy":
                continue
            if action == "regenerate":
                self._add_models(menu, view.id, QRect(at, at))
                continue
            line = menu.addAction(offer(action).label, partial(self.do, index, action))
            line.setObjectName(f"chat.transcript.menu.{action}")
            line.setShortcut(QKeySequence(key_of(action)))
            line.setShortcutVisibleInContextMenu(True)
            # Shown in the menu only: the transcript handles the keys itself.
            line.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)

    def _another(self, message: str, at: QRect) -> None:
        self._anchor.setGeometry(at)
        self._area.another_model_requested.emit(message, self._anchor)

    def _place(self, button: QWidget) -> QRect:
        return QRect(button.mapTo(self._area.viewport(), QPoint(0, 0)), button.size())

    # -- buttons on pieces

    def pressed(self, key: Key) -> None:
        """A button on a piece was pressed."""
        area = self._area
        index = area.column.index_of(key.message)
        if index is None:
            return
        match key.kind:
            case "retry" | "retry_quiet" | "continue" | "former" | "later" | "another":
                self._ask(key)
            case "copy_code" | "save_code" | "wrap_code" | "copy_table":
                press(area, key, area.controls.button(key))
            case "copy_tool":
                self._copy_tool(key, index)
            case "copy_image" | "save_image" | "open_image" | "view_image" | "edit_image":
                self._image(key, index)
            case "reasoning" | "details" | "more_tool":
                self._toggle(key, index)

    def _ask(self, key: Key) -> None:
        area = self._area
        match key.kind:
            case "retry" | "retry_quiet":
                area.retry_requested.emit(key.message)
            case "continue":
                area.continue_requested.emit(key.message)
            case "another":
                button = area.controls.button(key)
                if button is not None:
                    self._another(key.message, self._place(button))
            case _:
                area.version_requested.emit(key.message, -1 if key.kind == "former" else 1)

    def _copy_tool(self, key: Key, index: int) -> None:
        piece = self._area.column.views[index].pieces[key.piece]
        if isinstance(piece, ToolPiece):
            self._area.put_on_clipboard(piece.card.arguments)
            self._confirm(key)

    def _confirm(self, key: Key) -> None:
        button = self._area.controls.button(key)
        if isinstance(button, CopyButton):
            button.confirm()

    def _image(self, key: Key, index: int) -> None:
        shown = _attachment(self._area.column.views[index].pieces[key.piece], key.part)
        images = self._area.images
        if shown is None:
            return
        if key.kind == "copy_image":
            images.copy(shown, partial(self._confirm, key))
        elif key.kind == "save_image":
            images.save(shown)
        elif key.kind == "edit_image":
            images.edit(shown)
        else:
            images.view(shown)

    def _toggle(self, key: Key, index: int) -> None:
        area, view = self._area, self._area.column.views[index]
        if key.kind == "reasoning":
            view.toggle_reasoning()
        elif key.kind == "details":
            view.toggle_details()
        else:
            view.toggle_tool(key.piece)
        reflow(area, index)


def _attachment(piece: object, part: int) -> ShownAttachment | None:
    if isinstance(piece, ImagePiece):
        return piece.shown
    return piece.attachment(part) if isinstance(piece, AttachmentsPiece) else None
