"""Facts about Gemini's models, as data: other names for them, who takes what, what a refusal teaches.

From google-genai 3.4.0 (`types.py`), ai.google.dev's pages on thinking, thought signatures, tool
combination, files and the Gemini 3 migration, and the refusals themselves as developers report them.
Names come and go; what a provider's own list or refusal says goes first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from aiproxy_desktop.core.messages import Effort
from aiproxy_desktop.core.models import Capabilities

# Names that callers may use for models that go by another one.
ALIASES: Mapping[str, str] = {
    "gemini-2.5-flash-image": "gemini-2.5-flash-image-preview",
    "g2.5-flash-image": "gemini-2.5-flash-image-preview",
}

# Words in the ids of models that take generateContent but answer neither in text nor in images.
NOT_LISTED = ("embedding", "imagen", "live", "lyria", "native-audio", "tts", "veo")

# Bytes. A request may hold 100 MB in all; larger media go through the Files API (2 GB a file).
MAX_INLINE_PART = 20 * 1000 * 1000
MAX_INLINE_TOTAL = 95 * 1000 * 1000

# One 4K image comes as one event of some 20 MB of base64.
MAX_IMAGE_FRAME_BYTES = 64 * 1024 * 1024

# Stands in for the signature of a call that another model made; Gemini 3 and later refuse none at all.
NO_SIGNATURE = "skip_thought_signature_validator"

# Types as Gemini names them, for those that systems and browsers name otherwise.
MIME_NAMES: Mapping[str, str] = {
    "image/jpg": "image/jpeg",
    "audio/mpeg": "audio/mp3",
    "audio/mpeg3": "audio/mp3",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/vnd.wave": "audio/wav",
    "audio/x-aiff": "audio/aiff",
    "audio/x-aac": "audio/aac",
    "audio/x-flac": "audio/flac",
    "application/ogg": "audio/ogg",
    "video/quicktime": "video/mov",
    "application/x-pdf": "application/pdf",
}

LEVELS = ("MINIMAL", "LOW", "MEDIUM", "HIGH", "XHIGH")
_USUAL_LEVELS = ("LOW", "MEDIUM", "HIGH")
_EFFORT_LEVELS: Mapping[Effort, str] = {
    "none": "MINIMAL",
    "minimal": "MINIMAL",
    "low": "LOW",
    "medium": "MEDIUM",
    "high": "HIGH",
    "xhigh": "XHIGH",
    "max": "XHIGH",
}
# Tokens, as Gemini's own OpenAI-compatible interface translates effort.
_EFFORT_BUDGETS: Mapping[Effort, int] = {
    "none": 0,
    "minimal": 1024,
    "low": 1024,
    "medium": 8192,
    "high": 24576,
    "xhigh": 32768,
    "max": 32768,
}


@dataclass(frozen=True, slots=True)
class GeminiRules:
    """What one model takes.

    `levels` are the thinking levels it knows, `budget` the bounds of its thinking budget in tokens (a
    least of 0 means that thinking can be turned off); neither means that effort cannot be set. `thoughts`
    is whether it shows its thoughts, None where only the provider's list can tell. `functions` are tools of
    the caller's, `search` the provider's own; `mixed_tools` both at once, `json_with_tools` JSON beside
    functions. `schema_names` is whether it reads the JSON-schema fields, instead of OpenAPI's. `prefill`
    is whether the last turn may be the model's own.
    """

    images_out: bool | None = None
    media: bool | None = None
    functions: bool = True
    search: bool | None = None
    mixed_tools: bool = False
    json: bool = True
    json_with_tools: bool = False
    schema_names: bool = True
    system: bool = True
    sampling: bool = True
    prefill: bool = True
    signatures: bool = False
    thoughts: bool | None = None
    levels: tuple[str, ...] = ()
    budget: tuple[int, int] | None = None

    @property
    def thinks(self) -> bool:
        """Whether effort can be set."""
        return bool(self.levels) or self.budget is not None

    def level(self, effort: Effort) -> str:
        """The level nearest to an effort, the lower one of two."""
        wanted = LEVELS.index(_EFFORT_LEVELS[effort])
        return min(
            self.levels, key=lambda level: (abs(LEVELS.index(level) - wanted), LEVELS.index(level) > wanted)
        )

    def tokens(self, effort: Effort) -> int:
        """The budget nearest to an effort."""
        assert self.budget is not None
        if effort == "none" and self.budget[0] == 0:
            return 0
        least = self.budget[0] or 512  # the smallest budget that Flash-Lite takes without turning off
        return max(least, min(_EFFORT_BUDGETS[effort], self.budget[1]))

    def takes(self, effort: Effort) -> bool:
        """Whether an effort is followed as it is, instead of by the nearest one."""
        if self.levels:
            return effort != "none" and _EFFORT_LEVELS[effort] in self.levels
        if self.budget is None:
            return False
        return self.budget[0] == 0 if effort == "none" else _EFFORT_BUDGETS[effort] <= self.budget[1]


_OLD = GeminiRules(images_out=False, media=True)
_IMAGE = GeminiRules(images_out=True, media=True, functions=False, json=False, signatures=True)
_BUDGET = GeminiRules(images_out=False, media=True, search=True, thoughts=True, budget=(0, 24576))
_LEVEL = GeminiRules(
    images_out=False,
    media=True,
    search=True,
    mixed_tools=True,
    json_with_tools=True,
    signatures=True,
    thoughts=True,
    levels=_USUAL_LEVELS,
)
# Sampling fields are read over by these (and an error in models to come), a last turn of the model's own
# is refused.
_FIXED = replace(_LEVEL, sampling=False, prefill=False)
_GEMMA = GeminiRules(
    images_out=False, functions=False, search=False, json=False, system=False, thoughts=False
)

# First match wins.
RULES: tuple[tuple[str, GeminiRules], ...] = (
    ("gemini-2.*-image*", replace(_IMAGE, signatures=False, thoughts=False)),
    ("gemini-3-pro-image*", replace(_IMAGE, json=True, search=True)),
    ("*-image", _IMAGE),
    ("*-image-*", _IMAGE),
    ("*nano-banana*", _IMAGE),
    ("gemini-pro-vision*", replace(_OLD, functions=False)),
    ("gemini-pro", replace(_OLD, media=None)),
    ("gemini-1.*", _OLD),
    ("gemini-2.0-*", replace(_OLD, search=True)),
    ("gemini-2.5-pro*", replace(_BUDGET, budget=(128, 32768))),
    ("gemini-2.5-*", _BUDGET),
    ("gemini-3-pro*", replace(_LEVEL, levels=("LOW", "HIGH"))),
    ("gemini-3-flash*", replace(_LEVEL, levels=("MINIMAL", *_USUAL_LEVELS))),
    ("gemini-3.1-pro*", _LEVEL),
    ("gemini-3.1-flash*", replace(_LEVEL, levels=("MINIMAL", *_USUAL_LEVELS))),
    ("gemini-3.5-flash-lite*", replace(_FIXED, levels=("MINIMAL", *_USUAL_LEVELS))),
    ("gemini-3.5-*", replace(_LEVEL, levels=("MINIMAL", *_USUAL_LEVELS))),
    ("gemini-3.*", _FIXED),
    ("gemini-4*", replace(_FIXED, levels=LEVELS)),
    ("gemini-*-latest", _FIXED),
    ("gemma-2*", replace(_GEMMA, media=False)),
    ("gemma-3*", _GEMMA),
)
# Hopeful: a refusal teaches better.
_UNKNOWN = GeminiRules(mixed_tools=True, json_with_tools=True)

_LESSONS: tuple[tuple[re.Pattern[str], Mapping[str, Any]], ...] = (
    (re.compile(r"(?:developer|system)[ _]?instruction is not (?:enabled|supported)"), {"system": False}),
    (re.compile(r"json mode is not (?:enabled|supported)"), {"json": False}),
    (re.compile(r"response mime type.{0,40}is unsupported"), {"json_with_tools": False}),
    (re.compile(r"tool use with function calling is unsupported"), {"mixed_tools": False}),
    (re.compile(r"function calling is not (?:enabled|supported)"), {"functions": False}),
    (
        re.compile(r"(?:parameters|response)_?json_?schema"),
        {"schema_names": False},
    ),
    (
        re.compile(
            r"thinking(?:[ _](?:config|budget))? is not (?:enabled|supported|configurable)"
            r"|thinking level is not supported|include_?thoughts is only enabled"
            r"|unknown name .{0,8}thinking_?config"
        ),
        {"thoughts": False, "levels": (), "budget": None},
    ),
    (
        re.compile(r"(?:temperature|top_?p|top_?k)\b.{0,60}(?:not supported|unsupported|deprecated)"),
        {"sampling": False},
    ),
    (re.compile(r"(?:final|last) turn|must end with a user|prefill"), {"prefill": False}),
)
_LEVEL_REFUSED = re.compile(r"thinking level (?:thinking_level_)?([a-z]+) is not supported")


def plain_name(model: str) -> str:
    """A model's id as the tables know it."""
    return model.removeprefix("models/").lower()


