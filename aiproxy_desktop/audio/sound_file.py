"""Files of sound: what WAV, FLAC, MP3 and Ogg Vorbis hold as PCM16 mono, and answers as WAV or FLAC."""

from __future__ import annotations

import io
from typing import Final, Literal, TypeAlias

from aiproxy_desktop.audio.flac import FlacWriter
from aiproxy_desktop.audio.pcm import samples_of
from aiproxy_desktop.audio.values import SAMPLE_BYTES
from aiproxy_desktop.audio.wav import WavWriter
from aiproxy_desktop.core.errors import MediaError

SoundFormat: TypeAlias = Literal["wav", "flac"]

# What is read at most: of a file (an hour as WAV, mono, 24 kHz), and of sound.
MOST_BYTES: Final = 176 * 1024 * 1024
MOST_SECONDS: Final = 15 * 60

_ADVICE: Final = "Choose a WAV, FLAC, MP3 or Ogg Vorbis file."


def decoded(data: bytes, name: str, rate: int, *, most_seconds: float = MOST_SECONDS) -> bytes:
    """What a file of sound holds. Takes its time: call it on a thread.

    Args:
        data: the whole file.
        name: what errors call it.
        rate: samples a second that are wanted.
        most_seconds: how long it may be.

    Returns:
        PCM16 little-endian, mono, at `rate`; several channels are mixed to one.

    Raises:
        MediaError: it is no such file, it holds no sound, or it is too long.
    """
    import miniaudio

    found = _info(data)
    if found is None:
        raise MediaError(f"“{name}” is no sound file that can be read", _ADVICE)
    native, frames = found
    if frames > native * most_seconds:
        raise MediaError(
            f"“{name}” is too long ({_minutes(frames / native)})",
            f"At most {_minutes(most_seconds)} can be sent.",
        )
    try:
        sound = miniaudio.decode(data, miniaudio.SampleFormat.SIGNED16, nchannels=1, sample_rate=rate)
    except miniaudio.MiniaudioError as error:
        raise MediaError(f"“{name}” is damaged", _ADVICE) from error
    pcm: bytes = sound.samples.tobytes()
    if not pcm:
        raise MediaError(f"“{name}” holds no sound", "Choose another file.")
    return pcm


def encoded(pcm: bytes, rate: int, form: SoundFormat) -> bytes:
    """PCM16 mono as a whole WAV or FLAC file. Takes its time: call it on a thread."""
    file = io.BytesIO()
    writer = WavWriter(file, rate, 1) if form == "wav" else FlacWriter(file, rate, 1)
    writer.write([samples_of(pcm)])
    writer.finish()
    return file.getvalue()


def seconds_of(pcm: bytes, rate: int) -> float:
    """How long PCM16 mono lasts."""
    return len(pcm) / (SAMPLE_BYTES * rate)


def _info(data: bytes) -> tuple[int, int] | None:
    """Samples a second and samples of each channel; None where no reader knows the file."""
    import miniaudio

    readers = (
        miniaudio.wav_get_info,
        miniaudio.flac_get_info,
        miniaudio.vorbis_get_info,
        miniaudio.mp3_get_info,
    )
    for reader in readers:
        try:
            info = reader(data)
        except miniaudio.MiniaudioError:
            continue
        return info.sample_rate, info.num_frames
    return None


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.0f} seconds"
