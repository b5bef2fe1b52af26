"""FLAC as it grows, written by ourselves: what writes it elsewhere brings NumPy along, 70 MB of it.

Source of everything about the form: RFC 9639, Free Lossless Audio Codec (FLAC). A file that was cut off is
one still: its totals stay 0, which means unknown (section 8.2).
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Sequence
from typing import BinaryIO, Final

from aiproxy_desktop.audio.flac_subframe import subframe
from aiproxy_desktop.audio.pcm import bytes_of
from aiproxy_desktop.audio.wav import interleaved

# Samples of each channel in a frame.
BLOCK: Final = 4096

# The mark, and STREAMINFO with its own head.
_HEAD: Final = 4 + 4 + 34

# Section 9.1.2: sample rates with a code of their own.
_RATES: Final = {
    8_000: 0b0100,
    16_000: 0b0101,
    22_050: 0b0110,
    24_000: 0b0111,
    32_000: 0b1000,
    44_100: 0b1001,
    48_000: 0b1010,
    96_000: 0b1011,
}


class FlacWriter:
    """Writes one FLAC file of 16 bits; the file object stays its owner's, and has to be one that can seek."""

    full = False  # 2^31 frames of 4096 samples are more than anybody says

    def __init__(self, file: BinaryIO, rate: int, channels: int) -> None:
        """Write the head.

        Raises:
            OSError: the disk does not take it.
        """
        self._file = file
        self._rate = rate
        self._waiting = [array("h") for _ in range(channels)]
        self._frames = 0
        self._samples = 0
        self._sizes: tuple[int, int] = (0, 0)
        self._bytes = _HEAD
        self._digest = hashlib.md5(usedforsecurity=False)
        file.write(self._head(b"\0" * 16, 0))

    def write(self, channels: Sequence[array[int]]) -> None:
        """Append samples: one array for each channel, all of one length. Less than a block of them waits.

        Raises:
            OSError: the disk does not take it.
        """
        for waiting, more in zip(self._waiting, channels, strict=True):
            waiting.extend(more)
        while len(self._waiting[0]) >= BLOCK:
            self._write_frame(BLOCK)

    def finish(self) -> None:
        """Write what waits, and the totals.

        Raises:
            OSError: the disk does not take it.
        """
        if self._waiting[0]:
            self._write_frame(len(self._waiting[0]))
        self._patch()

    def rescue(self) -> None:
        """After a write that failed: make what was written before it a whole file. Needs no room on the disk.

        Raises:
            OSError: not even that can be done.
        """
        self._patch()
        self._file.truncate(self._bytes)

    def _patch(self) -> None:
        self._file.seek(0)
        self._file.write(self._head(self._digest.digest(), self._samples))
        self._file.seek(self._bytes)

    def _write_frame(self, size: int) -> None:
        block = [waiting[:size] for waiting in self._waiting]
        for waiting in self._waiting:
            del waiting[:size]
        data = frame(block, self._frames, self._rate)
        self._file.write(data)
        self._digest.update(bytes_of(interleaved(block)))
        self._bytes += len(data)
        self._frames += 1
        self._samples += size
        least, most = self._sizes
        self._sizes = (min(least or len(data), len(data)), max(most, len(data)))

    def _head(self, digest: bytes, samples: int) -> bytes:
        """The mark and the STREAMINFO block, the only and last one (sections 8.1 and 8.2)."""
        least, most = self._sizes if samples else (0, 0)
        facts = (self._rate << 44) | (len(self._waiting) - 1 << 41) | (15 << 36) | (samples & (1 << 36) - 1)
        sizes = BLOCK.to_bytes(2, "big") * 2 + least.to_bytes(3, "big") + most.to_bytes(3, "big")
        return b"fLaC\x80\x00\x00\x22" + sizes + facts.to_bytes(8, "big") + digest


def frame(block: Sequence[array[int]], number: int, rate: int) -> bytes:
    """One frame: a head, each channel by itself, and two checksums (section 9)."""
    size = len(block[0])
    size_code, size_bytes = (0b1100, b"") if size == BLOCK else (0b0111, (size - 1).to_bytes(2, "big"))
    codes = bytes([size_code << 4 | _RATES.get(rate, 0), len(block) - 1 << 4 | 0b1000])
    head = b"\xff\xf8" + codes + _coded_number(number) + size_bytes
    head += bytes([_crc8(head)])
    bits = "".join(map(subframe, block))
    bits += "0" * (-len(bits) % 8)
    data = head + int(bits, 2).to_bytes(len(bits) // 8, "big")
    return data + _crc16(data).to_bytes(2, "big")


def _coded_number(number: int) -> bytes:
    """A frame's number as UTF-8 would write it, if it went on to 31 bits (section 9.1.5)."""
    if number < 0x80:
        return bytes([number])
    rest: list[int] = []
    room = 0x3F
    while number > room:
        rest.insert(0, 0x80 | number & 0x3F)
        number >>= 6
        room >>= 1
    mark = 0xFF & ~(room << 1 | 1)
    return bytes([mark | number, *rest])


def _table(polynomial: int, width: int) -> tuple[int, ...]:
    top, mask = 1 << width - 1, (1 << width) - 1
    found = []
    for byte in range(256):
        value = byte << width - 8
        for _ in range(8):
            value = (value << 1 ^ polynomial) & mask if value & top else value << 1
        found.append(value)
    return tuple(found)


# Sections 9.1.8 and 9.3.
_CRC8: Final = _table(0x07, 8)
_CRC16: Final = _table(0x8005, 16)


def _crc8(data: bytes) -> int:
    value = 0
    for byte in data:
        value = _CRC8[value ^ byte]
    return value


def _crc16(data: bytes) -> int:
    value, table = 0, _CRC16
    for byte in data:
        value = (value << 8 & 0xFF00) ^ table[value >> 8 ^ byte]
    return value
