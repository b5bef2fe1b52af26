"""Talking with the installed application: what is said into the microphone comes back out of the speaker."""

from __future__ import annotations

import asyncio

from tests.audio_server import AudioServer
from tests.integration.test_voice_audio import likeness
from tests.live_servers import GeminiLive
from tests.packaged.desk import showing, sounding
from tests.packaged.hands import held, turn_to, xdotool
from tests.packaged.pictures import shot
from tests.packaged.room import Room, Running
from tests.waiting import until

KEY = "AIza-test-1234567890"
# What is held is tried again until the page is there to see it.
_TRY_SECONDS = 3.0


async def test_the_microphone_and_the_speaker(room: Room) -> None:
    # Sound servers depend on it, and this one is not in the room.
    await asyncio.to_thread(room.root, "apt-get", "install", "-y", "libasound2-plugins")
    async with GeminiLive(echo=True) as server:
        with showing(room) as display, sounding(room) as audio:
            variables = {"GEMINI_API_KEY": KEY, "GOOGLE_GEMINI_BASE_URL": server.url}
            window = room.start("aiproxy-desktop", variables=variables)
            try:
                await _open_voice(display, server, window)
                likest, times = 0.0, 0
                # Where others take the whole machine, some of it is dropped: then it is said again.
                while likest <= 0.9 and times < 3:
                    times += 1
                    likest = await _echo(display, audio, server)
                shot(display, "voice")
                assert likest > 0.9
                assert server.refusals == []
            finally:
                code = await asyncio.to_thread(window.end)
            assert code == 0, window.written


async def _open_voice(display: str, server: GeminiLive, window: Running) -> None:
    """Go to the voice tab and hold Space until a session has begun."""
    await asyncio.to_thread(turn_to, display)
    for _ in range(60):
        assert window.code is None, window.written
        await asyncio.to_thread(xdotool, display, "key", "ctrl+4")
        with held(display, "space"):
            try:
                await until(lambda: server.connections, seconds=_TRY_SECONDS)
            except AssertionError:
                continue
        return
    shot(display, "voice-never")
    raise AssertionError("no session has begun")


async def _echo(display: str, audio: AudioServer, server: GeminiLive) -> float:
    """Say something; how like it is what the speaker plays."""
    before = len(server.turns)
    with audio.listening() as heard:
        with held(display, "space"):
            await asyncio.sleep(1.0)  # a person takes a breath, too, before speaking
            said = await asyncio.to_thread(audio.say, "The tide is low at ten.")
        await until(lambda: len(server.turns) > before, "the turn")
        # The whole of it is played at its own pace, and then it is quiet.
        await until(lambda: any(heard.pcm), "an answer")
        await asyncio.sleep(len(said) / 2 / heard.rate + 2.0)
    return likeness(said, heard.pcm)
