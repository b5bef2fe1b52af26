"""What a person should know of an answer besides its text."""

from __future__ import annotations

from aiproxy_desktop.core.events import ImageReceived, Noted, StreamEvent


class AnswerNotes:
    """Sentences, gathered from the events of one answer."""

    def __init__(self) -> None:
        self._sentences: dict[str, None] = {}
        self._images = 0

    def feed(self, event: StreamEvent) -> None:
        """Take one event; most say nothing worth a note."""
        match event:
            case Noted(sentence=sentence):
                self._sentences[sentence] = None
            case ImageReceived(preview=False):
                self._images += 1
            case _:
                pass

    @property
    def sentences(self) -> tuple[str, ...]:
        """In the order in which they came, each once; at the end what cannot be shown."""
        found = tuple(self._sentences)
        if not self._images:
            return found
        came = "An image" if self._images == 1 else f"{self._images} images"
        return (*found, f"{came} came with this answer and cannot be shown here.")
