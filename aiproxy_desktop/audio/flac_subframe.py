"""One channel of one FLAC frame as a row of bits (RFC 9639, section 9.2).

Bits are characters until the frame is whole: joining strings out of a table is what Python does fastest here.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence
from operator import sub
from typing import Final

_MOST_ORDER: Final = 4
_MOST_RICE: Final = 14  # 15 would mean unencoded

# Shares of a block with a Rice parameter of their own: at most 2^4, none shorter than this.
_MOST_PARTITION_ORDER: Final = 4
_LEAST_PARTITION: Final = 64

# Numbers further out than so many times the middle are rare, and not worth keeping the code of.
_KEPT: Final = 8


def subframe(samples: array[int]) -> str:
    """The bits of a channel: constant, predicted, or as it is, whichever is shortest."""
    if min(samples) == max(samples):
        return "00000000" + _bits(samples[0], 16)
    predicted = _fixed(samples)
    if len(predicted) < 8 + 16 * len(samples):
        return predicted
    return "00000010" + _verbatim(samples)


def _fixed(samples: array[int]) -> str:
    """With a fixed predictor (section 9.2.5): differences of differences, as long as they get smaller."""
    residual: Sequence[int] = samples
    order, total = 0, sum(map(abs, samples))
    for higher in range(1, min(_MOST_ORDER, len(samples) - 1) + 1):
        finer = list(map(sub, residual[1:], residual))
        its_total = sum(map(abs, finer))
        if its_total >= total:
            break
        residual, order, total = finer, higher, its_total
    warm_up = "".join(_bits(sample, 16) for sample in samples[:order])
    return f"0001{order:03b}0" + warm_up + _rice(residual, len(samples), order)


def _rice(residual: Sequence[int], size: int, order: int) -> str:
    """Residuals in Rice codes (section 9.2.7); the parameter follows how loud each part is."""
    partition_order = _MOST_PARTITION_ORDER
    while partition_order and (size % (1 << partition_order) or size >> partition_order < _LEAST_PARTITION):
        partition_order -= 1
    length = size >> partition_order
    parts = [f"00{partition_order:04b}"]
    start = 0
    for end in range(length - order, len(residual) + 1, length):
        part = residual[start:end]
        start = end
        # The parameter that is best for a mean of m is near log2(m), m being of the numbers folded to >= 0.
        mean = 2 * sum(map(abs, part)) // max(1, len(part))
        parameter = min(_MOST_RICE, max(0, mean.bit_length() - 1))
        parts.append(f"{parameter:04b}")
        parts.extend(map(_CODES[parameter].__getitem__, part))
    return "".join(parts)


class _RiceCodes(dict[int, str]):
    """The codes for one parameter, made as they are met."""

    def __init__(self, parameter: int) -> None:
        super().__init__()
        self._parameter = parameter

    def __missing__(self, number: int) -> str:
        folded = number << 1 if number >= 0 else (-number << 1) - 1
        high = folded >> self._parameter
        code = "0" * high + "1" + _bits(folded, self._parameter)
        if high <= _KEPT:
            self[number] = code
        return code


_CODES: Final = tuple(_RiceCodes(parameter) for parameter in range(_MOST_RICE + 1))


def _bits(number: int, width: int) -> str:
    """The lowest bits of a number, in two's complement."""
    return f"{number & (1 << width) - 1:0{width}b}" if width else ""


def _verbatim(samples: array[int]) -> str:
    swapped = array("h", samples)
    if sys.byteorder == "little":
        swapped.byteswap()
    return f"{int.from_bytes(swapped.tobytes(), 'big'):0{16 * len(samples)}b}"
