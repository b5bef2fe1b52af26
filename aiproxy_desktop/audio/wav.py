"""WAV as it grows: RIFF with PCM16, its sizes put right every second, so that a cut file plays."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Sequence
from typing import BinaryIO, Final

from aiproxy_desktop.audio.pcm import bytes_of
from aiproxy_desktop.audio.values import SAMPLE_BYTES

# Sizes in a RIFF file have 32 bits (Multimedia Programming Interface and Data Specifications 1.0, IBM and
# Microsoft, 1991).
_HEAD: Final = 44
MOST_BYTES: Final = 0xFFFF_FFFF - _HEAD

_SECONDS_BETWEEN_PATCHES: Final = 1


class WavWriter:
    """Writes one WAV file; the file object stays its owner's."""

    def __init__(self, file: BinaryIO, rate: int, channels: int) -> None:
        """Write the head.

        Raises:
            OSError: the disk does not take it.
        """
        self._file = file
        self._rate = rate
        self._channels = channels
        self._bytes = 0
        self._patched = 0
        file.write(wav_head(rate, channels, 0))

    @property
    def full(self) -> bool:
        """Whether the file holds as much as its form can say."""
        return self._bytes >= MOST_BYTES - self._rate * self._channels * SAMPLE_BYTES

    def write(self, channels: Sequence[array[int]]) -> None:
        """Append samples: one array for each channel, all of one length.

        Raises:
            OSError: the disk does not take it.
        """
        data = bytes_of(interleaved(channels))
        self._file.write(data)
        self._bytes += len(data)  # not of a write that failed: what there is of it stands behind the end
        if self._bytes - self._patched >= self._rate * self._channels * 2 * _SECONDS_BETWEEN_PATCHES:
            self._patch()

    def finish(self) -> None:
        """Put the sizes right.

        Raises:
            OSError: the disk does not take it.
        """
        self._patch()

    def rescue(self) -> None:
        """After a write that failed: make what was written before it a whole file. Needs no room on the disk.

        Raises:
            OSError: not even that can be done.
        """
        self._patch()
        self._file.truncate(_HEAD + self._bytes)

    def _patch(self) -> None:
        self._file.seek(0)
        self._file.write(wav_head(self._rate, self._channels, self._bytes))
        self._file.seek(_HEAD + self._bytes)
        self._patched = self._bytes


def interleaved(channels: Sequence[array[int]]) -> array[int]:
    """Samples of several channels as one row of frames."""
    if len(channels) == 1:
        return channels[0]
    together = array("h", bytes(SAMPLE_BYTES * sum(map(len, channels))))
    for index, samples in enumerate(channels):
        together[index :: len(channels)] = samples
    return together


def wav_head(rate: int, channels: int, size: int) -> bytes:
    """What stands before `size` bytes of PCM16 sound."""
    frame = channels * SAMPLE_BYTES
    form = struct.pack("<HHIIHH", 1, channels, rate, rate * frame, frame, 8 * SAMPLE_BYTES)
    return struct.pack("<4sI4s4sI16s4sI", b"RIFF", 36 + size, b"WAVE", b"fmt ", 16, form, b"data", size)
