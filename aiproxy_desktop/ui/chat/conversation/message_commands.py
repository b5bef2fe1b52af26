"""What can be done with the message that the keyboard is on, for the command palette."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from aiproxy_desktop.ui.chat.transcript.messages import MessageAction
from aiproxy_desktop.ui.chat.transcript.offers import KEYS, offer
from aiproxy_desktop.ui.shell.actions import Action
from aiproxy_desktop.ui.translation import tr

if TYPE_CHECKING:
    from aiproxy_desktop.ui.chat.page import ChatPage


def message_commands(page: ChatPage) -> Sequence[Action]:
    """All of them; the transcript handles their keys itself."""
    group = tr("Message")
    return [
        Action(
            f"chat.message.{action}",
            offer(action).said,
            partial(_run, page, action),
            (key.name.removeprefix("Key_"),),
            group,
            partial(_can, page, action),
            shown_only=True,
        )
        for key, action in KEYS.items()
    ]


def _can(page: ChatPage, action: MessageAction) -> bool:
    transcript = page.reading
    current = None if transcript is None else transcript.navigation.current
    return transcript is not None and current is not None and transcript.doing.offers(current, action)


def _run(page: ChatPage, action: MessageAction) -> None:
    transcript = page.reading
    current = None if transcript is None else transcript.navigation.current
    if transcript is not None and current is not None:
        transcript.doing.do(current, action)
