"""What a client of a live session may say, in every form; and what it cannot."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.live.services import GeminiLiveService, OpenAIRealtimeService
from aiproxy_desktop.server.errors import Refusal
from aiproxy_desktop.server.live.config import Setup, read_setup
from aiproxy_desktop.server.live.messages import (
    ClientMessage,
    Config,
    Cut,
    Mark,
    ToolResult,
    Words,
    read_frame,
)
from aiproxy_desktop.server.live.pcm import BAD_AUDIO, NO_AUDIO, NOT_PCM, Sound
from aiproxy_desktop.server.live.tools import read_tools

PCM = b"\x01\x02\x03\x04"
B64 = base64.b64encode(PCM).decode()
KEYS = StaticCredentials({})

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_NAMES = st.sampled_from(
    (
        *(
            "type",
            "data",
            "text",
            "mime_type",
            "format",
            "rate",
            "base64",
            "id",
            "result",
            "heard_ms",
            "model",
        ),
        *("tools", "generation_config", "voice", "language", "mode", "google_search", "system_instruction"),
        *("response_modalities", "parts", "function", "name", "parameters", "function_declarations"),
    )
)
_TYPES = st.sampled_from(["config", "text", "message", "audio", "interrupt", "tool_result", "activity_end"])
_FIELDS = st.dictionaries(_NAMES, _JSON | st.dictionaries(_NAMES, _JSON, max_size=4), max_size=6)


def read(**message: Any) -> ClientMessage:
    return read_frame(json.dumps(message))


def refused(**message: Any) -> str:
    with pytest.raises(Refusal) as no:
        read(**message)
    return no.value.sentence


def setup(openai: bool = False, **fields: Any) -> Setup:
    if openai:
        return read_setup(fields, "gpt-realtime-2.1", OpenAIRealtimeService(KEYS))
    return read_setup(fields, "gemini-3.8-live", GeminiLiveService(KEYS))


@pytest.mark.parametrize(
    ("message", "meant"),
    [
        ({"type": "config", "app": "a", "data": {"model": "m"}}, Config({"app": "a", "model": "m"})),
        ({"type": "message", "data": {"text": "Hi"}}, Words("Hi")),
        ({"type": "message", "data": "Hi"}, Words("Hi")),
        ({"type": "text", "text": "Hi"}, Words("Hi")),
        ({"type": "audio", "data": B64}, Sound(PCM)),
        ({"type": "audio", "data": B64, "mime_type": "audio/pcm;rate=8000"}, Sound(PCM, 8000)),
        ({"type": "audio", "data": {"base64": B64, "mimeType": "audio/PCM; rate=24000"}}, Sound(PCM, 24000)),
        ({"type": "audio", "data": {"data": B64, "format": "pcm16", "sampleRate": 16000}}, Sound(PCM, 16000)),
        ({"type": "audio", "data": {"b64": B64, "codec": "pcm"}}, Sound(PCM)),
        ({"type": "audio", "data": f"data:audio/pcm;rate=16000;base64,{B64}"}, Sound(PCM, 16000)),
        ({"type": "activity_start"}, Mark("activity_start")),
        ({"type": "interrupt"}, Cut(None)),
        ({"type": "interrupt", "data": {"heard_ms": 12.7}}, Cut(12)),
        ({"type": "tool_result", "id": "1", "result": {"a": 1}}, ToolResult("1", {"a": 1})),
        ({"type": "tool_result", "data": {"call_id": "1", "output": "x"}}, ToolResult("1", {"result": "x"})),
        ({"type": "tool_result", "result": None}, ToolResult("", {"result": None})),
    ],
)
def test_every_form_of_a_message(message: dict[str, Any], meant: ClientMessage) -> None:
    assert read(**message) == meant


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"data": {"base64": B64, "mime_type": "audio/webm"}}, NOT_PCM),
        ({"data": {"base64": B64, "format": "webm-opus"}}, NOT_PCM),
        ({"data": f"data:audio/webm;codecs=opus;base64,{B64}"}, NOT_PCM),
        ({"data": base64.b64encode(b"RIFF1234WAVE").decode()}, NOT_PCM),
        ({"data": {"base64": B64, "mime_type": "audio/pcm;channels=2"}}, "The sound has more than one"),
        ({"data": {"base64": B64, "rate": 1}}, "“1” is no sample rate"),
        ({"data": [B64]}, "Invalid audio payload: expected base64 data"),
        ({}, "Invalid audio payload: expected base64 data"),
        ({"data": B64[:-1]}, "Invalid base64 audio payload"),
    ],
)
def test_sound_that_is_none(more: dict[str, Any], sentence: str) -> None:
    assert refused(type="audio", **more).startswith(sentence)


def said_of(message: dict[str, Any]) -> str:
    """Why it is refused; empty where it is not."""
    try:
        meant = read_frame(json.dumps(message))
        if isinstance(meant, Config):
            read_setup(meant.fields, "gemini-3.8-live", GeminiLiveService(KEYS))
    except Refusal as no:
        return no.sentence
    return ""


@given(st.builds(lambda kind, fields: {**fields, "type": kind}, _TYPES | _JSON, _FIELDS))
def test_whatever_comes_is_read_or_refused_with_a_sentence(message: dict[str, Any]) -> None:
    sentence = said_of(message)
    assert sentence in {"", NOT_PCM, NO_AUDIO, BAD_AUDIO} or sentence.endswith(".")
    assert len(sentence) < 700


@given(st.text() | st.binary())
def test_no_frame_is_too_strange(frame: str | bytes) -> None:
    with suppress(Refusal):
        read_frame(frame)


def test_what_a_configuration_asks_for() -> None:
    wanted = setup(
        voice="puck",
        language="de",
        mode="push_to_talk",
        system_instruction={"parts": [{"text": "Be"}, {"text": "brief"}]},
        google_search=True,
        generation_config={"temperature": 0.5, "topK": 3, "thinking_config": {"a": 1}, "n": 2},
        rate="24000",
        token="t",
        user_id="u",
        colour="red",
    )
    options = wanted.options
    assert (options.voice, options.language, options.mode) == ("Puck", "de-DE", "push_to_talk")
    assert options.instructions == "Be\nbrief"
    assert options.raw == {"generationConfig": {"temperature": 0.5, "topK": 3, "thinkingConfig": {"a": 1}}}
    assert (wanted.rate, wanted.ignored) == (24000, ("colour", "generation_config.n"))
    other = setup(openai=True, generation_config={"max_output_tokens": 9, "response_modalities": ["TEXT"]})
    assert (other.options.raw, other.options.modality, other.sound) == (
        {"max_output_tokens": 9},
        "text",
        False,
    )


def test_tools_of_either_kind() -> None:
    found = read_tools(
        [
            {"type": "function", "function": {"name": "a", "parameters": {"type": "object"}}},
            {"type": "function", "name": "b", "description": "B"},
            {
                "functionDeclarations": [
                    {"name": "c", "parameters": {"properties": {"type": {"type": "STRING"}}}}
                ]
            },
            {"googleSearch": {}},
            {"url_context": {}},
        ]
    )
    assert [one.name for one in found.functions] == ["a", "b", "c"]
    assert found.functions[2].parameters == {"properties": {"type": {"type": "string"}}}
    assert (found.google_search, found.code_execution, found.unknown) == (True, False, ("url_context",))
    with pytest.raises(Refusal, match="two functions “a”"):
        read_tools([{"name": "a"}, {"name": "a"}])
