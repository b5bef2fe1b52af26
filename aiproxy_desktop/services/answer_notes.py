"""What a person should know of an answer besides its text."""

from __future__ import annotations

from aiproxy_desktop.core.events import Noted
from aiproxy_desktop.services.answer_parts import ChatEvent


class AnswerNotes:
    """Sentences, gathered from the events of one answer."""

    def __init__(self) -> None:
        self._sentences: dict[str, None] = {}

    def feed(self, event: ChatEvent) -> None:
        """Take one event; most say nothing worth a note."""
        if isinstance(event, Noted):
            self._sentences[event.sentence] = None

    @property
    def sentences(self) -> tuple[str, ...]:
        """In the order in which they came, each once."""
        return tuple(self._sentences)
