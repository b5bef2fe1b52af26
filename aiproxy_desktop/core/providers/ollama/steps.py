"""The lines of a pull, read as cheaply as they are told often."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from aiproxy_desktop.core.administration import PullProgress

_COMPLETED = b'"completed":'

# Characters of a status or a digest, and bytes of a layer, beyond which a server is not to be believed.
LONGEST_WORD = 200
MOST_BYTES = 1 << 50


class _Line(msgspec.Struct, gc=False):
    """A line as Ollama writes it (its `api.ProgressResponse`)."""

    status: str
    digest: str = ""
    total: int | None = None
    completed: int | None = None
    error: str | None = None


_decoder = msgspec.json.Decoder(_Line)


def newest_steps(lines: Sequence[bytes]) -> list[bytes]:
    """The lines without those that the next one says anew: the same layer, a few bytes on."""
    if len(lines) < 2:
        return list(lines)
    kept: list[bytes] = []
    following = b""
    for line in reversed(lines):
        layer, found, _ = line.rpartition(_COMPLETED)
        # The last field of a line; what stands before it is the same for all lines of a layer.
        if not found or layer != following or b'"digest":' not in layer:
            kept.append(line)
        following = layer if found else b""
    kept.reverse()
    return kept


def read_step(line: bytes) -> PullProgress | None:
    """A sound line of progress; None for anything else, which is to be looked at more closely."""
    try:
        found = _decoder.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    total, completed = found.total, found.completed
    if found.error or (total is not None and not 0 < total <= MOST_BYTES):
        return None
    if completed is not None and not 0 <= completed <= MOST_BYTES:
        return None
    # Ollama leaves out numbers that are zero.
    completed = 0 if completed is None and total is not None else completed
    return PullProgress(found.status[:LONGEST_WORD], found.digest[:LONGEST_WORD], completed, total)
