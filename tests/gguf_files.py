"""GGUF files written by hand, byte for byte: heads of models, whole small files, and hostile ones."""

from __future__ import annotations

import struct
from pathlib import Path


def text(value: str) -> bytes:
    """A string: its length, then its bytes."""
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def string(key: str, value: str) -> bytes:
    """A pair that holds a text."""
    return text(key) + struct.pack("<I", 8) + text(value)


def number(key: str, value: int) -> bytes:
    """A pair that holds a whole number of 32 bits."""
    return text(key) + struct.pack("<II", 4, value)


def long_number(key: str, value: int) -> bytes:
    """A pair that holds a whole number of 64 bits."""
    return text(key) + struct.pack("<IQ", 10, value)


def numbers(key: str, *values: int) -> bytes:
    """A pair that holds a row of whole numbers."""
    return text(key) + struct.pack(f"<IIQ{len(values)}I", 9, 4, len(values), *values)


def truths(key: str, *values: bool) -> bytes:
    """A pair that holds a row of yes and no."""
    return text(key) + struct.pack(f"<IIQ{len(values)}?", 9, 7, len(values), *values)


def strings(key: str, *values: str) -> bytes:
    """A pair that holds a row of texts."""
    return text(key) + struct.pack("<IIQ", 9, 8, len(values)) + b"".join(map(text, values))


def truth(key: str) -> bytes:
    """A pair that holds yes."""
    return text(key) + struct.pack("<IB", 7, 1)


def short_number(key: str, value: int) -> bytes:
    """A pair that holds a whole number of 16 bits."""
    return text(key) + struct.pack("<IH", 2, value)


def gguf(*pairs: bytes, version: int = 3, count: int | None = None, tensors: bytes = b"") -> bytes:
    """A head; `tensors` is what follows the pairs, its number being that of the 32-bit floats in it."""
    counts = struct.pack("<IQQ", version, tensors.count(b"weight"), len(pairs) if count is None else count)
    return b"GGUF" + counts + b"".join(pairs) + tensors


def tensors(*sizes: int) -> bytes:
    """A list of tensors of so many 32-bit floats each, and the floats."""
    listed, offset = b"", 0
    for at, size in enumerate(sizes):
        listed += text(f"{at}.weight") + struct.pack("<IQIQ", 1, size, 0, offset)
        offset += 4 * size
    return listed + bytes(32 + offset)


LLAMA = (
    string("general.architecture", "llama"),
    string("general.type", "model"),
    string("general.name", "A Model"),
    string("general.size_label", "7B"),
    string("general.license", "mit"),
    string("general.organization", "Someone"),
    number("llama.block_count", 32),
    number("llama.context_length", 32768),
    number("llama.embedding_length", 4096),
    number("llama.attention.head_count", 32),
    number("llama.attention.head_count_kv", 8),
    number("general.file_type", 15),
)


def model_file(path: Path, *pairs: bytes, size: int = 0) -> Path:
    """Write a file that looks like a language model, with more pairs; `size` makes it appear that long."""
    with path.open("wb") as file:
        file.write(gguf(*LLAMA, *pairs, strings("tokenizer.ggml.tokens", "a", "b"), tensors=tensors(8, 8)))
        if size:
            file.truncate(size)
    return path
