"""OpenAI Realtime's events as ours: one answer after the other, with what was received of each."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from aiproxy_desktop.core.live.events import (
    AnswerStarted,
    AnswerText,
    AudioDelta,
    FunctionCall,
    GenerationDone,
    GoingAway,
    InputTranscript,
    Interrupted,
    OutputTranscript,
    ServiceFailed,
    SessionReady,
    SpeechStarted,
    SpeechStopped,
    TurnDone,
    UsageReported,
    WireEvent,
)
from aiproxy_desktop.core.live.openai_reading import arguments_of, error_of, failed_answer, usage_of
from aiproxy_desktop.core.live.wire_reading import WholeSamples, mapping_of, rows_of, sound_of, text_of

# Items whose sound may still be playing.
_REMEMBERED = 8
# Errors that only say that something had happened already.
_NO_NEWS = frozenset({"response_cancel_not_active"})
_BUSY = "conversation_already_has_active_response"

_TOO_SHORT = "too_short"


class AnswerReader:
    """Reads events and knows what is under way.

    `hearing` is whether the service hears the person; `spoken` whether it ever answered in sound. With
    `excuses_transcriber` a refusal of what writes down is no error, see `take_refused_transcriber`.
    """

    def __init__(self, provider: str, label: str) -> None:
        self.hearing = False
        self.spoken = False
        self.excuses_transcriber = False
        self._transcriber_refused = False
        self._provider, self._label = provider, label
        self._ready = False
        self._ask = ""  # the event that asked for an answer which has not begun
        self._response: str | None = None  # the one under way
        self._started = self._dropping = self._interrupted = False
        self._cancel_when_created = False
        self._cancel_due: str | None = None
        self._ask_refused = False
        self._received: dict[str, int] = {}
        self._samples = WholeSamples()
        self._told: set[str] = set()  # calls of this answer
        self._waiting: set[str] = set()  # calls without a result
        self._unreadable: list[str] = []
        self._heard: set[str] = set()  # items of which the words came bit by bit
        self._clears: deque[bool] = deque()
        self._said: list[str] = []  # items of this answer of which words came, the last one last
        self._readers: Mapping[str, Callable[[Mapping[str, Any]], Iterator[WireEvent]]] = {
            "session.updated": self._session,
            "response.created": self._created,
            "response.output_item.added": self._item_added,
            "response.output_item.done": self._item_done,
            "response.output_audio.delta": self._sound,
            "response.output_text.delta": self._text,
            "response.output_audio_transcript.delta": self._words,
            "response.output_audio_transcript.done": self._words_done,
            "response.done": self._done,
            "conversation.item.input_audio_transcription.delta": self._heard_more,
            "conversation.item.input_audio_transcription.completed": self._heard_all,
            "conversation.item.input_audio_transcription.failed": self._heard_all,
            "input_audio_buffer.speech_started": self._speech,
            "input_audio_buffer.speech_stopped": self._speech_over,
            "input_audio_buffer.cleared": self._cleared,
            "error": self._error,
        }

    @property
    def under_way(self) -> bool:
        """Whether an answer is being made, or was asked for."""
        return self._response is not None or bool(self._ask)

    def asked(self, event_id: str) -> None:
        """An answer was asked for, by the event of this id."""
        self._ask = event_id

    def cancel(self) -> bool:
        """The answer under way is unwanted. Whether that can be said now; else see `take_cancel`."""
        if self._response is None:
            self._cancel_when_created = bool(self._ask)
            return False
        told, self._dropping = self._dropping, True
        return not told

    def take_cancel(self) -> str | None:
        """An answer that began although it was unwanted already; once."""
        due, self._cancel_due = self._cancel_due, None
        return due

    def take_refused_ask(self) -> bool:
        """Whether the service was still busy when an answer was asked for; once."""
        refused, self._ask_refused = self._ask_refused, False
        return refused

    def take_refused_transcriber(self) -> bool:
        """Whether the session was refused for what shall write down the person's words; once."""
        refused, self._transcriber_refused = self._transcriber_refused, False
        return refused

    def take_unreadable_calls(self) -> list[str]:
        """Calls with arguments that cannot be read; once."""
        unreadable, self._unreadable = self._unreadable, []
        return unreadable

    def received_from(self, item: str) -> list[tuple[str, int]]:
        """How many bytes of sound have come of an item, and of those after it."""
        names = list(self._received)
        start = names.index(item) if item in names else len(names)
        return [(name, self._received[name]) for name in names[start:]]

    def keep(self, item: str, size: int) -> None:
        """Of an item only so many bytes are left at the service."""
        self._received[item] = size

    def answered(self, call_id: str) -> bool:
        """A call has its result. Whether none waits for one any more."""
        self._waiting.discard(call_id)
        return not self._waiting

    def cleared(self, short: bool) -> None:
        """The service was told to forget what it heard; `short`: a whole turn that was too short."""
        self._clears.append(short)

    def read(self, event: Mapping[str, Any]) -> list[WireEvent]:
        """What an event means."""
        reader = self._readers.get(text_of(event.get("type")))
        return list(reader(event)) if reader is not None else []

    def _session(self, _: Mapping[str, Any]) -> Iterator[WireEvent]:
        if not self._ready:
            self._ready = True
            yield SessionReady()

    def _created(self, event: Mapping[str, Any]) -> Iterator[WireEvent]:
        self._response = text_of(mapping_of(event.get("response")).get("id"))
        self._ask = ""
        self._started = self._interrupted = False
        self._said.clear()
        self._dropping = self._cancel_when_created
        self._told.clear()
        self._samples.clear()
        if self._cancel_when_created:
            self._cancel_when_created = False
            self._cancel_due = self._response
        yield from ()

    def _item_added(self, event: Mapping[str, Any]) -> Iterator[WireEvent]:
        item = mapping_of(event.get("item"))
        if item.get("type") == "message":
            yield from self._begin(text_of(item.get("id")))

    def _item_done(self, event: Mapping[str, Any]) -> Iterator[WireEvent]:
        yield from self._call(mapping_of(event.get("item")))

    def _sound(self, event: Mapping[str, Any]) -> Iterator[WireEvent]:
        if self._dropping:
            return
        item = text_of(event.get("item_id"))
        yield from self._begin(item)
        sound = self._samples.of(sound_of(event.get("delta"), self._provider, self._label))
        if sound:
            self.spoken = True
            while item not in self._received and len(self._received) >= _REMEMBERED:
                self._received.pop(next(iter(self._received)))
            self._received[item] = self._received.get(item, 0) + len(sound)
            yield AudioDelta(sound, item)

    def _text(self, event: Mapping[str, Any]) -> Iterator[WireEvent]:
        text = text_of(event.get("delta"))
        if text and not self._dropping:
            yield from self._begin(text_of(event.get("item_id")))
            yield AnswerText(text)

    def _words(self, event: Mapping[str, Any]) -> Iterator[WireEvent]:
        text, item = text_of(event.get("delta")), text_of(event.get("item_id"))
        if text and not self._dropping:
            yield from self._begin(item)
            if item not in self._said:
                text = f" {text}" if self._said else text  # an answer may be in several pieces
                self._said.append(item)
            yield OutputTranscript(text)

    def _words_done(self, event: Mapping[str, Any]) -> Iterator[WireEvent]:
        if text_of(event.get("item_id")) not in self._said:
            yield from self._words({**event, "delta": event.get("transcript")})

    def _begin(self, item: str) -> Iterator[WireEvent]:
        if not self._started and not self._dropping and self._response is not None:
            self._started = True
            yield AnswerStarted(item)

    def _call(self, item: Mapping[str, Any]) -> Iterator[WireEvent]:
        call_id, name = text_of(item.get("call_id")), text_of(item.get("name"))
        whole = item.get("type") == "function_call" and item.get("status") in {None, "completed"}
        if not whole or not call_id or not name or call_id in self._told or self._dropping:
            return
        self._told.add(call_id)
        self._waiting.add(call_id)
        arguments = arguments_of(item.get("arguments"))
        if arguments is None:
            self._unreadable.append(call_id)
            return
        yield from self._begin("")
        yield FunctionCall(call_id, name, arguments)

    def _done(self, event: Mapping[str, Any]) -> Iterator[WireEvent]:
        response = mapping_of(event.get("response"))
        status = text_of(response.get("status"))
        details = mapping_of(response.get("status_details"))
        reason = "" if status == "completed" else text_of(details.get("reason")) or status
        for item in rows_of(response.get("output")) if status == "completed" else ():
            yield from self._call(item)
        if status == "failed":
            yield ServiceFailed(failed_answer(mapping_of(details.get("error")), self._provider, self._label))
        elif status == "cancelled" or self._dropping:
            yield from self._interrupt()
        elif self._started:
            if self._said:
                yield OutputTranscript("", finished=True)
            yield GenerationDone()
        usage = response.get("usage")
        if isinstance(usage, Mapping):
            yield UsageReported(usage_of(usage))
        if self._response is None:
            self._ask = ""  # it was over before it was said to have begun
        self._response = None
        self._dropping = self._started = self._interrupted = False
        yield TurnDone(reason)

    def _interrupt(self) -> Iterator[WireEvent]:
        self._dropping = True
        if not self._interrupted:
            self._interrupted = True
            yield Interrupted()

    def _heard_more(self, event: Mapping[str, Any]) -> Iterator[WireEvent]:
        text = text_of(event.get("delta"))
        if text:
            item = text_of(event.get("item_id"))
            self._heard.add(item)
            yield InputTranscript(text, item=item)

    def _heard_all(self, event: Mapping[str, Any]) -> Iterator[WireEvent]:
        item = text_of(event.get("item_id"))
        text = "" if item in self._heard else text_of(event.get("transcript"))
        self._heard.discard(item)
        yield InputTranscript(text, finished=True, item=item)

    def _speech(self, _: Mapping[str, Any]) -> Iterator[WireEvent]:
        self.hearing = True
        yield SpeechStarted()
        if self._response is not None:
            yield from self._interrupt()

    def _speech_over(self, _: Mapping[str, Any]) -> Iterator[WireEvent]:
        self.hearing = False
        yield SpeechStopped()

    def _cleared(self, _: Mapping[str, Any]) -> Iterator[WireEvent]:
        if self._clears and self._clears.popleft():
            yield TurnDone(_TOO_SHORT)

    def _error(self, event: Mapping[str, Any]) -> Iterator[WireEvent]:
        error = mapping_of(event.get("error"))
        code, cause = text_of(error.get("code")), text_of(error.get("event_id"))
        about = f"{text_of(error.get('param'))} {text_of(error.get('message'))}".lower()
        if code == "session_expired":
            yield GoingAway(0.0)
        elif not self._ready and self.excuses_transcriber and "transcription" in about:
            self._transcriber_refused = True
        elif code == _BUSY:
            self._ask, self._ask_refused = "", True
        elif code not in _NO_NEWS and not cause.startswith(("cut_", "cancel_")):
            yield ServiceFailed(error_of(error, self._provider, self._label))
            if cause and cause == self._ask:
                self._ask = ""
                yield TurnDone("failed")