@lru_cache(maxsize=256)  # asked for several times a request
def rules_for(model: str) -> GeminiRules:
    """What is known of a model by its name; of a name that fits nothing, what most models take."""
    name = plain_name(model)
    return next((rules for pattern, rules in RULES if fnmatchcase(name, pattern)), _UNKNOWN)


def learned(rules: GeminiRules, message: str) -> GeminiRules:
    """The rules with what a refusal says of them; the same ones where it says nothing."""
    words = message[:2000].lower()
    level = _LEVEL_REFUSED.search(words)
    if level is not None and level[1].upper() in rules.levels:
        return replace(rules, levels=tuple(one for one in rules.levels if one != level[1].upper()))
    for pattern, lesson in _LESSONS:
        if pattern.search(words):
            return replace(rules, **lesson)
    return rules


def capabilities(model: str, rules: GeminiRules, thinking: bool | None) -> Capabilities:
    """What a model can do; `thinking` is what the provider's list says."""
    known = rules is not _UNKNOWN
    images = bool(rules.images_out)
    return Capabilities(
        vision=rules.media if plain_name(model).startswith("gemini-") or images else None,
        audio=False if images else rules.media,
        video=False if images else rules.media,
        documents=rules.media,
        tools=rules.functions if known else None,
        json_mode=rules.json if known else None,
        json_schema=rules.json if known else None,
        streaming=True,
        thinking=thinking if thinking is not None else rules.thoughts,
        sampling=rules.sampling if known else None,
        web_search=rules.search,
        images_out=rules.images_out,
        audio_out=False if known else None,
    )
