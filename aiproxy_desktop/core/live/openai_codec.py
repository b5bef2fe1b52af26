"""OpenAI Realtime on the wire (client and server events of openai-python 3.57.0)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.live.codec import Frames
from aiproxy_desktop.core.live.events import WireEvent
from aiproxy_desktop.core.live.openai_answer import AnswerReader
from aiproxy_desktop.core.live.openai_setup import TRANSCRIBERS, session_body, session_change
from aiproxy_desktop.core.live.values import OUTPUT_RATE, LiveOptions, SpokenTurn
from aiproxy_desktop.core.live.wire_reading import WholeSamples, base64_of, close_error, message_of
from aiproxy_desktop.core.wire_json import encode_json

# The service refuses to take a turn of less ("Expected at least 100ms of audio").
_LEAST_MS = 100
# Twice what ends a turn where the service goes by silence (`ServerVad.silence_duration_ms`).
_SILENCE_MS = 1000

# developers.openai.com/api/docs/guides/realtime-conversations: a session lasts 60 minutes at most.
_LIFETIME = 3600.0

_BYTES_PER_MS = OUTPUT_RATE * 2 // 1000
_APPEND_HEAD = b'{"type":"input_audio_buffer.append","audio":"'
_APPEND_TAIL = b'"}'
_COMMIT = b'{"type":"input_audio_buffer.commit"}'
_CLEAR = b'{"type":"input_audio_buffer.clear"}'


class OpenAIRealtimeCodec:
    """One connection's messages.

    The service answers one thing at a time and refuses to begin an answer while another is under way, the
    one just cancelled included. So what asks for an answer may have to wait: see `due`.
    """

    def __init__(self, provider: str = "openai", label: str = "OpenAI") -> None:
        """Begin a connection.

        Args:
            provider: id for errors.
            label: what a person calls the service.
        """
        self._provider, self._label = provider, label
        self._options: LiveOptions | None = None
        self._reader = AnswerReader(provider, label)
        self._transcribers = iter(TRANSCRIBERS)
        self._transcriber = next(self._transcribers)
        self._wanted = False  # an answer is to be asked for as soon as none is under way
        self._owed = False  # one was, before the person began to speak
        self._number = 0
        self._buffered = 0  # bytes of sound that the service has heard and not taken as a turn
        self._commits = 0  # turns that were taken at our word, of which the service has not said so
        self._samples = WholeSamples()

    @property
    def input_rate(self) -> int:
        """24 kHz, the only rate it takes."""
        return OUTPUT_RATE

    @property
    def lifetime(self) -> float:
        """An hour, of whose end it gives no notice."""
        return _LIFETIME

    def setup(
        self,
        options: LiveOptions,
        handle: str | None = None,  # noqa: ARG002 - a session ends with its connection here
        *,
        history: bool = False,  # noqa: ARG002 - needs no announcing
    ) -> Frames:
        """The session as it shall be."""
        self._options = options
        self._reader.excuses_transcriber = bool(self._transcriber)
        return (_event("session.update", session=session_body(options, self._transcriber)),)

    def history(self, turns: Sequence[SpokenTurn]) -> Frames:
        """One item for each turn; none asks for an answer."""
        return tuple(_message(one.role == "user", one.text) for one in turns if one.text)

    def begin_turn(self) -> Frames:
        """Ends an answer under way, and forgets what was heard and not taken."""
        owed = self._wanted
        frames = self._cancel()
        self._owed = owed
        if self._buffered:
            frames += self._clear(False)
        self._samples.clear()
        return frames

    def audio(self, pcm: bytes) -> Frames:
        """More sound."""
        whole = self._samples.of(pcm)
        if not whole:
            return ()
        self._buffered += len(whole)
        return (_APPEND_HEAD + base64_of(whole) + _APPEND_TAIL,)

    def end_turn(self) -> Frames:
        """Takes what was heard as a turn. A press too short for that is forgotten, which is no error."""
        self._samples.clear()
        if self._buffered < _LEAST_MS * _BYTES_PER_MS:
            return self._clear(False) + self._ask() if self._owed else self._clear(True)
        return (*self._commit(), *self._ask())

    def end_audio(self) -> Frames:
        """What is being said is taken as a turn, since the silence by which its end is heard will not come.

        Where the service has not said yet that it hears anyone, it is given that silence.
        """
        self._samples.clear()
        if self._reader.hearing and self._buffered >= _LEAST_MS * _BYTES_PER_MS:
            self._reader.hearing = False
            return (*self._commit(), *self._ask())
        return self.audio(bytes(_SILENCE_MS * _BYTES_PER_MS)) if self._buffered else ()

    def text(self, text: str) -> Frames:
        """A turn in writing; it ends an answer under way."""
        return (*self._cancel(), _message(True, text), *self._ask())

    def function_result(
        self,
        call_id: str,
        name: str,  # noqa: ARG002 - its id is enough here
        result: Mapping[str, Any],
    ) -> Frames:
        """The answer to a call; what comes of it is asked for once all calls of its answer have theirs."""
        output = encode_json(result).decode()
        item = {"type": "function_call_output", "call_id": call_id, "output": output}
        sent = _event("conversation.item.create", item=item)
        return (sent, *self._ask()) if self._reader.answered(call_id) else (sent,)

    def cut(self, item: str, heard_ms: int) -> Frames:
        """Ends the answer, and lets the service forget what of it was not heard."""
        under_way = self._reader.under_way
        frames = self._cancel()
        for number, (name, size) in enumerate(self._reader.received_from(item)):
            received = size // _BYTES_PER_MS
            heard = heard_ms if number == 0 else 0  # of what came after it nothing was heard
            if received and (under_way or heard < received):
                end = max(0, min(heard, received))
                self._reader.keep(name, end * _BYTES_PER_MS)
                frames += (self._truncate(name, end),)
        return frames

    def update(self, options: LiveOptions) -> Frames | None:
        """Everything but the model, how it answers, and the voice once it has spoken."""
        if self._options is None:
            return None
        change = session_change(self._options, options, self._transcriber, spoken=self._reader.spoken)
        if change is None:
            return None
        self._options = options
        return (_event("session.update", session=change),) if change else ()

    def due(self) -> Frames:
        """What had to wait for what was just decoded."""
        frames: Frames = ()
        if self._reader.take_refused_transcriber() and self._options is not None:
            self._transcriber = next(self._transcribers, "")
            frames += self.setup(self._options)
        for call_id in self._reader.take_unreadable_calls():
            frames += self.function_result(call_id, "", {"error": "The arguments are no JSON object."})
        cancel = self._reader.take_cancel()
        if cancel is not None:
            frames += (_event("response.cancel", event_id=self._id("cancel"), response_id=cancel),)
        if self._reader.take_refused_ask():
            self._wanted = True
        return frames + self._ask_if_wanted()

    def decode(self, frame: bytes | str) -> Iterable[WireEvent]:
        """What an event of the service means; some mean several things, many nothing.

        Raises:
            ProtocolError: it is none of this service's events.
        """
        message = message_of(frame, self._provider, self._label)
        if message.get("type") == "input_audio_buffer.committed":
            if self._commits:
                self._commits -= 1  # ours, and what was said since is of another turn
            else:
                self._buffered = 0
        return self._reader.read(message)

    def closed(self, code: int, reason: str) -> AIProxyError:
        """What a close code means."""
        return close_error(code, reason, self._provider, self._label)

    def _ask(self) -> Frames:
        self._wanted, self._owed = True, False
        return self._ask_if_wanted()

    def _ask_if_wanted(self) -> Frames:
        if not self._wanted or self._reader.under_way:
            return ()
        self._wanted = False
        asked = self._id("answer")
        self._reader.asked(asked)
        return (_event("response.create", event_id=asked),)

    def _cancel(self) -> Frames:
        """End the answer under way, if there is one that has not been told so."""
        self._wanted = False
        if not self._reader.cancel():
            return ()
        return (_event("response.cancel", event_id=self._id("cancel")),)

    def _commit(self) -> Frames:
        self._buffered = 0
        self._commits += 1
        return (_COMMIT,)

    def _clear(self, short: bool) -> Frames:
        self._buffered = 0
        self._reader.cleared(short)
        return (_CLEAR,)

    def _truncate(self, item: str, end: int) -> bytes:
        return _event(
            "conversation.item.truncate",
            event_id=self._id("cut"),
            item_id=item,
            content_index=0,
            audio_end_ms=end,
        )

    def _id(self, kind: str) -> str:
        self._number += 1
        return f"{kind}_{self._number}"


def _event(kind: str, **fields: Any) -> bytes:
    return encode_json({"type": kind, **fields})


def _message(from_person: bool, text: str) -> bytes:
    content = {"type": "input_text" if from_person else "output_text", "text": text}
    role = "user" if from_person else "assistant"
    return _event("conversation.item.create", item={"type": "message", "role": role, "content": [content]})
