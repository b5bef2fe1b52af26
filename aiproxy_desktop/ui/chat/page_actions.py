"""What can be done on the chat tab, for its shortcuts and the command palette."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aiproxy_desktop.ui.chat.compare.actions import compare_actions
from aiproxy_desktop.ui.chat.conversation.message_commands import message_commands
from aiproxy_desktop.ui.chat.conversation.transcript_actions import transcript_actions
from aiproxy_desktop.ui.chat.sidebar.actions import conversation_actions
from aiproxy_desktop.ui.shell.actions import Action
from aiproxy_desktop.ui.translation import tr

if TYPE_CHECKING:
    from aiproxy_desktop.ui.chat.page import ChatPage


def chat_actions(page: ChatPage) -> Sequence[Action]:
    """All of them, in the order in which they are listed."""
    group = tr("Chat")
    return (*_chat(page, group), *conversation_actions(page, tr("Conversations")))


def _chat(page: ChatPage, group: str) -> Sequence[Action]:
    writing = page.writing
    return (
        Action("chat.new", tr("New chat"), page.begin_new, ("Ctrl+N",), group),
        Action("chat.attach", tr("Attach"), page.attachments.open_menu, ("Ctrl+Shift+A",), group),
        Action("chat.attachFiles", tr("Attach files"), page.attachments.choose_files, ("Ctrl+O",), group),
        Action(
            "chat.attachFolder",
            tr("Attach a folder"),
            page.attachments.choose_folder,
            ("Ctrl+Shift+G",),
            group,
        ),
        Action("chat.model", tr("Choose a model"), page.open_picker, ("Ctrl+Shift+M",), group),
        *(page.exporting.actions() if page.exporting is not None else ()),
        *compare_actions(page.compare),
        Action("chat.options", tr("Options of this chat"), writing.open_options, ("Ctrl+Shift+O",), group),
        Action("chat.prompts", tr("Insert a saved prompt"), writing.open_prompts, ("Ctrl+/",), group),
        Action(
            "chat.savePrompt",
            tr("Save what is written as a prompt"),
            writing.save_prompt,
            ("Ctrl+Shift+S",),
            group,
        ),
        Action(
            "chat.enter",
            tr("Switch whether Enter or Ctrl Enter sends"),
            page.toggle_enter,
            ("Ctrl+Shift+Return",),
            group,
        ),
        *transcript_actions(page, group),
        *message_commands(page),
    )
