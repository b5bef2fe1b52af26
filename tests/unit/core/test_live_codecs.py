"""What the live codecs write and read where no service is needed to tell."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiproxy_desktop.core.errors import (
    AIProxyError,
    AuthenticationError,
    InterruptedStreamError,
    ModelNotFoundError,
    ProtocolError,
    ProviderFailureError,
    QuotaError,
    RateLimitError,
    RequestError,
)
from aiproxy_desktop.core.live.codec import LiveCodec
from aiproxy_desktop.core.live.events import (
    AnswerStarted,
    AnswerText,
    AudioDelta,
    FunctionCall,
    GenerationDone,
    GoingAway,
    HandleReceived,
    Interrupted,
    OutputTranscript,
    SearchMade,
    ServiceFailed,
    SessionReady,
    Source,
    SpeechStarted,
    TurnDone,
    WireEvent,
)
from aiproxy_desktop.core.live.gemini_codec import GeminiLiveCodec
from aiproxy_desktop.core.live.models import LIVE_MODELS, holds_conversations, live_model_facts
from aiproxy_desktop.core.live.openai_codec import OpenAIRealtimeCodec
from aiproxy_desktop.core.live.values import LiveFunction, LiveOptions

GEMINI = LiveOptions("gemini-3.8-live")
OPENAI = LiveOptions("gpt-realtime-2.1")


def gemini_setup(handle: str | None = None, **changed: Any) -> dict[str, Any]:
    (frame,) = GeminiLiveCodec().setup(LiveOptions(**{"model": "gemini-3.8-live", **changed}), handle)
    setup: dict[str, Any] = json.loads(frame)["setup"]
    return setup


def openai_session(**changed: Any) -> dict[str, Any]:
    (frame,) = OpenAIRealtimeCodec().setup(LiveOptions(**{"model": "gpt-realtime-2.1", **changed}))
    session: dict[str, Any] = json.loads(frame)["session"]
    return session


def read(codec: LiveCodec, *messages: Any) -> list[WireEvent]:
    return [event for one in messages for event in codec.decode(json.dumps(one))]


def kinds(frames: tuple[bytes, ...] | None) -> list[str]:
    return [json.loads(frame)["type"] for frame in frames or ()]


def test_googles_own_configuration_is_laid_over_in_either_spelling() -> None:
    schema = {"type": "object", "properties": {"home_town": {"type": "string"}}}
    typed = {"type": "OBJECT", "properties": {"home_town": {"any_of": [{"type": "STRING"}]}}}
    setup = gemini_setup(
        "newest",
        voice="Kore",
        functions=(LiveFunction("ours"),),
        raw={
            "temperature": 0.5,
            "max_output_tokens": 100,
            "speechConfig": {"language_code": "de-DE"},
            "system_instruction": "Be kind.",
            "realtime_input_config": {"automatic_activity_detection": {"silence_duration_ms": 500}},
            "output_audio_transcription": None,
            "session_resumption": {"handle": "an old one", "transparent": True},
            "http_options": {"api_version": "v1"},
            "tools": [
                {"function_declarations": [{"name": "a", "parameters_json_schema": schema}]},
                {"functionDeclarations": [{"name": "b", "parameters": typed}]},
            ],
        },
    )
    assert setup["generationConfig"]["temperature"] == 0.5
    assert setup["generationConfig"]["maxOutputTokens"] == 100
    speech = setup["generationConfig"]["speechConfig"]
    assert speech == {
        "languageCode": "de-DE",
        "voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore"}},
    }
    assert setup["systemInstruction"]["parts"] == [{"text": "Be kind."}]
    assert setup["realtimeInputConfig"]["automaticActivityDetection"] == {
        "disabled": True,
        "silenceDurationMs": 500,
    }
    assert "outputAudioTranscription" not in setup
    assert setup["sessionResumption"] == {"handle": "newest", "transparent": True}
    assert "httpOptions" not in setup
    declared = [tool["functionDeclarations"][0] for tool in setup["tools"]]
    assert [one["name"] for one in declared] == ["ours", "a", "b"]
    assert declared[1]["parametersJsonSchema"] == schema
    assert declared[2]["parameters"]["properties"] == {"home_town": {"anyOf": [{"type": "STRING"}]}}


def test_a_tool_goes_to_models_that_are_not_known_to_lack_it() -> None:
    asked: dict[str, Any] = {"google_search": True, "code_execution": True}
    assert gemini_setup(**asked)["tools"] == [{"googleSearch": {}}]
    assert gemini_setup(model="models/another", **asked)["tools"] == [
        {"googleSearch": {}},
        {"codeExecution": {}},
    ]
    assert gemini_setup(model="models/another")["model"] == "models/another"


def test_openais_own_session_is_laid_over() -> None:
    session = openai_session(
        mode="hands_free",
        language="pt-BR",
        raw={
            "audio": {"input": {"turn_detection": {"type": "server_vad"}}, "output": {"speed": 1.2}},
            "tracing": None,
        },
    )
    assert session["audio"]["input"]["turn_detection"]["type"] == "server_vad"
    assert session["audio"]["input"]["transcription"]["language"] == "pt"
    assert session["audio"]["output"] == {"format": {"type": "audio/pcm", "rate": 24_000}, "speed": 1.2}
    assert session["tracing"] is None
    assert openai_session()["audio"]["input"]["turn_detection"] is None


def test_the_voice_can_be_changed_until_openai_has_spoken() -> None:
    codec = OpenAIRealtimeCodec()
    codec.setup(OPENAI)
    other = LiveOptions("gpt-realtime-2.1", voice="cedar")
    (frame,) = codec.update(other) or ()
    assert json.loads(frame)["session"]["audio"]["output"]["voice"] == "cedar"
    response = {"type": "response.created", "response": {"id": "r"}}
    sound = {"type": "response.output_audio.delta", "item_id": "i", "delta": "AAAA"}
    read(codec, response, sound)
    assert codec.update(LiveOptions("gpt-realtime-2.1", voice="marin")) is None
    kept = LiveOptions("gpt-realtime-2.1", voice="cedar", instructions="Be brief.")
    (frame,) = codec.update(kept) or ()
    assert "voice" not in json.loads(frame)["session"]["audio"]["output"]  # even the same is refused


def test_an_answer_is_asked_for_once_none_is_under_way() -> None:
    codec = OpenAIRealtimeCodec()
    codec.setup(OPENAI)
    assert kinds(codec.text("One")) == ["conversation.item.create", "response.create"]
    assert kinds(codec.text("Two")) == ["conversation.item.create"]  # One's has not begun
    read(codec, {"type": "response.created", "response": {"id": "r1"}})
    (cancel,) = codec.due()
    assert json.loads(cancel) | {"event_id": ""} == {
        "type": "response.cancel",
        "event_id": "",
        "response_id": "r1",
    }
    read(codec, {"type": "response.done", "response": {"id": "r1", "status": "cancelled"}})
    assert kinds(codec.due()) == ["response.create"]
    assert codec.due() == ()
    # The service was busy all the same, with an answer that it had begun by itself.
    busy = {"code": "conversation_already_has_active_response", "message": "Busy"}
    assert read(codec, {"type": "error", "error": busy}) == []
    assert kinds(codec.due()) == ["response.create"]


def test_arguments_that_cannot_be_read_are_answered_at_once() -> None:
    codec = OpenAIRealtimeCodec()
    codec.setup(OPENAI)
    call = {"type": "function_call", "call_id": "c", "name": "weather", "arguments": '{"town": '}
    created = {"type": "response.created", "response": {"id": "r"}}
    events = read(codec, created, {"type": "response.output_item.done", "item": call})
    assert events == []
    (answer,) = codec.due()
    assert json.loads(answer)["item"]["call_id"] == "c"
    done = {"id": "r", "status": "completed", "output": [call]}
    assert read(codec, {"type": "response.done", "response": done}) == [TurnDone()]
    assert kinds(codec.due()) == ["response.create"]


def test_an_answer_in_several_pieces_is_one() -> None:
    codec = OpenAIRealtimeCodec()
    codec.setup(OPENAI)
    words = "response.output_audio_transcript"
    events = read(
        codec,
        {"type": "response.created", "response": {"id": "r"}},
        {"type": f"{words}.delta", "item_id": "a", "delta": "One moment."},
        {"type": f"{words}.done", "item_id": "a", "transcript": "One moment."},
        {"type": f"{words}.done", "item_id": "b", "transcript": "It is sunny."},
        {"type": "response.done", "response": {"id": "r", "status": "completed"}},
    )
    assert events == [
        AnswerStarted("a"),
        OutputTranscript("One moment."),
        OutputTranscript(" It is sunny."),
        OutputTranscript("", finished=True),
        GenerationDone(),
        TurnDone(),
    ]


def test_what_was_not_heard_is_cut_off_once() -> None:
    codec = OpenAIRealtimeCodec()
    codec.setup(OPENAI)
    second = base64.b64encode(bytes(48_000)).decode()
    read(codec, {"type": "response.created", "response": {"id": "r"}})
    for item in ("a", "b"):
        read(codec, {"type": "response.output_audio.delta", "item_id": item, "delta": second})
    read(codec, {"type": "response.done", "response": {"id": "r", "status": "completed"}})

    def cut(item: str, heard_ms: int) -> list[tuple[str, int]]:
        sent = [json.loads(frame) for frame in codec.cut(item, heard_ms)]
        return [(one["item_id"], one["audio_end_ms"]) for one in sent]

    assert cut("b", 5000) == []  # all of it was heard
    assert cut("a", 300) == [("a", 300), ("b", 0)]
    assert cut("a", 300) == []
    assert cut("another", 300) == []


def test_an_answer_that_was_refused_is_over() -> None:
    codec = OpenAIRealtimeCodec()
    codec.setup(OPENAI)
    asked = json.loads(codec.text("One")[-1])["event_id"]
    error = {"type": "invalid_request_error", "message": "No.", "event_id": asked}
    failed, done = read(codec, {"type": "error", "error": error})
    assert isinstance(failed, ServiceFailed)
    assert isinstance(failed.error, RequestError)
    assert done == TurnDone("failed")
    assert kinds(codec.text("Two"))[-1] == "response.create"


def test_what_gemini_says_of_the_session() -> None:
    codec = GeminiLiveCodec()
    codec.setup(LiveOptions("gemini-3.8-live", mode="hands_free"))
    events = read(
        codec,
        {"setupComplete": {"sessionId": "s"}},
        {"goAway": {"timeLeft": "12s"}},
        {"goAway": {"timeLeft": "soon"}},
        {"sessionResumptionUpdate": {"newHandle": "h", "resumable": True}},
        {"sessionResumptionUpdate": {"newHandle": "", "resumable": False}},
        {"voiceActivity": {"voiceActivityType": "ACTIVITY_START", "audioOffset": "1s"}},
        {"serverContent": {"interimInputTranscription": {"text": "Go"}}},
        {"serverContent": {"modelTurn": {"parts": [{"text": "Hm.", "thought": True}]}}},
        {"serverContent": {"turnComplete": True}},
        {"serverContent": {"turnComplete": True}},
        {"somethingNew": {}},
    )
    assert events == [
        SessionReady(),
        GoingAway(12.0),
        GoingAway(0.0),
        HandleReceived("h"),
        HandleReceived(None),
        SpeechStarted(),
        TurnDone(),
    ]


def test_a_search_is_told_once_however_often_gemini_says_it() -> None:
    codec = GeminiLiveCodec()
    codec.setup(GEMINI)
    asked = {"webSearchQueries": ["sky"]}
    page = {"web": {"uri": "https://a.example", "title": "A"}}
    events = read(
        codec,
        {"serverContent": {"groundingMetadata": asked}},
        {"serverContent": {"groundingMetadata": {**asked, "groundingChunks": [page]}}},
        {"serverContent": {"groundingMetadata": {**asked, "groundingChunks": [page, page]}}},
    )
    assert events == [
        AnswerStarted(),
        SearchMade(("sky",)),
        SearchMade((), (Source("A", "https://a.example"),)),
    ]


def test_gemini_may_leave_out_the_end_of_what_was_cut_off() -> None:
    codec = GeminiLiveCodec()
    codec.setup(GEMINI)
    interrupted = {"serverContent": {"interrupted": True}}
    said = {"serverContent": {"modelTurn": {"parts": [{"text": "Yes"}]}}}
    assert read(codec, said, interrupted, said) == [AnswerStarted(), AnswerText("Yes"), Interrupted()]
    codec.text("And now?")
    assert read(codec, said) == [TurnDone(), AnswerStarted(), AnswerText("Yes")]
    read(codec, {"serverContent": {"turnComplete": True}})
    # One that comes to no answer at all does not silence the next.
    assert read(codec, interrupted, said) == [Interrupted(), AnswerStarted(), AnswerText("Yes")]


def test_a_press_too_short_leaves_what_was_written_to_be_answered() -> None:
    codec = OpenAIRealtimeCodec()
    codec.setup(OPENAI)
    codec.text("One")
    read(codec, {"type": "response.created", "response": {"id": "r1"}})
    codec.text("Two")
    codec.begin_turn()
    assert kinds(codec.end_turn()) == ["input_audio_buffer.clear"]
    cancelled = {"type": "response.done", "response": {"id": "r1", "status": "cancelled"}}
    assert TurnDone("too_short") not in read(codec, cancelled, {"type": "input_audio_buffer.cleared"})
    assert kinds(codec.due()) == ["response.create"]


def test_sound_may_be_in_either_alphabet() -> None:
    codec = GeminiLiveCodec()

    def sounded(data: str) -> list[WireEvent]:
        part = {"inlineData": {"mimeType": "audio/pcm;rate=24000", "data": data}}
        return read(codec, {"serverContent": {"modelTurn": {"parts": [part]}}})

    for data in ("+/8=", "-_8=", "-_8"):
        assert sounded(data)[-1] == AudioDelta(b"\xfb\xff")
    with pytest.raises(ProtocolError):
        sounded("<html>")


@pytest.mark.parametrize(
    ("code", "reason", "kind"),
    [
        (1000, "", InterruptedStreamError),
        (1006, "", InterruptedStreamError),
        (1007, "Request contains an invalid argument.", RequestError),
        (1007, "API key not valid. Please pass a valid API key.", AuthenticationError),
        (1008, "models/old is not found for API version v1beta", ModelNotFoundError),
        (1008, "Method doesn't allow unregistered callers: permission denied", AuthenticationError),
        (1011, "Internal error encountered.", ProviderFailureError),
        (1011, "You exceeded your current quota.", RateLimitError),
        (1013, "", ProviderFailureError),
        (3000, "invalid_request_error.invalid_api_key", AuthenticationError),
        (4000, "invalid_request_error.model_not_found", ModelNotFoundError),
        (4001, "insufficient_quota", QuotaError),
    ],
)
@pytest.mark.parametrize("codec", [GeminiLiveCodec(), OpenAIRealtimeCodec()])
def test_what_a_close_means(codec: LiveCodec, code: int, reason: str, kind: type[AIProxyError]) -> None:
    error = codec.closed(code, reason)
    assert type(error) is kind
    assert error.title
    assert error.advice
    assert "AIza" not in repr(codec.closed(code, "key AIzaSyA0123456789012345678901234567").detail)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_GEMINI_NAMES = (
    *("serverContent", "modelTurn", "parts", "inlineData", "mimeType", "data", "text", "toolCall", "goAway"),
    *("functionCalls", "args", "id", "name", "ids", "toolCallCancellation", "usageMetadata", "turnComplete"),
    *("interrupted", "groundingMetadata", "groundingChunks", "web", "uri", "executableCode", "newHandle"),
    *("sessionResumptionUpdate", "inputTranscription", "outputTranscription", "promptTokensDetails"),
)
_OPENAI_NAMES = (
    *("item", "response", "delta", "transcript", "error", "code", "event_id", "id", "call_id", "usage"),
    *("status", "status_details", "reason", "output", "arguments", "name", "item_id", "message"),
    *("input_token_details", "text_tokens"),
)
_OPENAI_TYPES = (
    *("session.updated", "response.created", "response.output_item.added", "response.output_item.done"),
    *("response.output_audio.delta", "response.output_audio_transcript.delta", "response.done", "error"),
    *("conversation.item.input_audio_transcription.completed", "input_audio_buffer.cleared"),
)


def _objects(names: tuple[str, ...]) -> st.SearchStrategy[Any]:
    """Objects of known names with whatever in them, some levels deep."""
    return st.recursive(
        _JSON,
        lambda inner: (
            st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(names), inner, max_size=5)
        ),
        max_leaves=12,
    )


@settings(max_examples=40)
@given(st.lists(st.dictionaries(st.sampled_from(_GEMINI_NAMES), _objects(_GEMINI_NAMES), max_size=5)))
def test_whatever_gemini_says_is_read_or_refused(messages: list[Any]) -> None:
    codec = GeminiLiveCodec()
    codec.setup(GEMINI)
    for message in messages:
        _read_or_refuse(codec, message)


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(_OPENAI_TYPES),
            st.dictionaries(st.sampled_from(_OPENAI_NAMES), _objects(_OPENAI_NAMES), max_size=5),
        )
    )
)
def test_whatever_openai_says_is_read_or_refused(messages: list[Any]) -> None:
    codec = OpenAIRealtimeCodec()
    codec.setup(OPENAI)
    for kind, fields in messages:
        _read_or_refuse(codec, {**fields, "type": kind})


def _read_or_refuse(codec: LiveCodec, message: Any) -> None:
    try:
        events = list(codec.decode(json.dumps(message)))
    except ProtocolError:
        return
    codec.due()
    for event in events:
        assert not isinstance(event, AudioDelta) or (event.data and len(event.data) % 2 == 0)
        assert not isinstance(event, FunctionCall) or (event.id and event.name)


@pytest.mark.parametrize("frame", ["", "[]", "<html>", b"\xff\xfe", '"setupComplete"'])
@pytest.mark.parametrize("codec", [GeminiLiveCodec(), OpenAIRealtimeCodec()])
def test_what_is_no_message_is_refused(codec: LiveCodec, frame: str | bytes) -> None:
    with pytest.raises(ProtocolError):
        codec.decode(frame)


def test_the_table_of_models() -> None:
    assert len({facts.id for facts in LIVE_MODELS}) == len(LIVE_MODELS)
    for facts in LIVE_MODELS:
        assert len(set(facts.voices)) == len(facts.voices) > 0
        assert facts.input_rate == (16_000 if facts.vendor == "gemini" else 24_000)
    assert live_model_facts("models/gemini-3.8-live") is live_model_facts("gemini-3.8-live")
    assert live_model_facts("another") is None
    assert [holds_conversations(name) for name in ("gpt-realtime-2", "gpt-realtime-whisper")] == [True, False]
    assert not holds_conversations("gemini-3.5-live-translate-preview")
