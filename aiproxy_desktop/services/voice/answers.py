"""One answer of the model while it comes and plays."""

from __future__ import annotations

from dataclasses import dataclass, field

from aiproxy_desktop.services.voice.heard import HeardMap


@dataclass(frozen=True, slots=True)
class Segment:
    """A turn of the transcript that holds the answer's text from `begin` on."""

    id: str
    begin: int


@dataclass(slots=True)
class Answer:
    """What is known of it.

    `key` names its sound at the speaker, `item` the answer at the service. `under_way` is whether more of it
    may come, `void` whether the person cut in: what still comes is not played. `paused` is whether a call has
    come since its last words; `spoken` whether its words are those of its sound; `follows_person` whether the
    turn it answers stands before it.
    """

    key: str
    item: str
    at: float
    follows_person: bool = False
    segments: list[Segment] = field(default_factory=list)
    heard: HeardMap = field(default_factory=HeardMap)
    under_way: bool = True
    void: bool = False
    paused: bool = False
    spoken: bool = False

    @property
    def sounding(self) -> bool:
        """Whether it has sound."""
        return self.heard.received_ms > 0
