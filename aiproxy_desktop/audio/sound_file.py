"""Files of sound: what WAV, FLAC, MP3 and Ogg Vorbis hold as PCM16 mono, and answers as WAV or FLAC."""

from __future__ import annotations

import io
from array import array
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from aiproxy_desktop.audio.flac import FlacWriter
from aiproxy_desktop.audio.pcm import bytes_of, samples_of
from aiproxy_desktop.audio.resampling import resampled
from aiproxy_desktop.audio.values import SAMPLE_BYTES
from aiproxy_desktop.audio.wav import WavWriter
from aiproxy_desktop.core.errors import MediaError

SoundFormat: TypeAlias = Literal["wav", "flac"]

# What is read at most: of a file (fifteen minutes as WAV, two channels of 32 bits at 48 kHz), and of sound.
MOST_BYTES: Final = 330 * 1024 * 1024
MOST_SECONDS: Final = 15 * 60

_ADVICE: Final = "Choose a WAV, FLAC, MP3 or Ogg Vorbis file."

# Rates that are converted by ourselves. All else miniaudio takes to the last of these first: what lies above
# them nobody hears, and a filter for an odd rate is a large one.
_USUAL: Final = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)

_FRAMES_AT_ONCE: Final = 16_384


@dataclass(frozen=True, slots=True)
class Sound:
    """PCM16 little-endian, mono, and its samples a second."""

    pcm: bytes = field(repr=False)
    rate: int

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.pcm) / (SAMPLE_BYTES * self.rate)

    def at(self, rate: int) -> Sound:
        """The same at another rate. Takes about a twentieth of its length: call it on a thread."""
        return self if rate == self.rate else Sound(resampled(self.pcm, self.rate, rate), rate)


def decoded(data: bytes, name: str, *, most_seconds: float = MOST_SECONDS) -> Sound:
    """What a file of sound holds, several channels mixed to one. Takes its time: call it on a thread.

    Args:
        data: the whole file.
        name: what errors call it.
        most_seconds: how long it may be.

    Raises:
        MediaError: it is no such file, it holds no sound, or it is too long.
    """
    import miniaudio

    native = _rate_of(data)
    if native is None:
        raise MediaError(f"“{name}” is no sound file that can be read", _ADVICE)
    rate = native if native in _USUAL else _USUAL[-1]
    # The length that a head tells is no help: whoever writes into a pipe does not know it.
    samples = array("h")
    try:
        form = miniaudio.SampleFormat.SIGNED16
        for more in miniaudio.stream_memory(data, form, 1, rate, _FRAMES_AT_ONCE):
            samples.extend(more)
            if len(samples) > most_seconds * rate:
                length = (
                    f"{most_seconds / 60:g} minutes" if most_seconds >= 120 else f"{most_seconds:g} seconds"
                )
                raise MediaError(f"“{name}” is longer than {length}", "Cut it, or send it in parts.")
    except miniaudio.MiniaudioError as error:
        raise MediaError(f"“{name}” is damaged", _ADVICE) from error
    if not samples:
        raise MediaError(f"“{name}” holds no sound", "Choose another file.")
    return Sound(bytes_of(samples), rate)


def encoded(pcm: bytes, rate: int, form: SoundFormat) -> bytes:
    """PCM16 mono as a whole WAV or FLAC file. Takes its time: call it on a thread."""
    file = io.BytesIO()
    writer = WavWriter(file, rate, 1) if form == "wav" else FlacWriter(file, rate, 1)
    writer.write([samples_of(pcm)])
    writer.finish()
    return file.getvalue()


def _rate_of(data: bytes) -> int | None:
    """Samples a second; None where no reader knows the file."""
    import miniaudio

    readers = (
        miniaudio.wav_get_info,
        miniaudio.flac_get_info,
        miniaudio.vorbis_get_info,
        miniaudio.mp3_get_info,
    )
    for reader in readers:
        try:
            found = reader(data)
        except miniaudio.MiniaudioError:
            continue
        if found.sample_rate and found.nchannels:
            return int(found.sample_rate)
    return None
