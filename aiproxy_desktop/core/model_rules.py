"""Facts about model names, as data: which ones cannot chat, who serves a bare name, who takes what.

Names come and go; each table says where it is from. A provider's own report always goes first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache

# Words in the ids of OpenAI's list that mark what answers no conversation: other media, the Realtime
# interface, and models that work only with tools of their own (openai-python 3.57.0, `types/shared`).
OPENAI_NOT_CHAT = (
    "audio", "babbage", "computer-use", "dall-e", "davinci", "deep-research", "embedding", "image",
    "instruct", "live", "moderation", "omni-mini", "realtime", "sora", "speech", "transcribe", "translate",
    "tts", "whisper",
)  # fmt: skip

# The same for compatible servers, which name chat models as they please: only what is plain.
COMPATIBLE_NOT_CHAT = (
    "dall-e", "embed", "gpt-image", "moderation", "rerank", "sora", "stable-diffusion", "transcribe", "tts",
    "whisper",
)  # fmt: skip

# OpenAI's models that can reason, and those of the same names that only chat (OpenAI's reasoning guide).
_REASONING = ("o[0-9]*", "gpt-[5-9]*", "gpt-[1-9][0-9].*", "gpt-daybreak-*")
_ONLY_CHATS = ("gpt-3*", "gpt-4*", "chatgpt-*", "gpt-audio*", "*-chat-latest")

# Those that reason although nobody asked, and refuse the effort `none` (OpenAI's reasoning guide).
_ALWAYS_REASONS = ("o[0-9]*", "gpt-5", "gpt-5-*", "gpt-6-astra*", "gpt-6.1-sol*", "*-pro", "*-pro-20*")

# The efforts that a model takes, where they are not all (`shared/reasoning_effort.py` and model pages).
_EFFORTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("*-pro", ()),
    ("*-pro-20*", ()),
    ("o[0-9]*", ("low", "medium", "high")),
    ("gpt-5", ("minimal", "low", "medium", "high")),
    ("gpt-5-*", ("minimal", "low", "medium", "high")),
    ("gpt-5.1*", ("none", "low", "medium", "high")),
)

# Served by the Responses interface alone (`shared/all_models.py`: the ids that are no ChatModel).
_RESPONSES_ONLY = (
    "*-pro", "*-pro-20*", "*codex*", "*deep-research*", "computer-use*", "gpt-daybreak-*", "gpt-*-cyber",
    "gpt-*rosalind*", "gpt-*-astra-law",
)  # fmt: skip

# Function tools together with reasoning need the Responses interface from 5.6 on.
_RESPONSES_FOR_TOOLS = ("gpt-5.[6-9]*", "gpt-[6-9]*", "gpt-[1-9][0-9].*", "gpt-daybreak-*")

# Their reasoning can be read as a summary, in the Responses interface alone (`shared/reasoning.py`).
_SUMMARIES = ("o3", "o3-20*", "o3-pro*", "o4*", "gpt-[5-9]*", "gpt-[1-9][0-9].*", "gpt-daybreak-*")

# They can call the tool `image_generation` of the Responses interface (OpenAI's image generation guide).
_IMAGE_TOOL = ("gpt-4o*", "gpt-4.1*", "o3*", "gpt-[5-9]*", "gpt-[1-9][0-9].*")

# JSON, but not of a schema (structured outputs began with gpt-4o-2024-08-06).
_NO_JSON_SCHEMA = ("gpt-3.5*", "gpt-4", "gpt-4-*", "gpt-4o-2024-05-13", "o1-mini*", "o1-preview*")

# Tools of the Responses interface (`responses/tool.py`); chat completions refuse them.
RESPONSES_TOOLS = frozenset(
    {"web_search", "web_search_preview", "image_generation", "code_interpreter", "file_search", "mcp"}
    | {"computer_use_preview", "computer", "shell", "local_shell", "apply_patch", "tool_search"}
)

# What reasoning models refuse while they reason.
SAMPLING_FIELDS = (
    "top_p", "presence_penalty", "frequency_penalty", "logit_bias", "logprobs", "top_logprobs",
)  # fmt: skip

# Fields of a request that only one of the two interfaces knows (`chat/completion_create_params.py`,
# `responses/response_create_params.py`).
CHAT_ONLY_FIELDS = frozenset(
    {"audio", "frequency_penalty", "function_call", "functions", "logit_bias", "logprobs", "modalities", "n"}
    | {"prediction", "presence_penalty", "seed", "stop", "stream_options", "web_search_options"}
)
RESPONSES_ONLY_FIELDS = frozenset(
    {"background", "context_management", "conversation", "include", "max_tool_calls", "previous_response_id"}
    | {"prompt", "reasoning", "text", "truncation"}
)


@dataclass(frozen=True, slots=True)
class OpenAIModel:
    """What is known of one of OpenAI's models. `efforts` is empty where all are taken or none is known."""

    reasons: bool
    never_reasons: bool
    always_reasons: bool
    efforts: tuple[str, ...]
    responses_only: bool
    responses_for_tools: bool
    summaries: bool
    image_tool: bool
    json_schema: bool


@lru_cache(maxsize=512)
def openai_model(name: str) -> OpenAIModel:
    """The facts of a model of OpenAI's, fine-tuned ones as the model under them."""
    name = name.removeprefix("ft:").partition(":")[0]
    never_reasons = _fits(name, _ONLY_CHATS)
    reasons = _fits(name, _REASONING) and not never_reasons
    return OpenAIModel(
        reasons=reasons,
        never_reasons=never_reasons,
        always_reasons=reasons and _fits(name, _ALWAYS_REASONS),
        efforts=next((efforts for pattern, efforts in _EFFORTS if fnmatchcase(name, pattern)), ()),
        responses_only=_fits(name, _RESPONSES_ONLY),
        responses_for_tools=reasons and _fits(name, _RESPONSES_FOR_TOOLS),
        summaries=reasons and _fits(name, _SUMMARIES),
        image_tool=_fits(name, _IMAGE_TOOL),
        json_schema=not _fits(name, _NO_JSON_SCHEMA),
    )


def holds_word(model: str, words: tuple[str, ...]) -> bool:
    """Whether a model id holds one of the words, at the start of a part of the id."""
    name = model.lower()
    return any(re.search(rf"(?:^|[^a-z]){re.escape(word)}", name) for word in words)


def _fits(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
