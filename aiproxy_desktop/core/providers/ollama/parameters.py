"""The parameters of a model at Ollama, and how each is written (`api.Options` of its source)."""

from __future__ import annotations

import math

_WHOLE = frozenset(
    {
        *("num_ctx", "num_batch", "num_gpu", "main_gpu", "num_thread", "num_keep", "num_predict"),
        *("seed", "top_k", "repeat_last_n", "mirostat", "draft_num_predict"),
    }
)
_NUMBERS = frozenset(
    {
        *("temperature", "top_p", "min_p", "typical_p", "tfs_z", "repeat_penalty", "presence_penalty"),
        *("frequency_penalty", "mirostat_tau", "mirostat_eta"),
    }
)
_SWITCHES = frozenset(
    {"use_mmap", "use_mlock", "numa", "low_vram", "penalize_newline", "f16_kv", "logits_all", "vocab_only"}
)
_WORDS = {"true": True, "1": True, "t": True, "false": False, "0": False, "f": False}


def parameter_value(name: str, text: str) -> str | int | float | bool | None:
    """What a parameter is set to by a text.

    Returns:
        None where there is no such parameter; for `stop` the text itself; for any other one whose text
        cannot be read, what it takes, in words.
    """
    if name == "stop":
        return text
    if name in _WHOLE:
        return _whole(text)
    if name in _NUMBERS:
        return _number(text)
    if name in _SWITCHES:
        found = _WORDS.get(text.lower())
        return "true or false" if found is None else found
    return None


def _whole(text: str) -> int | str:
    try:
        return int(text)
    except ValueError:
        return "a whole number"


def _number(text: str) -> float | str:
    try:
        value = float(text)
    except ValueError:
        return "a number"
    return value if math.isfinite(value) else "a number"
