"""The official clients talk with our stand-ins for their services, and send what our codecs send."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aiproxy_desktop.core.live.gemini_codec import GeminiLiveCodec
from aiproxy_desktop.core.live.values import LiveFunction, LiveOptions
from tests.live_servers import Call, GeminiLive, OpenAIRealtime
from tests.live_servers.gemini import camelled
from tests.live_servers.sound import resampled, tone
from tests.seed.services import Authority

MODEL = "gemini-3.8-live"
SCHEMA = {"type": "object", "properties": {"home_town": {"type": "string"}}}


def google_config() -> Any:
    """What `options` say, in Google's words."""
    from google.genai import types

    return types.LiveConnectConfig(
        response_modalities=[types.Modality.AUDIO],
        speech_config=types.SpeechConfig(
            voice_config=types.VoiceConfig(
                prebuilt_voice_config=types.PrebuiltVoiceConfig(voice_name="Kore")
            ),
            language_code="en-US",
        ),
        system_instruction="Be brief.",
        tools=[
            types.Tool(
                function_declarations=[
                    types.FunctionDeclaration(
                        name="weather", description="The sky.", parameters_json_schema=SCHEMA
                    )
                ]
            ),
            types.Tool(google_search=types.GoogleSearch()),
        ],
        realtime_input_config=types.RealtimeInputConfig(
            automatic_activity_detection=types.AutomaticActivityDetection(disabled=True),
            activity_handling=types.ActivityHandling.START_OF_ACTIVITY_INTERRUPTS,
            turn_coverage=types.TurnCoverage.TURN_INCLUDES_ONLY_ACTIVITY,
        ),
        input_audio_transcription=types.AudioTranscriptionConfig(),
        output_audio_transcription=types.AudioTranscriptionConfig(),
        session_resumption=types.SessionResumptionConfig(),
        context_window_compression=types.ContextWindowCompressionConfig(sliding_window=types.SlidingWindow()),
    )


OPTIONS = LiveOptions(
    MODEL,
    voice="Kore",
    language="en-US",
    instructions="Be brief.",
    functions=(LiveFunction("weather", "The sky.", SCHEMA),),
    google_search=True,
)


def with_sorted_tools(message: dict[str, Any]) -> Any:
    """A set-up message; Google's client has an order of its own for tools."""
    found = camelled(message)
    found["setup"]["tools"].sort(key=str)
    return found


async def test_googles_client_speaks_with_our_gemini_live(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from google import genai
    from google.genai import types

    authority = Authority.make(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    speech = tone(0.3, rate=16_000)
    async with GeminiLive(tls=authority.context(), echo=True) as server:
        http = types.HttpOptions(api_version="v1beta", base_url=server.url)
        client = genai.Client(api_key="live-key-0123456789", vertexai=False, http_options=http)
        async with client.aio.live.connect(model=MODEL, config=google_config()) as session:
            await session.send_realtime_input(activity_start=types.ActivityStart())
            blob = types.Blob(data=speech, mime_type="audio/pcm;rate=16000")
            await session.send_realtime_input(audio=blob)
            await session.send_realtime_input(activity_end=types.ActivityEnd())
            heard = [message async for message in session.receive()]
            server.behave(echo=False, calls=(Call("weather", {"home_town": "Rome"}),))
            await session.send_client_content(
                turns=types.Content(role="user", parts=[types.Part(text="How is the weather?")])
            )
            words = ""
            async for message in session.receive():
                for call in (message.tool_call.function_calls or []) if message.tool_call else []:
                    response = types.FunctionResponse(id=call.id, name=call.name, response={"sky": "clear"})
                    await session.send_tool_response(function_responses=[response])
                said = message.server_content.output_transcription if message.server_content else None
                words += (said.text or "") if said else ""
    assert b"".join(message.data or b"" for message in heard) == resampled(speech, 16_000)
    assert words == "Hello from loopback"
    assert server.connection.results == {"call-1": {"sky": "clear"}}
    assert not server.refusals
    # The very message that our codec begins with.
    (ours,) = GeminiLiveCodec().setup(OPTIONS)
    assert with_sorted_tools(json.loads(ours)) == with_sorted_tools(server.connection.messages[0])


async def test_openais_client_speaks_with_our_realtime() -> None:
    from openai import AsyncOpenAI

    kinds: list[str] = []
    async with OpenAIRealtime() as server:
        client = AsyncOpenAI(api_key="live-key-0123456789", base_url=f"{server.url}/v1")
        async with client.realtime.connect(model="gpt-realtime-2.1") as connection:
            await connection.session.update(
                session={"type": "realtime", "audio": {"input": {"turn_detection": None}}}
            )
            await connection.conversation.item.create(
                item={
                    "type": "message",
                    "role": "user",
                    "content": [{"type": "input_text", "text": "Good evening"}],
                }
            )
            await connection.response.create()
            words = ""
            async for event in connection:
                kinds.append(event.type)
                if event.type == "response.output_audio_transcript.delta":
                    words += event.delta
                if event.type == "response.done":
                    break
        await client.close()
    assert words == "Hello from loopback"
    assert kinds[:2] == ["session.created", "session.updated"]
    assert [turn.text for turn in server.turns] == ["Good evening"]
    assert not server.refusals
