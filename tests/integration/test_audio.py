"""Real sound: PyAudio on a private PulseAudio with virtual devices, which come and go."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from aiproxy_desktop.audio.sound_system import AudioSystem
from aiproxy_desktop.audio.values import StreamStatus
from tests.audio_server import MICROPHONE, SPEAKER, AudioServer
from tests.sounds import correlation, peak, sounding_ms
from tests.waiting import until_now

SENTENCE = "The quick brown fox jumps."


@pytest.fixture
def system() -> Iterator[AudioSystem]:
    """The owner of streams, closed at the end. Ask for it after the server."""
    made = AudioSystem()
    yield made
    made.close()


def nothing(_: object) -> None:
    """What a test does not look at."""


def test_speech_goes_in_and_comes_out(audio_server: AudioServer, system: AudioSystem) -> None:
    chunks: list[bytes] = []
    microphone = system.microphone(chunks.append, nothing)
    speaker = system.speaker(nothing)
    microphone.open("", 24_000)
    speaker.open("")
    until_now(lambda: microphone.status.state == speaker.status.state == "open")
    assert microphone.status.device == MICROPHONE
    assert speaker.status.device == SPEAKER
    until_now(lambda: chunks)
    said = audio_server.say(SENTENCE)
    until_now(lambda: correlation(b"".join(chunks), said, 24_000) > 0.9, "what was said came in")
    assert {len(chunk) for chunk in chunks} == {960}
    assert max(microphone.level.peaks) > 0.2

    answer = b"".join(chunks)
    with audio_server.listening() as heard:
        for at in range(0, len(answer), 4_800):
            speaker.play(answer[at : at + 4_800], "answer")
        speaker.finish()
        until_now(lambda: max(speaker.level.peaks, default=0) > 0.2)
        until_now(lambda: not speaker.playing)
        until_now(lambda: correlation(heard.pcm, said, 24_000) > 0.9, "what was said came out")
    assert speaker.heard().item == "answer"
    assert speaker.heard().ms == len(answer) // 48
    assert not speaker.gaps


def test_a_microphone_pulled_out_mid_sentence_comes_back(
    audio_server: AudioServer, system: AudioSystem
) -> None:
    audio_server.add_microphone("other", "Other Microphone")
    seen: list[StreamStatus] = []
    chunks: list[bytes] = []
    microphone = system.microphone(chunks.append, seen.append)
    microphone.open(MICROPHONE, 16_000)
    until_now(lambda: chunks)
    with audio_server.speaking(SENTENCE * 4):
        until_now(lambda: peak(b"".join(chunks[-5:])) > 2_000, "it hears")
        audio_server.remove_microphone()
        until_now(lambda: microphone.status.state == "missing")
        assert microphone.status.device == MICROPHONE
        assert microphone.status.sentence == (
            f"The microphone “{MICROPHONE}” is not connected. It is used again as soon as it is back."
        )
        until_now(lambda: [one.name for one in system.devices.inputs] == ["Other Microphone"])
        count = len(chunks)
        audio_server.pactl("info")
        assert len(chunks) == count, "no other microphone listens in its place"
        audio_server.put_back_microphone()
        until_now(lambda: microphone.status.state == "open")
        until_now(lambda: peak(b"".join(chunks[count:])) > 2_000, "it hears again")
    assert [status.state for status in seen] == ["open", "missing", "open"]
    assert system.devices.inputs[-1].default


def test_the_chosen_speaker_plays_and_the_default_is_followed(
    audio_server: AudioServer, system: AudioSystem
) -> None:
    audio_server.add_speaker("headset", "Headset")
    speaker = system.speaker(nothing)
    speaker.open("Headset")
    until_now(lambda: speaker.status == StreamStatus("open", "Headset"))
    said = audio_server.speech("One, two, three.")

    def played() -> tuple[int, int]:
        with audio_server.listening("speaker") as default, audio_server.listening("headset") as headset:
            speaker.play(said)
            speaker.finish()
            until_now(lambda: speaker.playing)
            until_now(lambda: not speaker.playing)
            until_now(lambda: max(peak(default.pcm), peak(headset.pcm)) > 2_000)
        return peak(default.pcm), peak(headset.pcm)

    default, headset = played()
    assert default == 0 < headset
    speaker.open("")
    until_now(lambda: speaker.status == StreamStatus("open", SPEAKER))
    audio_server.set_default_speaker("headset")
    until_now(lambda: speaker.status == StreamStatus("open", "Headset"))
    default, headset = played()
    assert default == 0 < headset


def test_a_speaker_that_vanishes_loses_sound_but_not_time(
    audio_server: AudioServer, system: AudioSystem
) -> None:
    speaker = system.speaker(nothing)
    speaker.open(SPEAKER)
    until_now(lambda: speaker.status.state == "open")
    said = audio_server.speech(SENTENCE * 3)
    speaker.play(said, "answer")
    speaker.finish()
    until_now(lambda: speaker.heard().ms > 500)
    audio_server.remove("speaker")
    until_now(lambda: speaker.status.state == "missing")
    gone = speaker.heard().ms
    until_now(lambda: speaker.heard().ms > gone + 500)
    audio_server.add_speaker("speaker", SPEAKER)
    with audio_server.listening() as heard:
        until_now(lambda: not speaker.playing)
        until_now(lambda: peak(heard.pcm) > 2_000)
    assert speaker.status.state == "open"
    assert speaker.heard().ms == len(said) // 48


def test_flushed_it_falls_silent_and_knows_what_was_heard(
    audio_server: AudioServer, system: AudioSystem
) -> None:
    speaker = system.speaker(nothing)
    speaker.open("")
    until_now(lambda: speaker.status.state == "open")
    loud = (b"\x00\x20" * 24 + b"\x00\xe0" * 24) * 1_000  # two seconds, as loud from its first sample on
    with audio_server.listening() as heard:
        speaker.play(loud, "first")
        until_now(lambda: speaker.heard().ms > 700)
        cut = speaker.flush()
        until_now(lambda: not speaker.playing)
        length = heard.seconds
        until_now(lambda: heard.seconds > length + 0.5)
        sounded = sounding_ms(heard.pcm, 24_000)
    assert cut.item == "first"
    assert abs(cut.ms - sounded) < 400  # on a busy machine the question and the answer lie apart
    assert peak(heard.pcm[-4_800:]) == 0
    assert speaker.flush() == speaker.heard() == cut


def test_without_a_sound_system_it_says_so_and_nothing_crashes(
    system: AudioSystem, capfd: pytest.CaptureFixture[str]
) -> None:
    microphone = system.microphone(nothing, nothing)
    speaker = system.speaker(nothing)
    microphone.open("", 16_000)
    speaker.open("")
    until_now(lambda: system.devices.problem)
    assert system.devices.problem.startswith("No sound system was found on this computer.")
    until_now(lambda: microphone.status.sentence == speaker.status.sentence == system.devices.problem)
    assert microphone.status.state == speaker.status.state == "missing"
    speaker.play(bytes(48_000), "unheard")
    speaker.finish()
    until_now(lambda: speaker.heard().ms == 1_000, "time goes by as if it sounded")
    assert not speaker.playing
    assert capfd.readouterr().err == ""


def test_a_server_that_ends_and_comes_back_is_found_again(
    audio_server: AudioServer, system: AudioSystem
) -> None:
    chunks: list[bytes] = []
    microphone = system.microphone(chunks.append, nothing)
    microphone.open(MICROPHONE, 16_000)
    until_now(lambda: chunks)
    audio_server.stop()
    until_now(lambda: microphone.status.state == "missing" and system.devices.problem)
    audio_server.start()
    until_now(lambda: microphone.status.state == "open")
    count = len(chunks)
    until_now(lambda: len(chunks) > count)


def test_a_server_that_hangs_is_told_and_waited_for_by_nobody(
    audio_server: AudioServer, system: AudioSystem
) -> None:
    microphone, speaker = system.microphone(nothing, nothing), system.speaker(nothing)
    microphone.open("", 16_000)
    speaker.open("")
    until_now(lambda: microphone.status.state == speaker.status.state == "open")
    with audio_server.hanging():
        until_now(lambda: microphone.status.state == speaker.status.state == "missing")
        speaker.flush()
        assert microphone.status.sentence
    until_now(lambda: microphone.status.state == speaker.status.state == "open")
    said = audio_server.speech("One two three.")
    with audio_server.listening() as heard:
        speaker.play(said, "answer")
        until_now(lambda: peak(heard.pcm) > 2_000)


def test_python_ends_with_streams_open(audio_server: AudioServer) -> None:
    program = """
