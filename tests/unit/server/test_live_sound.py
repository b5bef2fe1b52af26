"""Sound on its way from a client, and what a session costs."""

from __future__ import annotations

from array import array

from aiproxy_desktop.core.live.events import (
    AnswerStarted,
    Interrupted,
    LiveEvent,
    LiveUsage,
    TurnDone,
    UsageReported,
)
from aiproxy_desktop.server.live.meter import LiveMeter
from aiproxy_desktop.server.live.sound import SoundIn, SoundOut
from tests.live_servers.sound import tone
from tests.sounds import alike

RATE = 16_000


def fed(pieces: list[bytes], rate: int) -> bytes:
    sound, out = SoundIn(RATE), b""
    for piece in pieces:
        for _ in sound.feed(piece, rate):
            out += sound.take(all_of_it=False)
    sound.end()
    return out + sound.take(all_of_it=True)


def test_it_does_not_matter_how_sound_is_cut_up() -> None:
    pcm = bytes(range(256)) * 50
    odd = [pcm[start : start + 7] for start in range(0, len(pcm), 7)]
    assert fed([pcm], RATE) == fed(odd, RATE) == pcm
    assert fed([pcm], 48_000) == fed(odd, 48_000)
    assert abs(len(fed([pcm], 48_000)) - len(pcm) / 3) <= 2


def test_what_little_there_is_waits_for_more() -> None:
    sound = SoundIn(RATE)
    list(sound.feed(bytes(10), RATE))
    assert sound.take(all_of_it=False) == b""
    assert sound.take(all_of_it=True) == bytes(10)
    list(sound.feed(b"\x01\x02\x03", RATE))
    sound.clear()
    list(sound.feed(b"\x05\x06", RATE))
    assert sound.take(all_of_it=True) == b"\x05\x06"


def test_no_more_is_heard_than_was_sent() -> None:
    playing = SoundOut()
    playing.begin("one")
    assert playing.heard_ms == 0
    playing.more(48)
    assert playing.heard_ms <= 1
    playing.begin("two")
    assert (playing.item, playing.heard_ms) == ("two", 0)


def test_each_answer_counts_once_and_one_that_was_never_born_too() -> None:
    meter = LiveMeter()
    assert set(meter.figures.values()) == {None}

    def take(*events: LiveEvent) -> None:
        for event in events:
            meter.take(event, "gemini-3.8-live")

    def count(tokens: int) -> UsageReported:
        return UsageReported(LiveUsage(input_text=tokens, output_audio=tokens))

    take(AnswerStarted(), count(5), count(10), TurnDone(), count(20))
    assert (meter.figures["input_tokens"], meter.figures["total_tokens"]) == (20, 40)
    take(Interrupted(), count(1), TurnDone())
    take(AnswerStarted(), count(100), TurnDone())
    assert meter.figures["output_tokens"] == 121
    assert meter.figures["cost"] == 121 * (0.75 + 12.0) / 1_000_000
    meter.take(AnswerStarted(), "unheard-of")
    meter.take(count(1), "unheard-of")
    assert meter.figures["cost"] is None


def test_a_converted_tone_is_still_one() -> None:
    wanted = array("h", tone(0.2, rate=RATE))
    got = array("h", fed([tone(0.2, rate=44_100)], 44_100))
    assert alike(got[200:3000], wanted[200:3000]) > 0.99
