"""How an image service behaves, and the bytes that no good one sends."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

# What stands at the beginning of a Windows program.
EXECUTABLE = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + bytes(512)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One behaviour.

    `fault` is one of these, and concerns the first `times` requests (None: all): "html" a web page under 200;
    "no_image" an answer without images; "refusal" the service's own (OpenAI's moderation_blocked, Gemini's
    promptFeedback); a reason of Gemini's ("IMAGE_SAFETY", "NO_IMAGE" …) ends its answer; "truncated_base64",
    "empty", "executable", "page", "bomb" (a PNG of 60,000 x 60,000 pixels in a few bytes) and "cut" (half of
    a PNG) in place of an image, each called image/png; "disconnect" breaks off midway, after the previews;
    "silent" says nothing more from there; "key" 401; "rate" 429; "server" 500; "late_error" an error in the
    middle of a stream.

    `delay` seconds pass before each piece of an answer. An edit changes every other pixel by `disturb`,
    moves the picture by `shift` pixels, and gives it `result_size` (generation, too) whatever was asked.
    With `as_url` OpenAI's dialect answers with addresses, `words` is what Gemini says besides.
    """

    fault: str = ""
    times: int | None = None
    delay: float = 0.0
    disturb: int = 3
    shift: tuple[int, int] = (0, 0)
    result_size: tuple[int, int] | None = None
    as_url: bool = False
    words: str = ""
    revised_prompt: str = ""


def bomb() -> bytes:
    """A PNG that says it has 3.6 thousand million pixels, well formed as far as anyone reads it."""
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(1024 * 1024), 9)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def spoiled(fault: str, image: bytes) -> bytes:
    """What comes in place of an image."""
    if fault == "executable":
        return EXECUTABLE
    if fault == "page":
        return b"<!DOCTYPE html><html><body>Sign in</body></html>"
    if fault == "bomb":
        return bomb()
    if fault == "empty":
        return b""
    return image[: len(image) // 2] if fault == "cut" else image


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
