"""Speech through a real sound server: microphone, engine, live service, speaker, and what comes out of it."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Sequence
from pathlib import Path

import pytest

from aiproxy_desktop.audio.sound_system import AudioSystem
from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.services.voice.values import VoiceState
from tests.audio_server import AudioServer, audio_server  # noqa: F401 - a fixture
from tests.live_servers import GeminiLive, LiveServer, OpenAIRealtime
from tests.unit.audio.sounds import correlation
from tests.voice_room import voice_room
from tests.waiting import until

RATE = 24_000
PIECE = RATE // 4


def thinned(samples: Sequence[int], factor: int) -> list[int]:
    """Every so many samples as their mean."""
    return [sum(samples[at : at + factor]) // factor for at in range(0, len(samples) - factor + 1, factor)]


def best_place(said: Sequence[int], heard: Sequence[int], places: range) -> int:
    """Where in `heard` it is most like `said`."""

    def alike(place: int) -> float:
        stretch = heard[place : place + len(said)]
        return correlation(said, stretch) if any(stretch) else 0.0

    return max((place for place in places if 0 <= place <= len(heard) - len(said)), key=alike)


def likeness(said: bytes, heard: bytes) -> float:
    """How like what was said a stretch of what was heard is, wherever it stands in it.

    It is followed piece by piece: on a busy machine the players of the test leave short gaps, after which all
    of it is a little later.
    """
    spoken, played = array("h", said), array("h", heard)
    # By loudness first, then ever more closely: sample by sample it would take minutes.
    loud = [thinned([abs(sample) for sample in side], 240) for side in (spoken, played)]
    place = best_place(loud[0], loud[1], range(len(loud[1]))) * 240
    coarse = [thinned(side, 8) for side in (spoken, played)]
    found = array("h")
    for start in range(0, len(spoken) - PIECE, PIECE):
        piece, near = coarse[0][start // 8 : (start + PIECE) // 8], (start + place) // 8
        rough = best_place(piece, coarse[1], range(near - 300, near + 301)) * 8
        exact = best_place(spoken[start : start + PIECE], played, range(rough - 12, rough + 13))
        found += played[exact : exact + PIECE]
        place = exact - start if any(piece) else place
    return correlation(spoken[: len(found)], found)


@pytest.mark.parametrize("kind", [GeminiLive, OpenAIRealtime], ids=["gemini", "openai"])
async def test_what_is_said_comes_back_out_of_the_speaker(
    kind: type[LiveServer],
    audio_server: AudioServer,  # noqa: F811 - the fixture
    tmp_path: Path,
) -> None:
    async with kind(echo=True) as server, voice_room(server, tmp_path, sound=AudioSystem) as room:
        await room.begin(volume=100)
        await until(lambda: room.voice.state.microphone.state == "open", "a microphone")
        await until(lambda: room.voice.state.speaker.state == "open", "a speaker")
        likest, times = 0.0, 0
        # Where others take the whole machine the players of the test drop some of it: then it is said again.
        while likest <= 0.9 and times < 3:
            times += 1
            with audio_server.listening() as heard:
                room.voice.press()
                await until(lambda: room.voice.state.talking)
                said = await on_thread(lambda: audio_server.say("The tide is low at ten."))
                room.voice.release()
                await until(lambda: len(room.turns) == 2 * times, "an answer")  # noqa: B023 - called at once
                await until(lambda: not room.voice.state.answering, "the answer's end")
                await asyncio.sleep(0.3)
            likest = likeness(said, heard.pcm)
        room.voice.end()
        await room.in_phase("ended")
        assert likest > 0.9
        words = [("user", "Good morning", "done"), ("model", "Hello from loopback", "done")]
        assert room.said == words * times


async def test_a_microphone_that_is_pulled_out_and_put_back(
    audio_server: AudioServer,  # noqa: F811 - the fixture
    tmp_path: Path,
) -> None:
    async with GeminiLive() as server, voice_room(server, tmp_path, sound=AudioSystem) as room:
        await room.begin()

        def state() -> VoiceState:
            return room.voice.state

        await until(lambda: state().microphone.state == "open", "a microphone")
        speech = audio_server.speech("This sentence is broken off amid its words by a hand at the plug.")
        room.voice.press()
        await until(lambda: state().talking)
        player = audio_server.playing(speech, RATE)
        await asyncio.sleep(0.8)
        await on_thread(audio_server.remove_microphone)
        await until(lambda: state().microphone.state == "missing", "it is missing")
        assert state().microphone.sentence
        player.terminate()
        await on_thread(player.wait)
        room.voice.release()
        # What was said until then is a turn; then one writes.
        await until(lambda: not state().answering and len(room.turns) == 2, "the first answer")
        room.voice.say("Then in writing")
        await until(lambda: not state().answering and len(room.turns) == 4, "the second answer")
        room.voice.press()
        room.voice.release()
        await until(lambda: room.notices, "a word about it")

        await on_thread(audio_server.put_back_microphone)
        await until(lambda: state().microphone.state == "open", "it is back")
        room.voice.press()
        await until(lambda: state().talking)
        await on_thread(lambda: audio_server.play(speech[: RATE * 2], RATE))
        room.voice.release()
        await until(lambda: not state().answering and len(room.turns) == 6, "the third answer")
        assert state().error is None
        assert [turn.kind for turn in server.turns] == ["speech", "text", "speech"]
