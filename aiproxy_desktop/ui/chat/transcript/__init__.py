"""The transcript: messages as they stream, in a virtual column. Its values need no Qt to import."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiproxy_desktop.ui.chat.transcript.messages import ErrorCard, MessageState, TranscriptMessage

if TYPE_CHECKING:
    from aiproxy_desktop.ui.chat.transcript.transcript import Transcript

__all__ = ["ErrorCard", "MessageState", "Transcript", "TranscriptMessage"]


def __getattr__(name: str) -> object:
    """The widget, when it is first asked for."""
    if name == "Transcript":
        from aiproxy_desktop.ui.chat.transcript.transcript import Transcript

        return Transcript
    raise AttributeError(name)
