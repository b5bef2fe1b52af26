"""`WS /api/gemini/ws`: every message of the seed and its documentation, and ours, with a real client."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from aiproxy_desktop.server.live.pcm import BAD_AUDIO, NO_AUDIO, NOT_PCM
from tests.integration.api.live_client import client, live_api
from tests.live_servers import Call, GeminiLive, LiveServer, OpenAIRealtime
from tests.waiting import until

SPEECH = b"\x10\x20" * 4800  # 300 ms at 16 kHz, loud
SILENCE = bytes(2 * 8000)
WEATHER: Mapping[str, Any] = {
    "name": "get_weather",
    "description": "Get current weather for a location",
    "parameters": {"type": "OBJECT", "properties": {"location": {"type": "STRING"}}},
}


async def test_the_seeds_conversation_in_writing() -> None:
    async with live_api() as (api, service), client(api) as one:
        generation = {
            "temperature": 0.7,
            "max_output_tokens": 1000,
            "response_modalities": ["TEXT", "AUDIO"],
        }
        told = await one.config(
            data={
                "model": "gemini-3.8-live",
                "generation_config": generation,
                "voice": "Puck",
                "system_instruction": "Be brief.",
            }
        )
        assert told["message"] == "Configuration acknowledged"
        assert (told["client_id"], told["ip"]) == ("127.0.0.1", "127.0.0.1")
        assert (told["model"], told["mode"], told["ignored"]) == ("gemini:gemini-3.8-live", "hands_free", [])
        assert one.of("system")[0]["data"] == "Connected to Gemini Live"
        assert one.kinds == ["config_success", "system"]
        await one.say(type="message", data={"text": "Hello, how are you?"})
        await one.until("turn_complete")
        await one.say(type="text", text="And now?")
        await one.until("turn_complete", 2)
        await one.say(type="text", data="A third form")
        await one.until("turn_complete", 3)

        assert [turn.text for turn in service.turns] == ["Hello, how are you?", "And now?", "A third form"]
        sound = one.of("audio")[0]
        assert (sound["format"], sound["sampleRate"]) == ("pcm16", 24000)
        assert len(one.heard) == 3 * int(0.2 * 24000) * 2
        assert "".join(m["text"] for m in one.of("response")) == one.words("model")
        wanted = service.connection.setup["generationConfig"]
        assert (wanted["temperature"], wanted["maxOutputTokens"]) == (0.7, 1000)
        assert wanted["speechConfig"]["voiceConfig"]["prebuiltVoiceConfig"]["voiceName"] == "Puck"
        assert service.connection.setup["systemInstruction"]["parts"] == [{"text": "Be brief."}]
        usage = one.of("usage")[-1]
        assert (usage["input_tokens"], usage["output_tokens"]) == (3 * 35, 3 * 30)
        await one.socket.close()
        await until(lambda: api.log.recent()[-1].seconds is not None)
        entry = api.log.recent()[-1]
        assert (entry.method, entry.path, entry.status) == ("WS", "/api/gemini/ws", 1000)
        assert (entry.model, entry.input_tokens, entry.output_tokens) == (told["model"], 105, 90)
        assert entry.cost == pytest.approx(usage["cost"]) != 0
        assert entry.first_token_seconds is not None
    assert service.refusals == []


async def test_without_a_configuration_it_connects_by_itself() -> None:
    async with live_api() as (api, service), client(api) as waits, client(api) as speaks:
        await speaks.say(type="text", text="At once")  # before anything was said to it
        await speaks.until("turn_complete")
        assert speaks.kinds[0] == "system"
        assert (await waits.until("system"))["data"] == "Connected to Gemini Live"
        await waits.say(type="config", app="late", device="cli")
        await waits.until("config_success")
        await waits.say(type="message", data={"text": "Later"})
        await waits.until("turn_complete")
        assert [turn.text for turn in service.turns] == ["At once", "Later"]
        assert len(service.connections) == 2  # nothing in it needed another one
        assert "late" in {entry.client.app for entry in api.log.recent()}


async def test_sound_in_each_of_its_forms_hands_free() -> None:
    async with live_api(heard="Good morning") as (api, service), client(api) as one:
        await one.config()
        await one.sound(SPEECH)
        await one.sound(SPEECH, mime_type="audio/pcm")
        await one.sound(SPEECH[:1001], mimeType="audio/pcm;rate=16000")
        await one.sound(SPEECH[1001:], mime_type="audio/pcm; rate=16000", format="pcm16")
        await one.socket.send(SPEECH)
        await one.sound(SILENCE)
        await one.until("turn_complete")
        assert service.turns[0].pcm[: 4 * len(SPEECH)] == SPEECH * 4
        assert one.words("user") == "Good morning"
        assert one.words("model") == "Hello from loopback"
        await one.sound(SPEECH)
        await one.say(type="audio_end")
        await one.until("turn_complete", 2)
    assert service.refusals == []


async def test_what_is_no_pcm_is_refused_in_the_seeds_words() -> None:
    async with live_api() as (api, service), client(api) as one:
        await one.config()
        webm = b"\x1a\x45\xdf\xa3" + bytes(100)
        for send, sentence in (
            (one.sound(SPEECH, mime_type="audio/webm;codecs=opus"), NOT_PCM),
            (one.say(type="audio", data="%%%"), BAD_AUDIO),
            (one.sound(webm), NOT_PCM),  # as the seed's page sends it, which says nothing of what it is
            (one.say(type="audio", data={"mime_type": "audio/pcm"}), NO_AUDIO),
            (one.socket.send(webm), NOT_PCM),
            (one.sound(SPEECH, mime_type="audio/pcm;rate=none"), "“none” is no sample rate"),
            (one.say(type="song"), "The type of the message is “song”"),
            (one.say(type="text"), "There is no text in the message"),
            (one.socket.send("{"), "The message is not JSON that can be read."),
            (one.socket.send("[1]"), "A message has to be a JSON object"),
        ):
            waiting = asyncio.ensure_future(one.refusal())
            await asyncio.sleep(0)
            await send
            assert (await waiting).startswith(sentence)
        assert not any(message["fatal"] for message in one.of("error"))
        await one.say(type="text", text="Still there?")
        await one.until("turn_complete")
    assert service.refusals == []


async def test_sound_of_another_rate_is_converted() -> None:
    async with live_api() as (api, service), client(api) as one:
        await one.config(mode="push_to_talk", rate=48000)
        await one.say(type="activity_start")
        await one.sound(bytes(2 * 24000))  # half a second of 48 kHz
        await one.sound(bytes(2 * 4000), sampleRate=8000)  # and one of 8 kHz
        await one.say(type="activity_end")
        await one.until("turn_complete")
        assert len(service.turns[0].pcm) == 2 * 16000
    assert service.refusals == []


async def test_push_to_talk_and_cutting_in() -> None:
    async with live_api(pace=1.0, length=30.0) as (api, service), client(api) as one:
        assert (await one.config(mode="push_to_talk"))["mode"] == "push_to_talk"
        await one.sound(SPEECH)
        assert "No turn has begun" in (await one.until("error"))["data"]
        await one.say(type="activity_start")
        await one.sound(SPEECH)
        await one.say(type="activity_end")
        await one.until("audio")
        await one.say(type="activity_start")  # over half a minute of answer
        await one.until("interrupted")
        await one.until("turn_complete")
        service.behave(length=0.2)
        await one.sound(SPEECH)
        await one.say(type="activity_end")
        await one.until("turn_complete", 2)
        kinds = one.kinds
        assert kinds.index("interrupted") < kinds.index("turn_complete")
        assert "audio" in kinds[kinds.index("turn_complete") :]
        assert [turn.kind for turn in service.turns] == ["speech", "speech"]
    assert service.refusals == []


@pytest.mark.parametrize("service", [GeminiLive, OpenAIRealtime])
async def test_from_hands_free_to_push_to_talk_and_back(service: type[LiveServer]) -> None:
    async with live_api(service()) as (api, upstream), client(api) as one:
        await one.config()
        for number, (mode, start, end) in enumerate(
            [
                ("push_to_talk", "activity_start", "activity_end"),
                ("hands_free", "audio_end", "audio_end"),
            ],
            start=1,
        ):
            await one.say(type="config", mode=mode)
            await one.say(type=start)
            await one.sound(SPEECH)
            await one.say(type=end)
            await one.until("turn_complete", number)
        assert not one.of("error")
        assert [turn.kind for turn in upstream.turns] == ["speech", "speech"]
    assert upstream.refusals == []


async def test_an_answer_that_is_wanted_no_more() -> None:
    async with live_api(pace=8.0, length=8.0) as (api, service), client(api) as one:
        await one.config()
        await one.say(type="text", text="Tell me everything")
        await one.until("audio", 3)
        await one.say(type="interrupt", heard_ms=100)
        await one.say(type="config", app="a sign that the interruption was taken")
        await one.until("config_success", 2)
        so_far = len(one.heard)
        await one.until("turn_complete")
        assert len(one.heard) == so_far
    assert service.refusals == []


@pytest.mark.parametrize(
    "tools",
    [
        [{"type": "function", "function": WEATHER}],
        [{"function_declarations": [WEATHER]}, {"google_search": {}}],
    ],
    ids=["openai", "google"],
)
async def test_the_clients_functions(tools: list[Any]) -> None:
    calls = (Call("get_weather", {"location": "Boston"}),)
    async with live_api(calls=calls, search=True, program=True) as (api, service), client(api) as one:
        await one.config(tools=tools)
        await one.say(type="text", text="What's the weather in Boston?")
        call = await one.until("tool_call")
        assert (call["name"], call["args"]) == ("get_weather", {"location": "Boston"})
        await one.say(type="tool_result", id="call-9", result={})
        assert (await one.until("error"))["data"].startswith("No function call waits for this result")
        await one.say(type="tool_result", data={"id": call["id"], "result": 72})
        await one.until("turn_complete")
        assert service.connection.results == {"call-1": {"result": 72}}
        found = one.of("search")[0]
        assert found["sources"] == [{"title": "Weather", "url": "https://example.org/weather"}]
        assert "".join(run["code"] + run["output"] for run in one.of("code")) == "print(6 * 7)42\n"
        declared = service.connection.setup["tools"][0]["functionDeclarations"][0]
        assert declared["parametersJsonSchema"]["properties"] == {"location": {"type": "string"}}
    assert service.refusals == []


async def test_a_call_that_is_taken_back() -> None:
    async with live_api(calls=(Call("get_weather"),)) as (api, _service), client(api) as one:
        await one.config(tools=[WEATHER], mode="push_to_talk")
        await one.say(type="text", text="What's the weather?")
        call = await one.until("tool_call")
        await one.say(type="activity_start")
        assert (await one.until("tool_call_cancelled"))["ids"] == [call["id"]]


async def test_who_wants_text_gets_the_words_alone() -> None:
    async with live_api() as (api, service), client(api) as one:
        wanted = {"response_modalities": ["TEXT"], "candidate_count": 1}
        told = await one.config(model="models/gemini-3.8-live", generation_config=wanted, colour="red")
        assert told["ignored"] == ["colour", "generation_config.candidate_count"]
        await one.say(type="text", text="Hello")
        await one.until("turn_complete")
        assert one.of("audio") == []
        assert "".join(m["text"] for m in one.of("response")) == "Hello from loopback"
    assert service.refusals == []


async def test_another_service_the_same_messages() -> None:
    async with live_api(OpenAIRealtime(length=1.0)) as (api, service), client(api) as one:
        told = await one.config(
            model="realtime:gpt-realtime-2.1", voice="Marin", generation_config={"temperature": 1}
        )
        assert (told["sampleRate"], told["ignored"]) == (24000, ["generation_config.temperature"])
        assert one.of("system")[0]["data"] == "Connected to OpenAI"
        await one.sound(SPEECH)  # of 16 kHz, as nothing else was said
        await one.sound(SILENCE)
        await one.until("turn_complete")
        assert {"speech_started", "speech_stopped", "transcript", "audio"} <= set(one.kinds)
        assert len(one.heard) == 2 * 24000
        assert len(service.turns[0].pcm) > len(SPEECH) * 1.4
        await one.say(type="config", mode="push_to_talk", system_instruction="Be brief.")
        await one.until("config_success", 2)
        await one.say(type="text", text="Hello")
        await one.until("turn_complete", 2)
        assert one.of("usage")[-1]["cost"] > 0
        await one.say(type="config", model="gemini:gemini-3.8-live")
        assert (await one.refusal()).startswith("No provider")
    assert service.refusals == []
