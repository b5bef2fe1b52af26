"""Gemini Live on the wire (BidiGenerateContent, as google-genai 3.6.1 speaks it)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.failures import failure, read_refusal
from aiproxy_desktop.core.live.codec import Frames
from aiproxy_desktop.core.live.events import (
    AnswerStarted,
    AnswerText,
    AudioDelta,
    CodeRun,
    FunctionCall,
    FunctionCallsCancelled,
    GenerationDone,
    GoingAway,
    HandleReceived,
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
from aiproxy_desktop.core.live.gemini_reading import code_run, search_of, seconds_of, usage_of
from aiproxy_desktop.core.live.gemini_setup import context_update, setup_body
from aiproxy_desktop.core.live.values import LiveOptions, SpokenTurn
from aiproxy_desktop.core.live.wire_reading import (
    WholeSamples,
    base64_of,
    close_error,
    mapping_of,
    message_of,
    rows_of,
    sound_of,
    text_of,
)
from aiproxy_desktop.core.wire_json import encode_json

GEMINI_INPUT_RATE = 16_000

# ai.google.dev/gemini-api/docs/live-session: "the lifetime of a connection is limited to around 10 minutes".
_LIFETIME = 600.0

_AUDIO_HEAD = b'{"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16000","data":"'
_AUDIO_TAIL = b'"}}}'
_ACTIVITY_START = b'{"realtimeInput":{"activityStart":{}}}'
_ACTIVITY_END = b'{"realtimeInput":{"activityEnd":{}}}'
_STREAM_END = b'{"realtimeInput":{"audioStreamEnd":true}}'
_NO_REASON = frozenset({"", "TURN_COMPLETE_REASON_UNSPECIFIED"})


class GeminiLiveCodec:
    """One connection's messages.

    Transcripts of what the model says are in no order with its sound. One that comes after its turn is over
    is told without another AnswerStarted: it belongs to the answer before.
    """

    def __init__(self, provider: str = "gemini", label: str = "Gemini") -> None:
        """Begin a connection.

        Args:
            provider: id for errors.
            label: what a person calls the service.
        """
        self._provider, self._label = provider, label
        self._options: LiveOptions | None = None
        self._history_due = False
        self._speaking = False  # the person, push to talk
        self._asked = False  # an answer is wanted that has not begun
        self._answering = False
        self._generated = False
        self._dropping = False  # the answer was cut, its rest is still coming
        self._interrupted = False
        self._closed_turn = False  # nothing came since the last TurnDone
        self._searched: set[str] = set()  # told of this answer: the service says it over and over
        self._sent, self._received = WholeSamples(), WholeSamples()

    @property
    def input_rate(self) -> int:
        """16 kHz."""
        return GEMINI_INPUT_RATE

    @property
    def lifetime(self) -> float:
        """About ten minutes; it mostly says so before."""
        return _LIFETIME

    def setup(self, options: LiveOptions, handle: str | None = None, *, history: bool = False) -> Frames:
        """The first message; with `history`, what was said so far is sent as the first thing after it."""
        self._options = options
        self._history_due = history and handle is None
        return (encode_json({"setup": setup_body(options, handle, self._history_due)}),)

    def history(self, turns: Sequence[SpokenTurn]) -> Frames:
        """What was said so far: announced in the set-up (`HistoryConfig`), it asks for no answer."""
        announced, self._history_due = self._history_due, False
        said = [{"role": one.role, "parts": [{"text": one.text}]} for one in turns if one.text]
        if not said and not announced:
            return ()
        return (encode_json({"clientContent": {"turns": said, "turnComplete": announced}}),)

    def begin_turn(self) -> Frames:
        """Marks the beginning of speech; it interrupts an answer by itself."""
        if self._speaking:
            return ()
        self._speaking = True
        self._sent.clear()
        return (_ACTIVITY_START,)

    def audio(self, pcm: bytes) -> Frames:
        """More sound."""
        whole = self._sent.of(pcm)
        return (_AUDIO_HEAD + base64_of(whole) + _AUDIO_TAIL,) if whole else ()

    def end_turn(self) -> Frames:
        """Marks the end of speech, however short it was."""
        if not self._speaking:
            return ()
        self._speaking = False
        self._want_answer()
        return (_ACTIVITY_END,)

    def end_audio(self) -> Frames:
        """Only where the service itself detects speech (`LiveClientRealtimeInput.audio_stream_end`)."""
        self._sent.clear()
        return () if self._manual else (_STREAM_END,)

    def text(self, text: str) -> Frames:
        """A turn in writing: as real-time input, since models from 3.1 on refuse any other in a conversation.

        Where speech is marked by hand, text has to be, too.
        """
        self._want_answer()
        said = encode_json({"realtimeInput": {"text": text}})
        if not self._manual or self._speaking:
            return (said,)
        return (_ACTIVITY_START, said, _ACTIVITY_END)

    def function_result(self, call_id: str, name: str, result: Mapping[str, Any]) -> Frames:
        """The answer to a call."""
        self._want_answer()
        response = {"id": call_id, "name": name, "response": dict(result)}
        return (encode_json({"toolResponse": {"functionResponses": [response]}}),)

    def cut(self, item: str, heard_ms: int) -> Frames:  # noqa: ARG002 - the service has no word for it
        """No message ends an answer but new speech; the rest of this one is dropped as it comes."""
        if self._answering:
            self._dropping = True
        return ()

    def update(self, options: LiveOptions) -> Frames | None:
        """Instructions and functions change under way (`LiveClientContextUpdate`); nothing else does."""
        before, changed = self._options, None
        if before is not None:
            changed = context_update(before, options)
        if changed is None:
            return None
        self._options = options
        return (encode_json({"contextUpdate": changed}),) if changed else ()

    def due(self) -> Frames:
        """Nothing ever has to wait for the service."""
        return ()

    def decode(self, frame: bytes | str) -> Iterable[WireEvent]:
        """What a message means; one may mean several things.

        Raises:
            ProtocolError: it is none of this service's messages.
        """
        message = message_of(frame, self._provider, self._label)
        return list(self._events(message))

    def closed(self, code: int, reason: str) -> AIProxyError:
        """What a close code means."""
        return close_error(code, reason, self._provider, self._label)

    @property
    def _manual(self) -> bool:
        return self._options is None or self._options.mode == "push_to_talk"

    def _want_answer(self) -> None:
        self._asked = True
        self._closed_turn = False

    def _events(self, message: Mapping[str, Any]) -> Iterator[WireEvent]:
        if "setupComplete" in message:
            yield SessionReady()
        content = message.get("serverContent")
        if isinstance(content, Mapping):
            yield from self._content(content)
        if "toolCall" in message:
            yield from self._calls(mapping_of(message["toolCall"]))
        if "toolCallCancellation" in message:
            ids = mapping_of(message["toolCallCancellation"]).get("ids")
            named = tuple(one for one in ids if isinstance(one, str)) if isinstance(ids, list) else ()
            if named:
                yield FunctionCallsCancelled(named)
        usage = message.get("usageMetadata")
        if isinstance(usage, Mapping):
            yield UsageReported(usage_of(usage))
        if isinstance(content, Mapping) and content.get("turnComplete") is True:
            yield from self._turn_done(text_of(content.get("turnCompleteReason")))
        yield from self._about_the_session(message)

    def _about_the_session(self, message: Mapping[str, Any]) -> Iterator[WireEvent]:
        if "sessionResumptionUpdate" in message:
            update = mapping_of(message["sessionResumptionUpdate"])
            handle = text_of(update.get("newHandle"))
            yield HandleReceived(handle if handle and update.get("resumable") is True else None)
        if "goAway" in message:
            yield GoingAway(seconds_of(mapping_of(message["goAway"]).get("timeLeft")))
        activity = mapping_of(message.get("voiceActivity")).get("voiceActivityType")
        if activity == "ACTIVITY_START" and not self._manual:
            yield SpeechStarted()
        elif activity == "ACTIVITY_END" and not self._manual:
            yield SpeechStopped()
        if "error" in message:
            refusal = read_refusal(message)
            yield ServiceFailed(failure(refusal, label=self._label, provider=self._provider))

    def _content(self, content: Mapping[str, Any]) -> Iterator[WireEvent]:
        heard = content.get("inputTranscription")
        if isinstance(heard, Mapping):
            yield from self._heard(heard)
        if content.get("interrupted") is True:
            yield from self._cut_off()
        yield from self._parts(rows_of(mapping_of(content.get("modelTurn")).get("parts")))
        said = content.get("outputTranscription")
        if isinstance(said, Mapping):
            yield from self._said(said)
        grounding = content.get("groundingMetadata")
        if isinstance(grounding, Mapping) and not self._dropping:
            search = search_of(grounding, self._searched)
            if search is not None:
                yield from self._started()
                yield search
        if content.get("generationComplete") is True and self._answering and not self._dropping:
            self._generated = True
            yield GenerationDone()

    def _heard(self, heard: Mapping[str, Any]) -> Iterator[WireEvent]:
        text, finished = text_of(heard.get("text")), heard.get("finished") is True
        if text or finished:
            self._closed_turn = False
            if not self._answering and not self._manual:
                self._asked = True  # nothing else tells that the person has spoken
            yield InputTranscript(text, finished)

    def _said(self, said: Mapping[str, Any]) -> Iterator[WireEvent]:
        text, finished = text_of(said.get("text")), said.get("finished") is True
        if self._dropping or not (text or finished):
            return
        if self._asked and text:
            yield from self._started()
        yield OutputTranscript(text, finished)

    def _parts(self, parts: Sequence[Mapping[str, Any]]) -> Iterator[WireEvent]:
        for part in parts:
            if self._dropping and self._interrupted and self._asked:
                # Another answer begins; the end of the one that was cut off was left out.
                yield from self._turn_done("")
            if self._dropping:
                return
            event = self._part(part)
            if event is not None:
                yield from self._started()
                yield event

    def _part(self, part: Mapping[str, Any]) -> WireEvent | None:
        if part.get("thought") is True:
            return None
        blob = part.get("inlineData")
        if isinstance(blob, Mapping):
            if not text_of(blob.get("mimeType")).startswith("audio/"):
                return None
            sound = self._received.of(sound_of(blob.get("data"), self._provider, self._label))
            return AudioDelta(sound) if sound else None
        run: CodeRun | None = code_run(part)
        if run is not None:
            return run
        text = text_of(part.get("text"))
        return AnswerText(text) if text else None

    def _calls(self, call: Mapping[str, Any]) -> Iterator[WireEvent]:
        for one in rows_of(call.get("functionCalls")):
            name, call_id = text_of(one.get("name")), text_of(one.get("id"))
            if name and call_id:
                yield from self._started()
                yield FunctionCall(call_id, name, dict(mapping_of(one.get("args"))))

    def _started(self) -> Iterator[WireEvent]:
        self._closed_turn = False
        if not self._answering:
            self._answering, self._asked, self._generated = True, False, False
            self._interrupted = False
            yield AnswerStarted()

    def _cut_off(self) -> Iterator[WireEvent]:
        if not self._interrupted:
            self._interrupted, self._dropping = True, self._answering
            self._closed_turn = False
            yield Interrupted()

    def _turn_done(self, reason: str) -> Iterator[WireEvent]:
        if self._closed_turn:
            return
        if self._dropping and not self._interrupted and self._answering:
            yield Interrupted()  # cut from here, and the service never knew
        elif self._answering and not self._generated and not self._dropping:
            yield GenerationDone()
        if not self._interrupted:
            self._asked = False  # what was asked since an interruption is still to be answered
        self._answering = self._dropping = self._interrupted = self._generated = False
        self._searched.clear()
        self._closed_turn = True
        self._received.clear()
        yield TurnDone("" if reason in _NO_REASON else reason)
