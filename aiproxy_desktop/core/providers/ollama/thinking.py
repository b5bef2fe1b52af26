"""How hard a model is to think, in the terms that Ollama has for it."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from aiproxy_desktop.core.messages import Effort

# Models that take how hard to think as a level, and cannot be told not to. All others think or do not.
# https://docs.ollama.com/capabilities/thinking
_TAKE_LEVELS = ("*gpt-oss*",)
_NEAREST: dict[Effort, str] = {
    "none": "low",
    "minimal": "low",
    "low": "low",
    "medium": "medium",
    "high": "high",
    "xhigh": "high",
    "max": "high",
}


@dataclass(frozen=True, slots=True)
class Thinking:
    """The field `think` for an effort (None leaves it out), and what to tell about it."""

    value: bool | str | None
    note: str = ""


def thinking_for(effort: Effort, model: str, *, thinks: bool | None, levels: bool = True) -> Thinking:
    """What to send for an effort.

    Args:
        effort: as asked for.
        model: its name at Ollama.
        thinks: whether it can; None where that is not known.
        levels: False once a server refused a level for this model.
    """
    if thinks is False:
        note = "" if effort == "none" else "This model does not think, so the effort was left out."
        return Thinking(None, note)
    if levels and any(fnmatchcase(model.lower(), pattern) for pattern in _TAKE_LEVELS):
        level = _NEAREST[effort]
        if effort == "none":
            return Thinking(level, "This model cannot be told not to think; it thinks as little as it can.")
        note = "" if level == effort else f"This model has no effort “{effort}”; “{level}” is the nearest."
        return Thinking(level, note)
    if effort == "none":
        return Thinking(False)
    return Thinking(True, "This model thinks or does not, without degrees; it was told to think.")
