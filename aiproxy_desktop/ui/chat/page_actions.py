"""What can be done on the chat tab, for its shortcuts and the command palette."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aiproxy_desktop.ui.chat.compare.actions import compare_actions
from aiproxy_desktop.ui.chat.conversation_actions import conversation_actions
from aiproxy_desktop.ui.shell.actions import Action
from aiproxy_desktop.ui.translation import tr

if TYPE_CHECKING:
    from aiproxy_desktop.ui.chat.page import ChatPage


def chat_actions(page: ChatPage) -> Sequence[Action]:
    """All of them, in the order in which they are listed."""
    group = tr("Chat")
    return (*_chat(page, group), *conversation_actions(page, tr("Conversations")))


def _chat(page: ChatPage, group: str) -> Sequence[Action]:
    return (
        Action("chat.new", tr("New chat"), page.begin_new, ("Ctrl+N",), group),
        Action("chat.attach", tr("Attach"), page.attachments.open_menu, ("Ctrl+Shift+A",), group),
        Action("chat.attachFiles", tr("Attach files"), page.attachments.choose_files, (), group),
        Action("chat.attachFolder", tr("Attach a folder"), page.attachments.choose_folder, (), group),
        Action("chat.model", tr("Choose a model"), page.open_picker, ("Ctrl+Shift+M",), group),
        *(page.exporting.actions() if page.exporting is not None else ()),
        *compare_actions(page.compare),
    )
