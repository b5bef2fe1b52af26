"""Facts about model names, as data: which ones cannot chat, who serves a bare name, who takes what.

Names come and go; each table says where it is from. A provider's own report always goes first.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

# Words in the ids of OpenAI's list that mark what chat completions do not serve: other media, and
# models of the Responses and Realtime interfaces (openai-python 3.54.0, `types/shared`).
OPENAI_NOT_CHAT = (
    "audio", "babbage", "codex", "computer-use", "dall-e", "davinci", "deep-research", "embedding", "image",
    "instruct", "live", "moderation", "omni-mini", "realtime", "sora", "speech", "transcribe", "translate",
    "tts", "whisper",
)  # fmt: skip

# The same for compatible servers, which name chat models as they please: only what is plain.
COMPATIBLE_NOT_CHAT = (
    "dall-e", "embed", "gpt-image", "moderation", "rerank", "sora", "stable-diffusion", "transcribe", "tts",
    "whisper",
)  # fmt: skip

# Gemini models that take generateContent but answer with other media.
GEMINI_NOT_CHAT = ("embedding", "image", "imagen", "live", "nano-banana", "native-audio", "tts", "veo")

# OpenAI models that always reason and refuse a temperature.
FIXED_TEMPERATURE = ("o[0-9]*", "gpt-5", "gpt-5-*", "gpt-6-astra*", "gpt-6.1-sol*")

# Bare names to providers, first match wins. None stops the search: the open-weight gpt-oss models
# are served by anyone but OpenAI.
NAME_RULES: tuple[tuple[str, str | None], ...] = (
    ("gpt-oss*", None),
    ("gpt-*", "openai"),
    ("chatgpt-*", "openai"),
    ("ft:gpt-*", "openai"),
    ("o1", "openai"),
    ("o1-*", "openai"),
    ("o3", "openai"),
    ("o3-*", "openai"),
    ("o4-*", "openai"),
    ("gemini-*", "gemini"),
    ("models/gemini-*", "gemini"),
    ("claude-*", "anthropic"),
)


def provider_by_rule(model: str) -> str | None:
    """The provider that the bundled table names for a bare model name, if it names one."""
    for pattern, provider in NAME_RULES:
        if fnmatchcase(model, pattern):
            return provider
    return None


def holds_word(model: str, words: tuple[str, ...]) -> bool:
    """Whether a model id holds one of the words, at the start of a part of the id."""
    name = model.lower()
    return any(re.search(rf"(?:^|[^a-z]){re.escape(word)}", name) for word in words)


def fixes_temperature(model: str) -> bool:
    """Whether an OpenAI model is known to refuse a temperature."""
    return any(fnmatchcase(model, pattern) for pattern in FIXED_TEMPERATURE)
