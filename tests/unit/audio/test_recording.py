"""Recordings: who is heard when, and what becomes of one that cannot go on."""

from __future__ import annotations

import os
import resource
from array import array
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import miniaudio
import pytest

from aiproxy_desktop.audio.recording import RATE, Recording, file_name
from aiproxy_desktop.audio.sound_file import SoundFormat
from tests.unit.audio.sounds import strength, tone
from tests.waiting import until


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def sides(path: Path) -> tuple[array[int], array[int]]:
    read = miniaudio.decode_file(str(path), sample_rate=RATE, nchannels=2).samples
    return read[0::2], read[1::2]


def ms(side: array[int], start: int, end: int) -> array[int]:
    return side[start * RATE // 1000 : end * RATE // 1000]


@pytest.mark.parametrize("form", ["wav", "flac"])
@pytest.mark.parametrize("rate", [16_000, 24_000])
def test_each_is_heard_when_they_spoke(tmp_path: Path, form: SoundFormat, rate: int) -> None:
    clock = Clock()
    recording = Recording(tmp_path / f"talk.{form}", form, clock)
    question = tone(300, 1, rate)
    for at in range(50):  # from 1.0 s to 2.0 s, each piece a moment after it was spoken
        clock.now = 101.02 + at * 0.02
        recording.add_person(question[at * rate // 25 : (at + 1) * rate // 25], rate)
    clock.now = 102.5
    recording.add_model(tone(500, 3, RATE))  # three seconds that came at once
    clock.now = 103.5
    recording.cut_model()
    clock.now = 105.0
    path = recording.close()

    left, right = sides(path)
    assert len(left) == len(right) == 5 * RATE
    assert strength(ms(left, 1000, 2000).tobytes(), 300, RATE) > 0.45
    assert not any(ms(left, 0, 999))
    assert not any(ms(left, 2001, 5000))
    assert ms(right, 2500, 3500).tobytes() == tone(500, 1, RATE)
    assert not any(ms(right, 0, 2500))
    assert not any(ms(right, 3500, 5000))


def test_what_comes_late_or_early_leaves_no_hole_and_nothing_out(tmp_path: Path) -> None:
    clock = Clock()
    recording = Recording(tmp_path / "talk.wav", "wav", clock)
    sound = tone(300, 1, RATE)
    for at, late in enumerate([0.0, 0.2, 0.0, 0.1, 0.0]):
        clock.now = 100.2 + at * 0.2 + late
        recording.add_person(sound[at * 9600 : (at + 1) * 9600], RATE)
    recording.add_person(sound, RATE)  # a whole second within no time
    clock.now = 110.0
    left, _ = sides(recording.close())
    assert left[: 2 * RATE].tobytes() == sound + sound


def test_a_name_is_never_taken_twice(tmp_path: Path) -> None:
    name = file_name(datetime(2026, 11, 26, 10, 12), "flac")  # noqa: DTZ001 - as the clock on the wall has it
    assert name == "Voice 2026-11-26 10.12.flac"
    paths = [Recording(tmp_path / name, "flac").close() for _ in range(3)]
    assert [path.name for path in paths] == [
        name,
        "Voice 2026-11-26 10.12 (2).flac",
        "Voice 2026-11-26 10.12 (3).flac",
    ]


@pytest.fixture
def small_disk() -> Iterator[int]:
    """No file grows above this."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, before[1]))
    yield 200_000
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("form", ["wav", "flac"])
def test_a_disk_that_takes_no_more_leaves_what_it_took(
    tmp_path: Path, form: SoundFormat, small_disk: int
) -> None:
    clock, said = Clock(), list[str]()
    recording = Recording(tmp_path / f"talk.{form}", form, clock, on_problem=said.append)
    noise = os.urandom(20 * RATE * 2)
    recording.add_model(noise)
    clock.now = 120.0
    path = recording.close()
    assert said == [recording.problem]
    assert said[0].startswith("The recording stopped")
    recording.add_person(noise, RATE)  # is of no use, and does no harm
    _, right = sides(path)
    assert len(right) > RATE // 2
    assert noise.startswith(right.tobytes())
    assert path.stat().st_size <= small_disk


def test_a_wav_file_ends_where_its_form_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aiproxy_desktop.audio.wav.MOST_BYTES", 300_000)
    clock = Clock()
    recording = Recording(tmp_path / "talk.wav", "wav", clock)
    clock.now = 110.0
    path = recording.close()
    assert "4 GB" in recording.problem
    assert 2 * RATE < len(sides(path)[0]) < 75_000


async def test_a_file_that_is_taken_away_is_said_to_be(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "talk.flac", "flac")
    recording.path.unlink()
    await until(lambda: recording.problem != "")
    assert "talk.flac" in recording.problem
    recording.close()


def test_a_folder_that_is_not_there_makes_no_recording(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Recording(tmp_path / "none" / "talk.flac", "flac")
