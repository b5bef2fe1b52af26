"""`WS /api/gemini/ws`: every message of the seed and its documentation, and ours, with a real client."""

from __future__ import annotations

import base64

import pytest

from tests.integration.api.live_client import client, live_api
from tests.waiting import until

SPEECH = b"\x10\x20" * 4800  # 300 ms at 16 kHz, loud
SILENCE = bytes(9600)


async def test_the_seeds_conversation_in_writing() -> None:
    async with live_api() as (api, service), client(api) as one:
        await one.say(
            type="config",
            data={
                "model": "gemini-3.8-live",
                "generation_config": {
                    "temperature": 0.7,
                    "max_output_tokens": 1000,
                    "response_modalities": ["TEXT", "AUDIO"],
                },
                "voice": "Puck",
                "system_instruction": "Be brief.",
            },
        )
        told = await one.until("config_success")
        assert told["message"] == "Configuration acknowledged"
        assert (told["client_id"], told["ip"]) == ("127.0.0.1", "127.0.0.1")
        assert (told["model"], told["mode"], told["ignored"]) == ("gemini:gemini-3.8-live", "hands_free", [])
        assert (await one.until("system"))["data"] == "Connected to Gemini Live"
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
        setup = service.connection.setup
        assert setup["generationConfig"]["temperature"] == 0.7
        assert setup["generationConfig"]["maxOutputTokens"] == 1000
        voice = setup["generationConfig"]["speechConfig"]["voiceConfig"]["prebuiltVoiceConfig"]["voiceName"]
        assert voice == "Puck"
        assert setup["systemInstruction"]["parts"] == [{"text": "Be brief."}]
        assert one.kinds[0] == "config_success"
        usage = one.of("usage")[-1]
        assert (usage["input_tokens"], usage["output_tokens"]) == (3 * 35, 3 * 30)
        assert usage["cost"] > 0
        await one.socket.close()
        await until(lambda: api.log.recent()[-1].seconds is not None)
        entry = api.log.recent()[-1]
        assert (entry.method, entry.path, entry.status) == ("WS", "/api/gemini/ws", 1000)
        assert (entry.model, entry.input_tokens, entry.output_tokens) == (told["model"], 105, 90)
        assert entry.cost == pytest.approx(usage["cost"])
        assert entry.first_token_seconds is not None
    assert service.refusals == []
