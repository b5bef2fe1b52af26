"""Talking in the whole application: real keys, a real sound server, a live service on loopback."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.audio_server import AudioServer
from tests.live_servers import GeminiLive
from tests.ui.voice_world import Voice, gemini_at, voice_tab
from tests.waiting import until

LONG = "Low tide on Saturday is at ten forty in the morning, and the walk takes about forty minutes."


async def _say(voice: Voice, audio: AudioServer, text: str) -> None:
    await voice.hold()
    await asyncio.to_thread(audio.say, text)
    await voice.let_go()


async def test_a_held_key_talks_and_cuts_in(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch, audio_server: AudioServer
) -> None:
    async with (
        GeminiLive(
            answer=LONG, transcripts="before", length=6.0, pace=1.5, heard="When is low tide?"
        ) as server,
        voice_tab(aiproxy_home, monkeypatch, gemini_at(server.url)) as voice,
    ):
        await _say(voice, audio_server, "When is low tide?")
        await until(lambda: voice.vm.state.sounding, "the answer is heard")
        await until(lambda: voice.vm.figures.model_spoke > 1, "some of it")
        await _say(voice, audio_server, "And on Sunday?")
        await until(lambda: len(server.turns) == 2, "it was asked")
        # One turn for each time the key was held, however often X repeated it.
        first = voice.turns[1]
        assert (first.status, first.text) == ("cut", LONG)
        assert first.heard is not None
        assert 0 < first.heard < len(LONG)
        assert server.turns[0].interrupted
        assert all(len(turn.pcm) > 16_000 for turn in server.turns)
        await voice.answered(2)
        assert [turn.role for turn in voice.turns] == ["user", "model"] * 2
        assert server.refusals == []


async def test_what_was_said_goes_on_in_the_chat(aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with (
        GeminiLive(answer="At ten forty") as server,
        voice_tab(aiproxy_home, monkeypatch, gemini_at(server.url)) as voice,
    ):
        # Without any device one still types, spaces included.
        await voice.write("When is low tide?")
        await voice.answered(1)
        assert server.turns[0].text == "When is low tide?"
        await until(lambda: voice.vm.state.conversation_id is not None, "it is kept")
        await voice.person.click("voice.end")
        await until(lambda: voice.vm.state.phase == "ended", "the end")
        await voice.person.click("voice.toChat")
        await until(lambda: voice.person.window.current_page == "chat", "the chat")
        await until(lambda: voice.person.sees("chat.transcript"), "the conversation")
