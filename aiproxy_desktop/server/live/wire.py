"""What happens in a live session, as messages for its client. The forms are those of `routes`."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import msgspec

from aiproxy_desktop.core.live.events import (
    AnswerText,
    AudioDelta,
    CodeRun,
    FunctionCall,
    FunctionCallsCancelled,
    GenerationDone,
    InputTranscript,
    Interrupted,
    LiveEvent,
    OutputTranscript,
    Reconnected,
    Reconnecting,
    SearchMade,
    ServiceFailed,
    SpeechStarted,
    SpeechStopped,
    TurnDone,
)
from aiproxy_desktop.core.live.values import OUTPUT_RATE
from aiproxy_desktop.server.errors import refusal
from aiproxy_desktop.server.goodbyes import told

_AUDIO_HEAD = '{"type":"audio","data":"'
_AUDIO_TAIL = f'","format":"pcm16","sampleRate":{OUTPUT_RATE}}}'


def encoded(message: dict[str, Any]) -> str:
    """A message as a text frame."""
    return msgspec.json.encode(message).decode()


def system(text: str) -> str:
    """A remark for a person."""
    return encoded({"type": "system", "data": text})


def messages_of(event: LiveEvent, *, sound: bool) -> Iterator[str]:  # noqa: C901 - one case for each kind
    """What a client is told of an event; nothing where it concerns nobody.

    Args:
        event: of the session.
        sound: whether the client wants to hear; else the words are enough.
    """
    match event:
        case AudioDelta():
            if sound:
                yield _AUDIO_HEAD + base64.b64encode(event.data).decode("ascii") + _AUDIO_TAIL
        case AnswerText(text=text):
            yield encoded({"type": "response", "text": text})
        case OutputTranscript(text=text, finished=finished):
            if text:  # the seed's clients expect the words of the sound so
                yield encoded({"type": "response", "text": text, "spoken": True})
            yield _transcript("model", text, finished)
        case InputTranscript(text=text, finished=finished):
            yield _transcript("user", text, finished)
        case SpeechStarted():
            yield encoded({"type": "speech_started"})
        case SpeechStopped():
            yield encoded({"type": "speech_stopped"})
        case Interrupted():
            yield encoded({"type": "interrupted"})
        case GenerationDone():
            yield encoded({"type": "generation_complete"})
        case TurnDone(reason=reason):
            yield encoded({"type": "turn_complete", "reason": reason})
        case ServiceFailed(error=error):
            yield told(refusal(error), fatal=False)
        case Reconnecting() | Reconnected():
            yield _connection(event)
        case _:
            yield from _of_tools(event)


def _of_tools(event: LiveEvent) -> Iterator[str]:
    match event:
        case FunctionCall(id=call_id, name=name, arguments=arguments):
            call = {"id": call_id, "name": name, "args": dict(arguments), "tool_name": name}
            yield encoded({"type": "tool_call", **call})
        case FunctionCallsCancelled(ids=ids):
            yield encoded({"type": "tool_call_cancelled", "ids": list(ids)})
        case SearchMade(queries=queries, sources=sources):
            found = [asdict(source) for source in sources]
            yield encoded({"type": "search", "queries": list(queries), "sources": found})
        case CodeRun():
            yield encoded({"type": "code", **asdict(event)})
        case _:
            return


def _transcript(role: str, text: str, finished: bool) -> str:
    return encoded({"type": "transcript", "role": role, "text": text, "finished": finished})


def _connection(event: Reconnecting | Reconnected) -> str:
    if isinstance(event, Reconnecting):
        said = "The connection to the service is being made anew. What is said meanwhile is kept."
        return encoded({"type": "reconnecting", "reason": event.reason, "data": said})
    said = "The connection stands again."
    if event.restarted:
        said += " The answer comes again from its beginning."
    return encoded({"type": "reconnected", **asdict(event), "data": said})
