"""What can be done with a message, in words, icons and keys."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt

from aiproxy_desktop.ui.chat.transcript.messages import MessageAction
from aiproxy_desktop.ui.translation import tr


@dataclass(frozen=True, slots=True)
class Offer:
    """One action as a button or a line of a menu; `said` is what a screen reader says."""

    label: str
    said: str
    icon: str


# The keys of the message that the keyboard is on.
KEYS: dict[Qt.Key, MessageAction] = {
    Qt.Key.Key_E: "edit",
    Qt.Key.Key_C: "copy",
    Qt.Key.Key_A: "answer",
    Qt.Key.Key_R: "regenerate",
    Qt.Key.Key_G: "continue",
    Qt.Key.Key_B: "branch",
    Qt.Key.Key_Delete: "delete",
}


def key_of(action: MessageAction) -> Qt.Key:
    """The key that does it."""
    return next(key for key, found in KEYS.items() if found == action)


def offer(action: MessageAction) -> Offer:
    """How an action is offered."""
    match action:
        case "edit":
            return Offer(tr("Edit"), tr("Edit message"), "edit")
        case "copy":
            return Offer(tr("Copy"), tr("Copy message"), "copy")
        case "answer":
            return Offer(tr("Answer"), tr("Have this message answered"), "send")
        case "regenerate":
            return Offer(tr("Regenerate"), tr("Answer again"), "refresh")
        case "continue":
            return Offer(tr("Continue"), tr("Continue the answer"), "play")
        case "branch":
            return Offer(tr("Branch"), tr("Branch into a new conversation"), "branch")
        case "delete":
            return Offer(tr("Delete"), tr("Delete message and what follows"), "trash")
