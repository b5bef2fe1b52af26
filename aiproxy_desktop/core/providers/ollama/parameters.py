"""The parameters of a model at Ollama, and how each is written (`api.Options` of its source)."""

from __future__ import annotations

import difflib
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
_LIKE = 0.85

_WORDS = {"true": True, "1": True, "t": True, "false": False, "0": False, "f": False}


def parameter_value(name: str, text: str) -> str | int | float | bool | None:
    """What a parameter is set to by a text.

    Returns:
        for `stop` the text itself; for any other known one whose text cannot be read, what it takes, in
        words; None for one that is not known (see `guessed_value`).
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


def misspelt(name: str) -> str:
    """The known parameter that an unknown one was meant to be; empty where it is like none."""
    known = ("stop", *_WHOLE, *_NUMBERS, *_SWITCHES)
    return next(iter(difflib.get_close_matches(name[:60], known, 1, _LIKE)), "")


def guessed_value(text: str) -> str | int | float | bool:
    """What an unknown parameter is set to: a number or a switch where the text reads as one, else the text.

    A newer server may know it. None refuses it: what it does not know it keeps, and passes over.
    """
    word = {"true": True, "false": False}.get(text.lower())
    if word is not None:
        return word
    for found in (_whole(text), _number(text)):
        if not isinstance(found, str):
            return found
    return text


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