import time
from aiproxy_desktop.audio.sound_system import AudioSystem
system = AudioSystem()
microphone = system.microphone(lambda chunk: None, lambda status: None)
speaker = system.speaker(lambda status: None)
microphone.open("", 16000)
speaker.open("")
while not microphone.status.state == speaker.status.state == "open":
    time.sleep(0.01)
speaker.play(bytes(480000))
"""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", program], env=dict(os.environ), capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), time.monotonic() - began


def test_elsewhere_portaudio_knows_the_devices(
    audio_server: AudioServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows and macOS: no server to ask, no cheap sign of a new card, calls that may never end."""
    monkeypatch.setattr("aiproxy_desktop.audio.sound_system.has_sound_server", lambda: False)
    monkeypatch.setattr("aiproxy_desktop.audio.portaudio.sound_cards", lambda: None)
    monkeypatch.setattr("aiproxy_desktop.audio.open_devices.waiting_for_sound_ends", lambda: False)
    monkeypatch.setattr("aiproxy_desktop.audio.portaudio._RESCAN_SECONDS", 0.1)
    with closing(AudioSystem()) as system:
        system.start()
        until_now(lambda: system.devices.inputs)
        names = [one.name for one in system.devices.outputs]
        assert "pulse" in names
        audio_server.stop()
        until_now(lambda: system.devices.problem)
        audio_server.start()
        until_now(lambda: "pulse" in [one.name for one in system.devices.outputs])
        chunks: list[bytes] = []
        microphone, speaker = system.microphone(chunks.append, nothing), system.speaker(nothing)
        microphone.open("pulse", 16_000)
        speaker.open("pulse")
        until_now(lambda: microphone.status.state == speaker.status.state == "open")
        with audio_server.listening() as heard, audio_server.speaking(SENTENCE):
            speaker.play(audio_server.speech("One."))
            speaker.finish()
            until_now(lambda: peak(heard.pcm) > 2_000)
            until_now(lambda: peak(b"".join(chunks)) > 2_000)
        audio_server.stop()
        until_now(lambda: microphone.status.state == speaker.status.state == "missing")
