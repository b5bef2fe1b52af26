"""How much memory a model takes, worked out before it is loaded, and whether that is there. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from aiproxy_desktop.core.providers.builtin.gguf import GgufHead

Verdict: TypeAlias = Literal["fits", "tight", "too_large", "unknown"]

# llama.cpp keeps keys and values as 16-bit floats, in cells whose number is a multiple of this.
_CELL_BYTES = 2
_CELLS = 256

# Measured with the model that ships with the application, at contexts of 512, 2,048 and 8,192 tokens: what
# was resident beyond weights and context was the same each time.
_RUNTIME_BYTES = 56 * 2**20
# Intermediate results, 32-bit, for each token that is read at once.
_BATCH_TOKENS = 256
_WIDE = 16
_USUAL_EMBEDDING = 4096

# Above this share of what is free, other programs are pushed out.
_COMFORTABLE = 0.9
# Of all memory; the system needs the rest.
_AT_MOST = 0.95

_MOST_LAYERS = 10_000
_MOST_HEADS = 65_536
_MOST_LENGTH = 65_536
_MOST_EMBEDDING = 1_048_576


@dataclass(frozen=True, slots=True)
class ModelShape:
    """What the memory of a context depends on.

    `cache_widths` are how many numbers a layer keeps for a token, keys and values together.
    Layers with a `window` (in tokens) keep no more of them than that.
    """

    cache_widths: tuple[int, ...]
    embedding: int | None = None
    window: int | None = None
    windowed: tuple[bool, ...] = ()

    def cache_bytes(self, context: int) -> int:
        """Bytes that a context of so many tokens takes, whether it is filled or not."""
        whole = _cells(context)
        short = whole if self.window is None else min(whole, _cells(self.window + _BATCH_TOKENS))
        windowed = self.windowed or (False,) * len(self.cache_widths)
        return sum(
            width * _CELL_BYTES * (short if small else whole)
            for width, small in zip(self.cache_widths, windowed, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether a model fits. Bytes; None where that cannot be known.

    "tight": it fits into this machine, but not beside what runs now; "too_large": it does not fit at all.
    """

    needed: int | None
    available: int | None
    total: int | None
    verdict: Verdict


def shape_of(head: GgufHead) -> ModelShape | None:
    """The shape that a head describes; None where it says too little, or what no model has."""
    own = head.architecture
    layers = head.number(f"{own}.block_count", _MOST_LAYERS)
    embedding = head.number(f"{own}.embedding_length", _MOST_EMBEDDING) or None
    all_heads = head.numbers(f"{own}.attention.head_count", _MOST_HEADS)
    heads = head.numbers(f"{own}.attention.head_count_kv", _MOST_HEADS) or all_heads
    if not layers or not heads:
        return None
    if len(heads) == 1:
        heads *= layers
    each = 0 if embedding is None else embedding // max(*all_heads, 1, 1)
    key = head.number(f"{own}.attention.key_length", _MOST_LENGTH) or each
    value = head.number(f"{own}.attention.value_length", _MOST_LENGTH) or each
    if len(heads) != layers or not key or not value:
        return None
    # Which layers have a window is told by some models only; the others are taken to have none.
    pattern = head.numbers(f"{own}.attention.sliding_window_pattern", 1)
    window = head.number(f"{own}.attention.sliding_window", _MOST_LAYERS * _CELLS) or None
    if len(pattern) != layers or window is None:
        pattern, window = (), None
    return ModelShape(
        tuple(count * (key + value) for count in heads), embedding, window, tuple(map(bool, pattern))
    )


def needed_bytes(size: int, shape: ModelShape | None, context: int) -> int | None:
    """Memory for a model that is loaded: its weights, its context, and what computing takes.

    Args:
        size: of the file in bytes; all of it is mapped.
        shape: None leaves the answer unknown.
        context: in tokens.
    """
    if shape is None:
        return None
    computing = _BATCH_TOKENS * 4 * _WIDE * (shape.embedding or _USUAL_EMBEDDING)
    return size + shape.cache_bytes(context) + _RUNTIME_BYTES + computing


def fit(size: int, shape: ModelShape | None, context: int, available: int | None, total: int | None) -> Fit:
    """Whether a model with this context fits into memory.

    Args:
        size: of the file in bytes.
        shape: of the model.
        context: in tokens.
        available: bytes free now, counting what the system gives up at once.
        total: bytes that this program may ever have.
    """
    needed = needed_bytes(size, shape, context)
    least = size if needed is None else needed
    verdict: Verdict
    if total is not None and least > total * _AT_MOST:
        verdict = "too_large"
    elif needed is None or available is None:
        verdict = "unknown"
    else:
        verdict = "tight" if needed > available * _COMFORTABLE else "fits"
    return Fit(needed, available, total, verdict)


def largest_context(
    size: int, shape: ModelShape | None, choices: tuple[int, ...], available: int | None, total: int | None
) -> int | None:
    """The largest of these contexts (in tokens) with which the model fits; None where none does."""
    fitting = (one for one in choices if fit(size, shape, one, available, total).verdict == "fits")
    return max(fitting, default=None)


def _cells(tokens: int) -> int:
    return -(-tokens // _CELLS) * _CELLS
