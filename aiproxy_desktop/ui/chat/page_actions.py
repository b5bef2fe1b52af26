"""What can be done on the chat tab, for its shortcuts and the command palette."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aiproxy_desktop.ui.chat.message_commands import message_commands
from aiproxy_desktop.ui.shell.actions import Action
from aiproxy_desktop.ui.translation import tr

if TYPE_CHECKING:
    from aiproxy_desktop.ui.chat.page import ChatPage


def chat_actions(page: ChatPage) -> Sequence[Action]:
    """All of them, in the order in which they are listed."""
    group = tr("Chat")
    return (
        Action("chat.new", tr("New chat"), page.begin_new, ("Ctrl+N",), group),
        Action("chat.model", tr("Choose a model"), page.open_picker, ("Ctrl+Shift+M",), group),
        *message_commands(page),
    )
