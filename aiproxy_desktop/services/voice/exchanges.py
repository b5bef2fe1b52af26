"""A voice transcript as questions and answers, as the history keeps them. Values in, values out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from aiproxy_desktop.core.events import Usage
from aiproxy_desktop.core.live.events import LiveUsage
from aiproxy_desktop.core.live.models import LiveModelFacts
from aiproxy_desktop.core.messages import ToolCallPart, ToolResultPart
from aiproxy_desktop.services.voice.figures import added, cost_of, input_of, output_of
from aiproxy_desktop.services.voice.values import VoiceCall, VoiceEntry, VoiceTurn
from aiproxy_desktop.storage.records import MessageStatus, Outcome, Passage, StoredPart

# What stands for words that nobody wrote down.
WITHOUT_WORDS = "(spoken, without a transcript)"

_BETWEEN = "\n\n"
_LAST_WORDS = 40


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and what came of it. `outcome` is None while the answer still grows."""

    key: str
    question: str
    begun: bool
    answer: str = ""
    outcome: Outcome | None = None


def starts(entries: Sequence[VoiceEntry], first: int = 0) -> Iterator[int]:
    """Where exchanges begin, from an entry on that begins one itself."""
    answered = True
    for place in range(first, len(entries)):
        entry = entries[place]
        asks = isinstance(entry, VoiceTurn) and entry.role == "user"
        if place == first or (asks and answered):
            yield place
            answered = not asks
        elif isinstance(entry, VoiceTurn) and entry.role == "model":
            answered = True


def exchange_of(
    entries: Sequence[VoiceEntry], usages: Mapping[str, LiveUsage], facts: LiveModelFacts
) -> Exchange:
    """The exchange that these entries are."""
    asked = [one for one in entries if isinstance(one, VoiceTurn) and one.role == "user"]
    said = [one for one in entries if isinstance(one, VoiceTurn) and one.role == "model"]
    calls = [one for one in entries if isinstance(one, VoiceCall)]
    question = _BETWEEN.join(turn.text.strip() for turn in asked if turn.text.strip())
    begun = bool(said) or any(turn.status != "live" for turn in asked)
    going_on = any(turn.status == "live" for turn in said) or any(call.status == "running" for call in calls)
    answer, parts = _answer(entries)
    outcome = None
    if said and not going_on:
        counted = [usages[turn.id] for turn in said if turn.id in usages]
        usage = added(counted)
        outcome = Outcome(
            _status(said),
            finish_reason="stop",
            usage=Usage(input_of(usage), output_of(usage), usage.cached, usage.thoughts) if counted else None,
            notes=tuple(_notes(entries)),
            parts=parts,
            cost=cost_of(usage, facts) if counted else None,
        )
    whole = "" if outcome is None else answer
    return Exchange(entries[0].id, question or WITHOUT_WORDS, begun, whole, outcome)


def _status(said: Sequence[VoiceTurn]) -> MessageStatus:
    return "interrupted" if said[-1].status == "broken" else "complete"


def _answer(entries: Sequence[VoiceEntry]) -> tuple[str, tuple[StoredPart, ...]]:
    """The text, and the calls with where they stood in it."""
    pieces: list[str] = []
    parts: list[StoredPart] = []
    calls = False
    for entry in entries:
        if isinstance(entry, VoiceTurn) and entry.role == "model" and entry.text.strip():
            text = entry.text.strip()
            piece = _BETWEEN + text if pieces else text
            pieces.append(piece)
            parts.append(Passage("text", len(piece)))
        elif isinstance(entry, VoiceCall) and entry.kind != "search":
            calls = True
            arguments = json.dumps({"code": entry.arguments}) if entry.kind == "code" else entry.arguments
            parts.append(ToolCallPart(entry.id, entry.name, arguments or "{}"))
            failed = entry.status in {"failed", "denied", "cancelled"}
            result = entry.result or f"({entry.status})"
            parts.append(ToolResultPart(entry.id, entry.name, result, failed))
    return "".join(pieces), tuple(parts) if calls else ()


def _notes(entries: Sequence[VoiceEntry]) -> Iterator[str]:
    for entry in entries:
        if isinstance(entry, VoiceCall) and entry.kind == "search":
            queries = ", ".join(f"“{query}”" for query in entry.arguments.splitlines() if query)
            sources = ", ".join(f"{source.title or source.url} ({source.url})" for source in entry.sources)
            yield " ".join(
                filter(
                    None,
                    (
                        f"It searched the web for {queries}." if queries else "It searched the web.",
                        f"Sources: {sources}" if sources else "",
                    ),
                )
            )
        elif isinstance(entry, VoiceTurn) and entry.status == "cut" and entry.cut_at is not None:
            yield _cut_note(entry)
        elif isinstance(entry, VoiceTurn) and entry.status == "broken":
            yield "The session broke off here."


def _cut_note(turn: VoiceTurn) -> str:
    """What of an answer was heard. The chat has no clock of the session: the answer's own is told."""
    minutes, seconds = divmod(int(turn.seconds), 60)
    moment = f"You {'stopped it' if turn.stopped else 'cut in'} after {minutes}:{seconds:02d}"
    heard = turn.text[: turn.heard or 0].strip()
    if turn.heard is not None and turn.heard >= len(turn.text):
        return f"{moment}."
    if not heard:
        return f"{moment}; nothing of it was played."
    tail = heard[-_LAST_WORDS:]
    if len(heard) > _LAST_WORDS:
        tail = tail.partition(" ")[2] or tail
    return f"{moment}; the words after “{tail}” were not played."
